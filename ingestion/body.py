"""What a message's body says about itself, and the producer's event as a slice of its bytes.

Bodies are EventBridge events or bare events; events are flat
(`event_id`, `event_type`, `event_ts`) or CloudEvents 1.0 (`id`, `type`, `time`, `source`).
docs/events.md says for producers what is accepted.
"""

from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from ingestion.cloudevent_data import with_readable_data
from ingestion.eventbridge import BusMetadata, bus_metadata
from ingestion.json_text import is_utf8, reads_alike

MAX_EVENT_NAME_LENGTH: Final = 256
MAX_UNUSUAL_EVENT_TS_LENGTH: Final = 64

_ABSENT: Final = Raw(b"null")


class Body(Struct):
    """A body, taken apart. None stands for what is absent, null or of no use.

    Attributes:
        payload: The producer's event: an EventBridge event's `detail` or the body. As sent, but
            for a CloudEvent's data that came as text or base64.
        encoding: `json`, `text` or `base64`: how the payload can be carried.
        event_id: The producer's id, if it is text.
        event_name: The type as sent, else EventBridge's DetailType: text or the JSON text of
            something else, cut at 256 characters.
        event_ts: The producer's timestamp: text, or the JSON text of something else, cut at
            64 characters.
        source: A CloudEvent's source, else EventBridge's.
        bus: What the EventBridge event around it said of its delivery.
        data_encoding: `text` or `base64`: how a CloudEvent's data came that is an object in
            `payload`.
    """

    payload: bytes
    encoding: str
    event_id: str | None = None
    event_name: str | None = None
    event_ts: str | None = None
    source: str | None = None
    bus: BusMetadata | None = None
    data_encoding: str | None = None


class _Members(Struct):
    """The members of an object that the envelope needs, where all of them are text or null."""

    event_id: str | None = None
    event_type: str | None = None
    event_ts: str | None = None
    specversion: str | None = None
    id: str | None = None
    type: str | None = None
    time: str | None = None
    source: str | None = None
    detail_type: str | None = field(default=None, name="detail-type")
    detail: Raw = _ABSENT
    data: Raw = _ABSENT
    data_base64: Raw = _ABSENT


class _AnyMembers(Struct):
    """The same members as JSON text, whatever they are."""

    event_id: Raw = _ABSENT
    event_type: Raw = _ABSENT
    event_ts: Raw = _ABSENT
    specversion: Raw = _ABSENT
    id: Raw = _ABSENT
    type: Raw = _ABSENT
    time: Raw = _ABSENT
    source: Raw = _ABSENT
    detail_type: Raw = field(default=_ABSENT, name="detail-type")
    detail: Raw = _ABSENT
    data: Raw = _ABSENT
    data_base64: Raw = _ABSENT


_decode = msgspec.json.Decoder(_Members).decode
_decode_any = msgspec.json.Decoder(_AnyMembers).decode
_decode_text = msgspec.json.Decoder(str).decode


def read_body(body: bytes, *, may_be_wrapped: bool) -> Body:
    """Take a body apart; any bytes will do.

    Args:
        body: The body as the producer sent it.
        may_be_wrapped: Whether it can be an EventBridge event around the producer's event.
    """
    if not (body.isascii() or is_utf8(body)):
        return Body(body, "base64")
    members = _members(body)
    if members is None:
        return Body(body, "text")
    if (
        may_be_wrapped
        and members.detail is not _ABSENT
        and members.detail_type is not None
        and (bus := bus_metadata(body)) is not None
    ):
        return _read_eventbridge(members, bus)
    return _read_event(body, members)


def _read_eventbridge(wrapper: _Members, bus: BusMetadata) -> Body:
    payload = bytes(wrapper.detail)
    members = _members(payload)
    event = Body(payload, "text") if members is None else _read_event(payload, members)
    if event.event_name is None and wrapper.detail_type is not None:
        event.event_name = wrapper.detail_type[:MAX_EVENT_NAME_LENGTH]
    event.source = event.source or wrapper.source
    event.bus = bus
    return event


def _read_event(payload: bytes, members: _Members) -> Body:
    encoding = "json" if reads_alike(payload) else "text"
    if members.specversion is None:
        event_id, name, event_ts = members.event_id, members.event_type, members.event_ts
        source = None
    else:
        event_id, name, event_ts = members.id, members.type, members.time
        source = members.source
    if name is not None:
        name = name[:MAX_EVENT_NAME_LENGTH]
    event = Body(payload, encoding, event_id, name, event_ts, source)
    if members.specversion is not None and encoding == "json":
        _read_data(event, members)
    return event


def _read_data(event: Body, members: _Members) -> None:
    """Put a CloudEvent's data that came as text or base64 where staging looks for it."""
    if members.data is _ABSENT and members.data_base64 is _ABSENT:
        return
    if (found := with_readable_data(event.payload, members.data, members.data_base64)) is not None:
        event.payload, event.data_encoding = found


def _members(body: bytes) -> _Members | None:
    """Return the members of a JSON object; None for anything else.

    The parser checks what it skips as strictly as the rest: 2.4 million mutated documents got
    the verdict that the standard library gives, with lone surrogates and NaN refused. Only
    UTF-8 it takes on trust.
    """
    try:
        return _decode(body)
    except msgspec.ValidationError:
        return _unusual_members(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _unusual_members(body: bytes) -> _Members | None:
    try:
        members = _decode_any(body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return _Members(
        event_id=_text(members.event_id),
        event_type=_text_or_json(members.event_type, MAX_EVENT_NAME_LENGTH),
        event_ts=_text_or_json(members.event_ts, MAX_UNUSUAL_EVENT_TS_LENGTH),
        specversion=_text(members.specversion),
        id=_text(members.id),
        type=_text_or_json(members.type, MAX_EVENT_NAME_LENGTH),
        time=_text_or_json(members.time, MAX_UNUSUAL_EVENT_TS_LENGTH),
        source=_text(members.source),
        detail_type=_text(members.detail_type),
        detail=members.detail,
        data=members.data,
        data_base64=members.data_base64,
    )


def _text(value: Raw) -> str | None:
    return _decode_text(value) if bytes(value).startswith(b'"') else None


def _text_or_json(value: Raw, length: int) -> str | None:
    if value == _ABSENT:
        return None
    text = _text(value)
    return bytes(value).decode()[:length] if text is None else text
