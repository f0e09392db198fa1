"""The rejected events about which somebody must do something, and which of them are meant."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

import duckdb


class Selection(NamedTuple):
    """Which events are meant; None for any.

    Attributes:
        reason: Their reject reason.
        source: Who sent them.
        event_id: Their id.
    """

    reason: str | None = None
    source: str | None = None
    event_id: str | None = None


class OpenEvent(NamedTuple):
    """A rejected event, by the line that stands for it.

    Attributes:
        received_at: When that line was received, UTC without a zone.
        source: Who sent it.
        event_id: Its id.
        event_name: Its type as sent, if it named one.
        reject_reason: Why it was rejected.
        reject_field: The path of the field at fault; None where it is the whole body.
        line: The raw line.
        original_id: The `message_id` of the line, or of the one that the line replays.
    """

    received_at: datetime
    source: str
    event_id: str
    event_name: str | None
    reject_reason: str
    reject_field: str | None
    line: str
    original_id: str


_OPEN: Final = """
    from retailpulse_silver.quarantined_events_status
    where
        status = 'open'
        and reject_reason = coalesce($reason, reject_reason)
        and source = coalesce($source, source)
        and event_id = coalesce($event_id, event_id)
"""
EVENTS: Final = f"""
    select
        received_at,
        source,
        event_id,
        event_name,
        reject_reason,
        reject_field,
        line,
        coalesce(replayed_from, message_id)
    {_OPEN}
"""
"""The columns of `OpenEvent`; its parameters are those of `Selection`."""

_REASONS: Final = f"""
    select reject_reason, any_value(meaning), any_value(what_to_do)
    from (select reject_reason {_OPEN}) as open_events
    inner join retailpulse_silver.reject_reasons using (reject_reason)
    group by reject_reason
    order by count(*) desc, reject_reason
"""  # noqa: S608
_LATEST: Final = f"{EVENTS} order by received_at desc, message_id desc limit $limit"
_EXTENT: Final = f"select count(*), max(received_at) {_OPEN}"


def reasons(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> list[tuple[str, str, str]]:
    """Return each reason's code, its meaning and what to do, the most frequent first."""
    return _rows(connection, _REASONS, selection)


def latest(
    connection: duckdb.DuckDBPyConnection, selection: Selection, limit: int
) -> list[OpenEvent]:
    """Return those that were received last, the latest first."""
    return [OpenEvent._make(row) for row in _rows(connection, _LATEST, selection, limit=limit)]


def extent(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> tuple[int, datetime | None]:
    """Return how many there are, and when the last was received; None without any."""
    [(count, last)] = _rows(connection, _EXTENT, selection)
    return count, last


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, selection: Selection, **more: object
) -> list[tuple[Any, ...]]:
    return connection.execute(sql, {**selection._asdict(), **more}).fetchall()
