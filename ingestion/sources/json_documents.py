"""The JSON objects in a stream of bytes, however they are laid out; what is none is kept as it is.

One object a line, objects over several lines, objects one after the other, an array of any size,
JSON text sequences (RFC 7464): between objects, white space, commas, square brackets, record
separators and byte order marks only separate. Objects come as the bytes that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw

from ingestion.json_text import is_json

MAX_DOCUMENT_BYTES: Final = 10 * 1024 * 1024

_SEPARATORS: Final = re.compile(rb"[ \t\r\n,\[\]\x1e\xef\xbb\xbf]*")
_BLANKS: Final = re.compile(rb"[ \t]*")
_WHITE_SPACE: Final = b" \t\r\n"
_MAY_FOLLOW: Final = b"{[],\x1e\xef"

_CLOSING: Final = b"}]"

# A longer line is not looked for: its object is found by its own end.
_LINE_BYTES: Final = 64 * 1024
# The longest token that msgspec calls malformed where it is cut: the rest may be still to come.
_CUT_TOKEN_BYTES: Final = 8

# So many bytes may be behind before they are let go of, as each time copies the rest.
_KEPT_BYTES: Final = 1024 * 1024

_AT_BYTE: Final = re.compile(r"malformed: (?P<kind>.*) \(byte (?P<byte>\d+)\)$")

_decode = msgspec.json.Decoder(Raw).decode


class Document(NamedTuple):
    """A part of a stream.

    Attributes:
        data: Its bytes, without what separates it from its neighbours.
        is_object: Whether it is a JSON object; else it is what stands where one should.
    """

    data: bytes
    is_object: bool


def read_documents(chunks: Iterable[bytes]) -> Iterator[Document]:
    """Split a stream; memory holds a chunk and a document, of 10 MiB at most.

    Where no object can be read, its first line is given up, with the lines after it that look like
    the inside of it, and reading goes on at the next: a broken object costs no other.

    Args:
        chunks: The stream. A document is passed on once what follows it has been seen.
    """
    buffer = _Buffer(iter(chunks))
    while buffer.skip_separators():
        end = _object_end(buffer)
        if end is not None:
            yield Document(buffer.take(buffer.at, end).rstrip(_WHITE_SPACE), is_object=True)
        else:
            yield Document(buffer.take(buffer.line, _broken_end(buffer)).rstrip(b"\r\n"), False)


class _Buffer:
    """What has been read of a stream and not been given up yet.

    Attributes:
        data: The bytes.
        at: Where the next document begins in them.
        line: Where its line begins, or what is left of its line.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.data = b""
        self.at = 0
        self.line = 0
        self._chunks = chunks

    def more(self) -> bool:
        """Read on, and say whether there was more."""
        chunk = next(self._chunks, b"")
        self.data += chunk
        return bool(chunk)

    def skip_separators(self) -> bool:
        """Go to the next document, and say whether there is one. It voids earlier positions."""
        if self.line > _KEPT_BYTES:
            self.data = self.data[self.line :]
            self.at -= self.line
            self.line = 0
        while True:
            end = _end(_SEPARATORS, self.data, self.at)
            self.line = max(self.line, self.data.rfind(b"\n", self.at, end) + 1)
            self.at = end
            if end < len(self.data):
                return True
            if not self.more():
                return False

    def line_end(self, start: int) -> int:
        """Return where a line ends, its line feed included, or the stream, or what may be held."""
        while (end := self.data.find(b"\n", start)) < 0:
            if len(self.data) - start > MAX_DOCUMENT_BYTES or not self.more():
                return len(self.data)
        return end + 1

    def take(self, start: int, end: int) -> bytes:
        """Return a part, and go on after it."""
        self.at = self.line = end
        return self.data[start:end]


def _object_end(buffer: _Buffer) -> int | None:
    """Return where the object ends that begins here; None if none does.

    Its line alone is tried first: finding an end takes msgspec 2.8 µs, a line of one event 0.2.
    """
    if not buffer.data.startswith(b"{", buffer.at):
        return None
    end = buffer.data.find(b"\n", buffer.at, buffer.at + _LINE_BYTES)
    if end >= 0 and is_json(buffer.data[buffer.at : end]):
        return end
    while True:
        rest = memoryview(buffer.data)[buffer.at :]
        is_cut = not buffer.data.endswith(b"\n")
        try:
            _decode(rest)
        except msgspec.DecodeError as error:
            at_byte = _AT_BYTE.search(str(error))
            if at_byte and at_byte["kind"] == "trailing characters":
                return _end_before(buffer, buffer.at + int(at_byte["byte"]) - 1)
            if at_byte:
                is_cut = is_cut and int(at_byte["byte"]) > len(rest) - _CUT_TOKEN_BYTES
            else:
                is_cut = True
            if not is_cut or len(rest) > MAX_DOCUMENT_BYTES or not buffer.more():
                return None
        except RecursionError:
            return None
        else:
            if not is_cut or not buffer.more():
                return len(buffer.data)


def _end_before(buffer: _Buffer, following: int) -> int | None:
    """Return the end of an object, by what follows it; None if that spoils the object's line."""
    end = buffer.at + len(buffer.data[buffer.at : following].rstrip(_WHITE_SPACE))
    is_clean = buffer.data[following] in _MAY_FOLLOW or b"\n" in buffer.data[end:following]
    return end if is_clean else None


def _broken_end(buffer: _Buffer) -> int:
    """Return the end of the line that begins here and of those that look like the inside of it."""
    column = buffer.at - buffer.line
    begins_object = buffer.data.startswith(b"{", buffer.at)
    end = buffer.line_end(buffer.at)
    while (
        begins_object and end - buffer.line < MAX_DOCUMENT_BYTES and _is_inside(buffer, end, column)
    ):
        end = buffer.line_end(end)
    return end


def _is_inside(buffer: _Buffer, line: int, column: int) -> bool:
    """Say whether a line can be the inside of an object that began in a column."""
    while (first := _end(_BLANKS, buffer.data, line)) == len(buffer.data):
        if not buffer.more():
            return False
    byte = buffer.data[first]
    return byte in _CLOSING or (first - line > column and byte not in b"\r\n")


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    found = pattern.match(data, start)
    return found.end() if found else start
