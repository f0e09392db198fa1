"""Lives of rows whose versions arrive in any order, and the history that they have all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any, Final, Protocol

from tests.support.road.histories import LandsEvents, run_start

KEYS: Final = 100
RUNS: Final = 4
VERSIONS: Final = 9

MODELS: Final = (
    *("--select", "run_windows", "stg_catalog__products_arrivals"),
    *("products_versions", "products", "products_history"),
)
HISTORY: Final = """
    select product_id, name, valid_from, valid_to, is_current, is_first_known
    from retailpulse_silver.products_history
    order by product_id, valid_from
"""
CURRENT: Final = "select product_id, name from retailpulse_silver.products order by product_id"

# Before the first run, and the last of it before that, too.
_BORN: Final = run_start(0) - timedelta(days=2)
_FIRST: Final = datetime(1970, 1, 1)
_LAST: Final = datetime(9999, 12, 31)


@dataclass(frozen=True)
class Version:
    """A row as it was read: its place among its versions, when, and its name if it is there."""

    key: str
    place: int
    at: datetime
    name: str | None


def lives(rng: Random) -> dict[str, list[Version]]:
    """Return what becomes of each row, in order; its clock stands still and goes back at times."""
    return {key: list(_life(rng, key)) for key in (f"p-{number:03d}" for number in range(KEYS))}


def _life(rng: Random, key: str) -> Iterator[Version]:
    at = _BORN
    for place in range(rng.randint(1, VERSIONS)):
        at += timedelta(seconds=rng.choice((0, 1, 60, 3_600, -30)))
        name = None if place and rng.random() < 0.2 else rng.choice("abc")
        yield Version(key, place, at, name)


class Builds(LandsEvents, Protocol):
    """A lakehouse that lands and builds."""

    def build(self, *arguments: str, at: datetime | None = None, command: str = "build") -> None:
        """Run dbt."""


def build_in_any_order(lakehouse: Builds, rng: Random, told: dict[str, list[Version]]) -> None:
    """Land the versions in four runs, each row's in an order of its own, some of them twice."""
    batches: list[list[Version]] = [[] for _ in range(RUNS)]
    for versions in told.values():
        for version in [*versions, *rng.choices(versions, k=len(versions) // 3)]:
            batches[rng.randrange(RUNS)].append(version)
    for run, batch in enumerate(batches):
        rng.shuffle(batch)
        at = run_start(run)
        lakehouse.land([_body(version) for version in batch], at - timedelta(minutes=2), f"r{run}")
        lakehouse.build(*MODELS, at=at, command="run")


def _body(version: Version) -> bytes:
    data = {"product_id": version.key}
    if version.name is not None:
        data["name"] = version.name
    sequence = f"1767225600/{version.place:020d}/{0:010d}"
    event = {
        "specversion": "1.0",
        "id": f"{version.key}/{sequence}",
        "type": "product_changed",
        "source": "catalog",
        "time": version.at.isoformat(),
        "op": "delete" if version.name is None else "upsert",
        "sequence": sequence,
        "data": data,
    }
    return json.dumps(event).encode()


def history_of(told: dict[str, list[Version]]) -> list[tuple[Any, ...]]:
    """Return the rows of HISTORY, made by hand from the lives."""
    return [row for key in sorted(told) for row in _spans(told[key])]


def current_of(told: dict[str, list[Version]]) -> list[tuple[Any, ...]]:
    """Return the rows of CURRENT, likewise."""
    return [(key, told[key][-1].name) for key in sorted(told) if told[key][-1].name is not None]


def _spans(versions: Sequence[Version]) -> Iterator[tuple[Any, ...]]:
    """The states of a row, each from when to when."""
    valid, latest = list[tuple[datetime, str | None]](), versions[0].at
    for version in versions:
        # Validity never goes back.
        latest = max(latest, version.at)
        valid.append((latest.astimezone(UTC).replace(tzinfo=None), version.name))
    # Of several at one moment the last counts, of neighbours that are alike the first.
    at_once = [list(group)[-1] for _, group in groupby(valid, lambda each: each[0])]
    states = [next(group) for _, group in groupby(at_once, lambda each: each[1])]
    ends = [since for since, _ in states[1:]] + [_LAST]
    for place, ((since, name), until) in enumerate(zip(states, ends, strict=True)):
        if name is not None:
            is_first = place == 0
            yield (
                *(versions[0].key, name, _FIRST if is_first else since, until),
                *(until == _LAST, is_first),
            )
