"""What a message's body says about itself, and the producer's event as a slice of its bytes.

Bodies are EventBridge events or bare events; events are flat
(`event_id`, `event_type`, `event_ts`) or CloudEvents 1.0 (`id`, `type`, `time`, `source`).
"""

from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from ingestion.json_text import reads_alike

MAX_EVENT_NAME_LENGTH: Final = 256
MAX_UNUSUAL_EVENT_TS_LENGTH: Final = 64

_ABSENT: Final = Raw(b"null")


class Body(Struct):
    """A body, taken apart. None stands for what is absent, null or of no use.

    Attributes:
        payload: The producer's event, as sent: an EventBridge event's `detail` or the body.
        encoding: `json`, `text` or `base64`: how the payload can be carried.
        event_id: The producer's id, if it is text.
        event_name: The type as sent, else EventBridge's DetailType: text or the JSON text of
            something else, cut at 256 characters.
        event_ts: The producer's timestamp: text, or the JSON text of something else, cut at
            64 characters.
        source: A CloudEvent's source, else EventBridge's.
    """

    payload: bytes
    encoding: str
    event_id: str | None = None
    event_name: str | None = None
    event_ts: str | None = None
    source: str | None = None


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


_decode = msgspec.json.Decoder(_Members).decode
_decode_any = msgspec.json.Decoder(_AnyMembers).decode
_decode_text = msgspec.json.Decoder(str).decode


def read_body(body: bytes, *, may_be_wrapped: bool) -> Body:
    """Take a body apart; any bytes will do.

    Args:
        body: The body as the producer sent it.
        may_be_wrapped: Whether it can be an EventBridge event around the producer's event.
    """
    if not (body.isascii() or _is_utf8(body)):
        return Body(body, "base64")
    members = _members(body)
    if members is None:
        return Body(body, "text")
    if members.detail is not _ABSENT and may_be_wrapped and _is_eventbridge(members):
        return _read_eventbridge(members)
    return _read_event(body, members)


def _read_eventbridge(bus: _Members) -> Body:
    payload = bytes(bus.detail)
    members = _members(payload)
    event = Body(payload, "text") if members is None else _read_event(payload, members)
    if event.event_name is None and bus.detail_type is not None:
        event.event_name = bus.detail_type[:MAX_EVENT_NAME_LENGTH]
    event.source = event.source or bus.source
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
    return Body(payload, encoding, event_id, name, event_ts, source)


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
    )


def _text(value: Raw) -> str | None:
    return _decode_text(value) if bytes(value).startswith(b'"') else None


def _text_or_json(value: Raw, length: int) -> str | None:
    if value == _ABSENT:
        return None
    text = _text(value)
    return bytes(value).decode()[:length] if text is None else text


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_eventbridge(members: _Members) -> bool:
    return members.detail_type is not None and members.source is not None
