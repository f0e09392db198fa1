"""A CloudEvent's data as an object, whichever way it was sent. Pure.

The JSON format of CloudEvents 1.0 carries data as a value in `data` or as base64 in `data_base64`;
a producer whose library knows only text puts the JSON text of an object into `data`. Staging reads
the object at `$.payload.data`.
"""

import binascii
import json
from base64 import b64decode

import msgspec
from msgspec import Raw

from ingestion.json_text import is_utf8, reads_alike

_decode_text = msgspec.json.Decoder(str).decode
_decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


def with_readable_data(payload: bytes, data: Raw, data_base64: Raw) -> tuple[bytes, str] | None:
    """Return a CloudEvent with the object that its data says, and how the data came.

    The object takes the place of `data` or `data_base64`; every other value stays the bytes that
    came, and so does the object. None if the data is an object already, or says none.

    Args:
        payload: The CloudEvent, a JSON object that every engine reads alike.
        data: Its `data`; `null` if it has none.
        data_base64: Its `data_base64`, likewise.
    """
    sent, encoding = (bytes(data), "text")
    if sent == b"null":
        sent, encoding = (bytes(data_base64), "base64")
    if not sent.startswith(b'"'):
        return None
    text = _decode_text(sent).encode()
    if encoding == "base64":
        try:
            text = b64decode(text, validate=True)
        except binascii.Error:
            return None
    if not _is_object(text):
        return None
    members = _decode_object(payload)
    # Of a repeated key one would go. Counting the pairs is the one thing that msgspec cannot do.
    if json.loads(payload, object_pairs_hook=len) != len(members):
        return None
    name = "data" if encoding == "text" else "data_base64"
    found = {
        "data" if key == name else key: Raw(text) if key == name else value
        for key, value in members.items()
        if not (key == "data" and encoding == "base64")
    }
    return _encode(found), encoding


def _is_object(text: bytes) -> bool:
    if not is_utf8(text):
        return False
    try:
        _decode_object(text)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return reads_alike(text)
