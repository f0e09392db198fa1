from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ingestion.ingester import unique_batch_id
from retailpulse.local.arrivals import Arrivals, find_arrivals


def land(raw: Path, *moments: datetime, event_type: str = "order_created") -> None:
    for moment in moments:
        hour = raw / "events" / f"event_type={event_type}" / f"{moment:dt=%Y-%m-%d/hour=%H}"
        hour.mkdir(parents=True, exist_ok=True)
        (hour / f"{unique_batch_id(moment)}.ndjson.gz").touch()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_what_was_received_after_a_moment_waits(tmp_path: Path) -> None:
    land(tmp_path, at(1, 5), at(2, 5, 10), at(2, 5, 50), at(2, 23), at(10, 0))
    land(tmp_path, at(3, 0), event_type="unknown")
    assert find_arrivals(tmp_path, at(2, 5, 30)) == Arrivals(last=at(10, 0), waiting=4)
    assert find_arrivals(tmp_path, at(10, 0)) == Arrivals(last=at(10, 0), waiting=0)
    assert find_arrivals(tmp_path, at(20, 0)) == Arrivals(last=at(10, 0), waiting=0)
    assert find_arrivals(tmp_path, None) == Arrivals(last=at(10, 0), waiting=6)


def test_without_arrivals_there_is_no_last(tmp_path: Path) -> None:
    assert find_arrivals(tmp_path, None) == Arrivals(last=None, waiting=0)
    empty = tmp_path / "events/event_type=unknown/dt=1970-01-01/hour=00"
    empty.mkdir(parents=True)
    (empty / "empty.ndjson.gz").touch()
    assert find_arrivals(tmp_path, at(1, 0)) == Arrivals(last=None, waiting=0)
