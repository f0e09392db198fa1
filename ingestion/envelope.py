"""The envelope: from one message to one line of the raw zone. Pure, and the hot path.

A payload is never parsed into objects and written again: the parser hands over slices of the
bytes that came, and they are spliced into the line.
"""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ingestion.body import Body, read_body
from ingestion.event_type import UNKNOWN
from ingestion.eventbridge import BusMetadata
from ingestion.json_text import is_utf8, on_one_line
from ingestion.known_types import KNOWN_EVENT_TYPES

ENVELOPE_VERSION: Final = 1
DEFAULT_SOURCE: Final = "direct"
MAX_LINE_BYTES: Final = 1_048_576
OVERSIZED_HEAD_LENGTH: Final = 1024
OVERSIZED_FIELD_LENGTH: Final = 256


class Replay(Struct, frozen=True):
    """What a replayed message keeps of the raw line that it repeats.

    None leaves a field to what the body says, as it did the first time.

    Attributes:
        replayed_from: The `message_id` of the repeated line.
        source: Its `source`.
        event_id: Its `event_id`.
        event_name: Its `event_name`.
        is_unreadable: Whether its payload is no event, whatever it looks like.
    """

    replayed_from: str
    source: str | None = None
    event_id: str | None = None
    event_name: str | None = None
    is_unreadable: bool = False


class SnsMetadata(Struct, frozen=True):
    """What an SNS notification around a message said of its delivery.

    Attributes:
        topic_arn: The topic.
        message_id: SNS's id of the message.
        timestamp: When it was published, as SNS writes it.
    """

    topic_arn: str
    message_id: str
    timestamp: str


class Message(Struct, frozen=True):
    """One message as a transport delivered it.

    Attributes:
        body: The bytes that the producer sent; of a replay, the payload of the repeated line.
        message_id: The transport's id, unique in its batch.
        source: The name of the feed or puller, for events that do not name their source.
        replay: What overrides the envelope of a replayed message.
        sns: The SNS notification that it came in.
    """

    body: bytes
    message_id: str
    source: str | None = None
    replay: Replay | None = None
    sns: SnsMetadata | None = None


class OversizedBody(Struct, frozen=True):
    """A body that is too large for a line, to be stored whole under its own key."""

    key: str
    body: bytes


class Line(Struct, frozen=True):
    """One line of the raw zone.

    Attributes:
        message_id: The message that it holds.
        data: The line: valid UTF-8 JSON, at most 1 MiB, without its line feed.
        event_type: A known event type or `unknown`: the partition.
        payload_encoding: `json`, `text` or `base64`.
        oversized: The body to store before the line, if it did not fit.
    """

    message_id: str
    data: bytes
    event_type: str
    payload_encoding: str
    oversized: OversizedBody | None = None

    @property
    def is_malformed(self) -> bool:
        """Whether the payload is not a JSON object that every engine reads alike."""
        return self.payload_encoding != "json"

    @property
    def is_unknown(self) -> bool:
        """Whether the payload is a JSON object that fitted the line and has no known type."""
        return self.event_type == UNKNOWN and not self.is_malformed and self.oversized is None


class _Envelope(Struct, kw_only=True):
    """The fields of a line, in their order. A Raw is written as the JSON text that it holds.

    What is unset is left out: fields that came later, which a line of envelope_version 1 may lack.
    """

    envelope_version: int
    event_id: str
    event_type: str
    event_name: str | None
    event_ts: str | None
    source: str
    received_at: str
    message_id: str
    replayed_from: str | None
    payload_encoding: str
    eventbridge: BusMetadata | UnsetType = UNSET
    sns: SnsMetadata | UnsetType = UNSET
    data_encoding: str | UnsetType = UNSET
    payload: str | Raw | dict[str, str | int]


_encode = msgspec.json.Encoder().encode

_NOTHING_SAID: Final = BusMetadata()


def to_line(message: Message, received_at: datetime) -> Line:
    """Turn a message into its line of the raw zone.

    Args:
        message: The message; any bytes are a valid body.
        received_at: When the ingester took it, with a time zone.

    Raises:
        UnicodeEncodeError: The message's id, source or replay is not valid Unicode.
    """
    envelope = _envelope(message, utc_text(received_at))
    data = _encode(envelope)
    if len(data) > MAX_LINE_BYTES:
        return _oversized_line(envelope, message)
    return Line(message.message_id, data, envelope.event_type, envelope.payload_encoding)


