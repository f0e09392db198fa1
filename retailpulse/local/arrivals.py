"""What the raw zone's names tell: when something last arrived, and how much since a moment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

# An object's name begins with when it was received, UTC (ingestion.ingester.unique_batch_id).
_RECEIVED: Final = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
_FORMAT: Final = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What has arrived.

    Attributes:
        last: When the latest object was received, UTC; None if nothing ever was.
        waiting: How many objects were received after the moment that was asked about.
    """

    last: datetime | None
    waiting: int


def find_arrivals(raw: Path, read_until: datetime | None) -> Arrivals:
    """List the raw objects of the hours since a moment, and of the last hour with any.

    Args:
        raw: The raw zone's root.
        read_until: The moment, UTC; None for the beginning.
    """
    since = read_until.strftime(_FORMAT) if read_until else ""
    earliest = f"{read_until:dt=%Y-%m-%d/hour=%H}" if read_until else ""
    last, waiting = "", 0
    for event_type in _newest_first(raw / "events"):
        for hour in _hours(event_type):
            received = list(_received(hour))
            last = max(last, *received, "")
            waiting += sum(each > since for each in received)
            if f"{hour.parent.name}/{hour.name}" <= earliest:
                break
    return Arrivals(datetime.strptime(last, _FORMAT).replace(tzinfo=UTC) if last else None, waiting)


def _hours(event_type: Path) -> Iterator[Path]:
    for day in _newest_first(event_type):
        yield from _newest_first(day)


def _newest_first(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted((entry.name for entry in entries if entry.is_dir()), reverse=True)
    except FileNotFoundError:
        return []
    return [folder / name for name in names]


def _received(hour: Path) -> Iterator[str]:
    with os.scandir(hour) as entries:
        for entry in entries:
            if received := _RECEIVED.match(entry.name):
                yield received[0]
