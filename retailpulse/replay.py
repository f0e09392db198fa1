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
from retailpulse.home import Home

CONFLICT: Final = "conflicting_duplicate"

# A conflict's rival counts whatever comes again, unless it was asked for by name.
_UNRESOLVED: Final = """
    select message_id, source, event_id, event_name, line
    from retailpulse_silver.quarantined_events_status
    where
        not is_resolved
        and replayed_from is null
        and reject_reason = coalesce($reason, reject_reason)
        and ($reason is not null or reject_reason <> 'conflicting_duplicate')
    order by received_at, message_id
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


def unresolved_messages(
    connection: duckdb.DuckDBPyConnection, home: Home, reason: str | None
) -> Iterator[Message]:
    """Read every rejected original that has not been accepted meanwhile, as a stream.

    Args:
        connection: To the lakehouse.
        home: The lakehouse's folders.
        reason: The only reject reason; None for all but conflicting duplicates.

    Raises:
        UnreadableLineError: A line, or the oversized body beside it, cannot be read.
    """
    connection.execute(_UNRESOLVED, {"reason": reason})
    count = 0
    while rows := connection.fetchmany(_FETCHED_ROWS):
        for message_id, source, event_id, event_name, line in rows:
            count += 1
            yield Message(
                body=payload_of(line, message_id, home),
                message_id=f"replay#{count:012d}",
                replay=Replay(message_id, source, event_id, event_name),
            )


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
