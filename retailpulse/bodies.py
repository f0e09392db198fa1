"""The messages that a file of events holds, whichever of the accepted forms it has.

A line is a body, as bytes. A line that is an EventBridge put-events entry becomes the event that
the bus would deliver. A whole file may also be one JSON document: an event, an entry, an array of
them, or `{"Entries": [...]}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

MAX_DOCUMENT_BYTES: Final = 10 * 1024 * 1024

_OPENING: Final = (b"{", b"[")
_WHITESPACE: Final = b" \t\r\n"


class NumberedBody(NamedTuple):
    """A body to ingest.

    Attributes:
        row: Its line, or its place in the document's array, from 1.
        body: The message's body.
        source: Who sent it, where the body does not say.
        end: How many bytes of the file have been read with it.
    """

    row: int
    body: bytes
    source: str | None
    end: int


class _Entry(Struct):
    """An entry of EventBridge's PutEvents."""

    source: str = msgspec.field(name="Source")
    detail_type: str = msgspec.field(name="DetailType")
    detail: str = msgspec.field(name="Detail")


class _Entries(Struct):
    entries: list[Raw] = msgspec.field(name="Entries")


_decode_entry = msgspec.json.Decoder(_Entry).decode
_decode_entries = msgspec.json.Decoder(_Entries).decode
_decode_array = msgspec.json.Decoder(list[Raw]).decode
_decode_raw = msgspec.json.Decoder(Raw).decode
_encode = msgspec.json.Encoder().encode


def read_bodies(file: BinaryIO) -> Iterator[NumberedBody]:
    """Read a file's bodies as a stream: memory holds a line, or a document of 10 MiB at most.

    Args:
        file: Read to its end, once; a pipe will do. What it sends line by line is passed on so.
    """
    head = _first_line(file)
    first = head[-1].strip(_WHITESPACE)
    if not first.startswith(_OPENING):
        yield from _read_lines(chain(head, file))
        return
    if not _is_json(first):
        # The beginning of a document over several lines, or a broken line.
        read = sum(map(len, head))
        rest = file.read(max(0, MAX_DOCUMENT_BYTES + 1 - read))
        whole = b"".join(head) + rest
        if len(whole) <= MAX_DOCUMENT_BYTES and _is_json(whole.strip(_WHITESPACE)):
            yield from _read_document(whole)
        else:
            yield from _read_lines(chain(head, _lines_of(rest, file)))
        return
    if _elements(first) is not None:
        after = _first_line(file)
        if not after[-1].strip(_WHITESPACE) and len(first) <= MAX_DOCUMENT_BYTES:
            yield from _read_document(b"".join(head + after))
            return
        head += after
    yield from _read_lines(chain(head, file))


def _first_line(file: BinaryIO) -> list[bytes]:
    """Read blank lines and the first that is not blank; the last is blank at the file's end."""
    lines = []
    for line in file:
        lines.append(line)
        if line.strip(_WHITESPACE):
            return lines
    return [*lines, b""]


def _lines_of(read: bytes, file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of what has been read and of the rest of the file."""
    start = 0
    while (end := read.find(b"\n", start) + 1) > 0:
        yield read[start:end]
        start = end
    yield read[start:] + file.readline()
    yield from file


def _read_lines(lines: Iterable[bytes]) -> Iterator[NumberedBody]:
    end = 0
    for row, line in enumerate(lines, start=1):
        end += len(line)
        if line.strip(_WHITESPACE):
            body, source = _body(line.removesuffix(b"\n").removesuffix(b"\r"))
            yield NumberedBody(row, body, source, end)


def _read_document(document: bytes) -> Iterator[NumberedBody]:
    text = document.strip(_WHITESPACE)
    elements = _elements(text)
    for row, element in enumerate([text] if elements is None else elements, start=1):
        body, source = _body(element)
        yield NumberedBody(row, body, source, len(document))


def _elements(document: bytes) -> list[bytes] | None:
    """Return the elements of an array of objects or of `{"Entries": [...]}`, else None."""
    try:
        if document.startswith(b"["):
            elements = [bytes(element) for element in _decode_array(document)]
        elif b'"Entries"' in document:
            elements = [bytes(element) for element in _decode_entries(document).entries]
        else:
            return None
    except (msgspec.MsgspecError, RecursionError):
        return None
    return elements if all(element.startswith(b"{") for element in elements) else None


def _body(text: bytes) -> tuple[bytes, str | None]:
    """Return a line's body, and its source if the body does not hold it."""
    if b'"Detail"' not in text:
        return text, None
    try:
        entry = _decode_entry(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return text, None
    detail = entry.detail.encode()
    if not _is_json(detail):
        # EventBridge refuses such an entry (MalformedDetail). Here it is data like any other.
        return detail, entry.source
    # Spliced, never parsed and written again: the payload stays as the producer wrote it.
    return (
        b'{"version":"0","detail-type":%b,"source":%b,"detail":%b}'
        % (_encode(entry.detail_type), _encode(entry.source), detail)
    ), None


def _is_json(text: bytes) -> bool:
    try:
        _decode_raw(text)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True
