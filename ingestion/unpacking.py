"""From what a transport delivered to the messages of single events. Pure.

A body may be an SNS notification around the producer's message, and a message may be an array of
events. EventBridge's wrapper is a single event's, and is taken off with it (ingestion/body.py).
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from ingestion.envelope import Message, SnsMetadata
from ingestion.json_text import is_json, is_utf8

# An array of shorter elements is no batch of events. 6 MB, the most that Lambda is called with, of
# such elements took 290 MiB of the function's 512; of `{},` they would be two million lines. The
# shortest event with an id and a type is longer.
MIN_MEAN_EVENT_BYTES: Final = 32

_BOM: Final = b"\xef\xbb\xbf"
_WHITESPACE: Final = b" \t\r\n"

# SNS writes a notification's type first (docs.aws.amazon.com/sns/latest/dg/
# sns-message-and-json-formats.html). Looking for it in a whole order would take 0.35 µs.
_NOTIFICATION: Final = re.compile(rb'\s*\{\s*"Type"')


class _Notification(Struct):
    """What an SNS notification has in any case, as far as it is needed."""

    type: str = field(name="Type")
    message_id: str = field(name="MessageId")
    topic_arn: str = field(name="TopicArn")
    message: str = field(name="Message")
    timestamp: str = field(name="Timestamp")


_decode_notification = msgspec.json.Decoder(_Notification).decode
_decode_array = msgspec.json.Decoder(list[Raw]).decode


def messages_of(message: Message) -> Sequence[Message]:
    """Return a message for each event that a delivered message holds, itself where it is one.

    An SNS notification is its `Message`. A JSON array with an object in it is one message an
    element, with `#1`, `#2` and so on behind the `message_id`; what is no object in it lands as
    text. A byte order mark before JSON goes. A replay is a payload that went this way already.

    Args:
        message: The message as it was delivered; any bytes are a valid body.
    """
    body = message.body
    # Nearly every one, and quickly.
    if body.startswith(b'{"') and not body.startswith(b'{"T'):
        return (message,)
    if message.replay is not None:
        return (message,)
    body = _without_bom(body)
    notification = _notification(body)
    sns = None
    if notification is not None:
        sns = SnsMetadata(notification.topic_arn, notification.message_id, notification.timestamp)
        body = _without_bom(notification.message.encode())
    elements = _events(body)
    if elements is None:
        return (_part(message, body, message.message_id, sns),)
    return [
        _part(message, bytes(element), f"{message.message_id}#{number}", sns)
        for number, element in enumerate(elements, start=1)
    ]


def _part(message: Message, body: bytes, message_id: str, sns: SnsMetadata | None) -> Message:
    return Message(body, message_id, source=message.source, sns=sns)


def _without_bom(body: bytes) -> bytes:
    if not body.startswith(_BOM):
        return body
    text = body.removeprefix(_BOM)
    # Before anything but JSON it may be no mark at all, and stays.
    return text if is_utf8(text) and is_json(text) else body


def _notification(body: bytes) -> _Notification | None:
    if not _NOTIFICATION.match(body) or not is_utf8(body):
        return None
    try:
        notification = _decode_notification(body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return notification if notification.type == "Notification" else None


def _events(body: bytes) -> list[Raw] | None:
    """Return the elements of an array of events; None for anything else."""
    if not body.lstrip(_WHITESPACE).startswith(b"["):
        return None
    try:
        elements = _decode_array(body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if len(elements) * MIN_MEAN_EVENT_BYTES > len(body):
        return None
    return elements if any(bytes(element).startswith(b"{") for element in elements) else None
