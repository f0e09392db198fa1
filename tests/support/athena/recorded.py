"""What DuckDB comes to in the eventful days: what Athena is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.athena.contents import Contents
from tests.support.athena.engines import EmbeddedEngine
from tests.support.athena.history import eventful_days
from tests.support.project.followed import project_following


@dataclass(frozen=True)
class Recorded:
    """What was there.

    Attributes:
        after: All of silver and gold, after each step.
        raw: The raw objects in the end, by their keys.
    """

    after: dict[str, Contents]
    raw: dict[str, bytes]


@cache
def recorded_eventful_days(seed: int, followed: tuple[str, ...]) -> Recorded:
    """Tell DuckDB the eventful days, once in a process; it follows these sources."""
    with TemporaryDirectory(prefix="eventful-days-") as name:
        folder = Path(name)
        engine = EmbeddedEngine(folder / "home", project_following(folder / "project", *followed))
        after = {step: engine.everything() for step in eventful_days(engine, seed)}
        return Recorded(after, raw_objects(engine.home))


def raw_objects(home: Path) -> dict[str, bytes]:
    """The objects of a home's raw folder; the one without lines is DuckDB's own."""
    raw = home / "raw" / "events"
    return {
        str(path.relative_to(raw)): path.read_bytes()
        for path in raw.rglob("*.ndjson.gz")
        if "dt=1970-01-01" not in path.parts
    }
