"""Quarantined raw lines as messages that travel the road again."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Final

import duckdb
import msgspec
from msgspec import Raw, Struct

from ingestion.envelope import Message, Replay
from retailpulse.errors import WorkError
from retailpulse.local.home import Home
from retailpulse.local.open_events import EVENTS, OpenEvent, Selection

CONFLICT: Final = "conflicting_duplicate"

# What a conflict lost to counts whatever comes again, unless it was asked for by name.
_IN_ORDER: Final = f"""
    {EVENTS}
    and ($reason is not null or reject_reason <> '{CONFLICT}')
    order by received_at, message_id
    limit $limit
"""
# As ingestion.envelope makes it.
_OVERSIZED_KEY: Final = re.compile(r"oversized/dt=\d{4}-\d\d-\d\d/[0-9a-f]{64}")
# A line has 1 MiB at most.
_FETCHED_ROWS: Final = 100


class UnreadableLineError(WorkError):
    """A raw line's payload cannot be had again."""


class _Line(Struct):
    payload_encoding: str
    payload: Raw


class _Oversized(Struct):
    oversized_object: str | None = None


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_oversized = msgspec.json.Decoder(_Oversized).decode


def open_messages(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    selection: Selection,
    limit: int | None = None,
) -> Iterator[Message]:
    """Read every rejected event that is open, as a stream, the oldest first.

    Args:
        connection: To the lakehouse.
        home: The lakehouse's folders.
        selection: Which of them; without a reason all but conflicting duplicates.
        limit: How many at most.

    Raises:
        UnreadableLineError: A line, or the oversized body beside it, cannot be read.
    """
    connection.execute(_IN_ORDER, {**selection._asdict(), "limit": limit})
    count = 0
    while rows := connection.fetchmany(_FETCHED_ROWS):
        for event in map(OpenEvent._make, rows):
            count += 1
            yield Message(
                body=payload_of(event.line, event.original_id, home),
                message_id=f"replay#{count:012d}",
                replay=Replay(
                    event.original_id,
                    event.source,
                    event.event_id,
                    event.event_name,
                    is_unreadable=_is_no_row(event),
                ),
            )


def _is_no_row(event: OpenEvent) -> bool:
    """Whether an event is a line of a file that is no row: text with an id of its source's making.

    Of rows, too, the id is the message's, and those are events, which another contract may accept.
    """
    is_json = _decode_line(event.line.encode()).payload_encoding == "json"
    return event.event_id == event.original_id and not is_json


def payload_of(line: str, message_id: str, home: Home) -> bytes:
    """Return the bytes that a raw line's producer sent.

    Raises:
        UnreadableLineError: The line, or the oversized body beside it, cannot be read.
    """
    try:
        envelope = _decode_line(line.encode())
        payload = bytes(envelope.payload)
        if envelope.payload_encoding == "text":
            return _decode_text(payload).encode()
        if envelope.payload_encoding == "base64":
            return b64decode(_decode_text(payload), validate=True)
        return _oversized_body(payload, home) or payload
    except (msgspec.MsgspecError, ValueError, OSError) as error:
        raise UnreadableLineError(
            f"the raw line of message {message_id} cannot be replayed: {error}"
        ) from error


def _oversized_body(payload: bytes, home: Home) -> bytes | None:
    """Return the body that did not fit its line; None for a payload that did."""
    if b'"oversized_object"' not in payload:
        return None
    # A producer's own event may have a field of this name, with whatever in it.
    try:
        key = _decode_oversized(payload).oversized_object
    except msgspec.ValidationError:
        return None
    if key is None or not _OVERSIZED_KEY.fullmatch(key):
        return None
    path = home.raw / key
    return path.read_bytes() if path.is_file() else None
