"""The messages that a file of events holds: events, and EventBridge's put-events entries.

An entry becomes the event that the bus would deliver; `{"Entries": [...]}` is its entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from ingestion.json_text import is_json
from ingestion.sources.json_documents import read_documents


class NumberedBody(NamedTuple):
    """A body to ingest.

    Attributes:
        row: Its place in the file, from 1: in a file of lines the line, blank ones not counted.
        body: The message's body.
        source: Who sent it, where the body does not say.
        is_object: Whether it was read as a JSON object.
    """

    row: int
    body: bytes
    source: str | None
    is_object: bool


class _Entry(Struct):
    """An entry of EventBridge's PutEvents."""

    source: str = msgspec.field(name="Source")
    detail_type: str = msgspec.field(name="DetailType")
    detail: str = msgspec.field(name="Detail")


class _Entries(Struct):
    entries: list[Raw] = msgspec.field(name="Entries")


_decode_entry = msgspec.json.Decoder(_Entry).decode
_decode_entries = msgspec.json.Decoder(_Entries).decode
_encode: Final = msgspec.json.Encoder().encode


def read_bodies(chunks: Iterable[bytes]) -> Iterator[NumberedBody]:
    """Read a stream's bodies as they come.

    Args:
        chunks: The stream, in UTF-8.
    """
    row = 0
    for data, is_object in read_documents(chunks):
        for text in _elements(data) if is_object else [data]:
            row += 1
            body, source = _body(text) if is_object else (text, None)
            yield NumberedBody(row, body, source, is_object)


def _elements(document: bytes) -> list[bytes]:
    """Return the entries of `{"Entries": [...]}`, or the document."""
    if b'"Entries"' in document:
        try:
            elements = [bytes(element) for element in _decode_entries(document).entries]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return [document]
        if elements and all(element.startswith(b"{") for element in elements):
            return elements
    return [document]


def _body(text: bytes) -> tuple[bytes, str | None]:
    """Return an event's body, and its source if the body does not hold it."""
    if b'"Detail"' not in text:
        return text, None
    try:
        entry = _decode_entry(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return text, None
    detail = entry.detail.encode()
    if not is_json(detail):
        # EventBridge refuses such an entry (MalformedDetail). Here it is data like any other.
        return detail, entry.source
    # Spliced, never parsed and written again: the payload stays as the producer wrote it.
    return (
        b'{"version":"0","detail-type":%b,"source":%b,"detail":%b}'
        % (_encode(entry.detail_type), _encode(entry.source), detail)
    ), None
