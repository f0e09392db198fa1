"""The events of raw, as their producers sent them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from ingestion.raw_objects import EVENTS, envelopes
from retailpulse.local.raw_check import raw_objects

# Of the flat form, beside the business fields; `op` and `sequence` are those of a row.
_ENVELOPE: Final = frozenset({"event_id", "event_type", "event_ts", "op", "sequence"})
# What lands in place of a body that is too large (ingestion.envelope).
_STUB: Final = frozenset(
    {"oversized_head", "oversized_bytes", "oversized_sha256", "oversized_object"}
)


class _Line(Struct):
    event_type: str
    received_at: str
    payload_encoding: str
    payload: Raw
    event_name: str | None = None


_decode_line = msgspec.json.Decoder(_Line).decode
# With the digits that a number has.
_decode_payload = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class LandedEvent(Struct, frozen=True):
    """A JSON object that landed.

    Attributes:
        event_type: A known event type or `unknown`.
        name: The producer's own name of its type; None where there is none.
        received_at: When it landed, in UTC, ISO 8601.
        event: The whole event.
    """

    event_type: str
    name: str | None
    received_at: str
    event: dict[str, Any]

    @property
    def fields(self) -> dict[str, Any]:
        """The business fields: a CloudEvent's `data`, or what the flat form has beside the rest."""
        if isinstance(self.event.get("specversion"), str):
            data = self.event.get("data")
            return data if isinstance(data, dict) else {}
        return {name: value for name, value in self.event.items() if name not in _ENVELOPE}


def landed_events(raw: Path, event_type: str | None = None) -> Iterator[LandedEvent]:
    """Yield the events of raw; not what is no JSON object, nor what was too large for a line.

    Args:
        raw: The raw zone's root.
        event_type: The one whose events are wanted: a known event type or `unknown`; None for all.
    """
    wanted = f"{EVENTS}/" if event_type is None else f"{EVENTS}/event_type={event_type}/"
    for path in raw_objects(raw):
        key = path.relative_to(raw).as_posix()
        if not key.startswith(wanted):
            continue
        with path.open("rb") as body:
            for line in envelopes(key, body):
                if event := _event(line):
                    yield event


def _event(data: bytes) -> LandedEvent | None:
    line = _decode_line(data)
    if line.payload_encoding != "json":
        return None
    try:
        event = _decode_payload(line.payload)
    except (msgspec.MsgspecError, ArithmeticError):
        # Of somebody who wrote past the ingester.
        return None
    if event.keys() == _STUB:
        return None
    return LandedEvent(line.event_type, line.event_name, line.received_at, event)