def to_unreadable_line(
    body: bytes,
    *,
    event_id: str,
    event_name: str,
    event_ts: str,
    source: str,
    received_at: datetime,
) -> Line:
    """Turn bytes that are no event, though they should be, into a line of the raw zone.

    Whatever they look like, they are not read as an event.

    Args:
        body: The bytes.
        event_id: What names them; the line's `message_id`, too.
        event_name: The type of the events that they should be.
        event_ts: Their time, as RFC 3339.
        source: Where they come from.
        received_at: When they were taken, with a time zone.
    """
    unreadable = _unreadable(body)
    envelope = _Envelope(
        envelope_version=ENVELOPE_VERSION,
        event_id=event_id,
        event_type=UNKNOWN,
        event_name=event_name,
        event_ts=event_ts,
        source=source,
        received_at=utc_text(received_at),
        message_id=event_id,
        replayed_from=None,
        payload_encoding=unreadable.encoding,
        payload=_payload(unreadable),
    )
    data = _encode(envelope)
    if len(data) > MAX_LINE_BYTES:
        return _oversized_line(envelope, Message(body, event_id))
    return Line(event_id, data, UNKNOWN, unreadable.encoding)


def _unreadable(body: bytes) -> Body:
    return Body(body, "text" if is_utf8(body) else "base64")


def _envelope(message: Message, received_at: str) -> _Envelope:
    replay = message.replay
    # What is replayed is a payload: it lost its EventBridge wrapper the first time.
    if replay is not None and replay.is_unreadable:
        body = _unreadable(message.body)
    else:
        body = read_body(message.body, may_be_wrapped=replay is None)
    replayed_from = None
    if replay is not None:
        replayed_from = replay.replayed_from
        _override(body, replay)
    name = body.event_name
    is_known = name in KNOWN_EVENT_TYPES and body.encoding == "json"
    envelope = _Envelope(
        envelope_version=ENVELOPE_VERSION,
        event_id=_sha256(body.payload) if body.event_id is None else body.event_id,
        event_type=name if name and is_known else UNKNOWN,
        event_name=name,
        event_ts=body.event_ts,
        source=body.source or message.source or DEFAULT_SOURCE,
        received_at=received_at,
        message_id=message.message_id,
        replayed_from=replayed_from,
        payload_encoding=body.encoding,
        payload=_payload(body),
    )
    if body.bus is not None and body.bus != _NOTHING_SAID:
        envelope.eventbridge = body.bus
    if message.sns is not None:
        envelope.sns = message.sns
    if body.data_encoding is not None:
        envelope.data_encoding = body.data_encoding
    return envelope


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _override(body: Body, replay: Replay) -> None:
    if replay.source is not None:
        body.source = replay.source
    if replay.event_id is not None:
        body.event_id = replay.event_id
    if replay.event_name is not None:
        body.event_name = replay.event_name


def _payload(body: Body) -> str | Raw:
    if body.encoding == "json":
        return Raw(on_one_line(body.payload))
    if body.encoding == "text":
        return body.payload.decode()
    return b64encode(body.payload).decode()


@lru_cache(maxsize=8)
def utc_text(moment: datetime) -> str:
    """Return a moment as envelopes have it, e.g. `2026-01-14T09:30:00.000000Z`."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def _oversized_line(envelope: _Envelope, message: Message) -> Line:
    body = message.body
    digest = _sha256(body)
    key = f"oversized/dt={envelope.received_at[:10]}/{digest}"
    head = body[: 4 * OVERSIZED_HEAD_LENGTH].decode(errors="replace")[:OVERSIZED_HEAD_LENGTH]
    envelope.event_id = digest
    envelope.event_type = UNKNOWN
    # Any of these may be what is too large.
    envelope.event_name = envelope.event_name and envelope.event_name[:OVERSIZED_FIELD_LENGTH]
    envelope.event_ts = envelope.event_ts and envelope.event_ts[:OVERSIZED_FIELD_LENGTH]
    envelope.source = envelope.source[:OVERSIZED_FIELD_LENGTH]
    envelope.eventbridge = envelope.sns = envelope.data_encoding = UNSET
    envelope.payload_encoding = "json"
    envelope.payload = {
        "oversized_head": head,
        "oversized_bytes": len(body),
        "oversized_sha256": digest,
        "oversized_object": key,
    }
    return Line(message.message_id, _encode(envelope), UNKNOWN, "json", OversizedBody(key, body))
