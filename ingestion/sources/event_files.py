"""Files and pipes as streams of UTF-8: decompressed, decoded, and named where they are none."""

from __future__ import annotations

import bz2
import codecs
import csv
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO, Final

import zstandard

CHUNK_BYTES: Final = 64 * 1024

_HEAD_BYTES: Final = 4

# The longer mark first: UTF-32's begins with UTF-16's.
_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

_DECOMPRESSORS: Final[dict[bytes, tuple[str, Callable[[], Any]]]] = {
    b"\x1f\x8b": ("gzip", lambda: zlib.decompressobj(wbits=31)),
    b"BZh": ("bzip2", bz2.BZ2Decompressor),
    b"\x28\xb5\x2f\xfd": ("zstd", lambda: zstandard.ZstdDecompressor().decompressobj()),
}

_OTHER_FORMATS: Final = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive or a workbook",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"\xfd7zXZ": "xz",
    b"\x04\x22\x4d\x18": "lz4",
    b"%PDF": "PDF",
    b"SQLite format 3": "an SQLite database",
    b"<": "XML or HTML",
}


class DamagedFileError(Exception):
    """A compressed or encoded file ends too early, or is not what its beginning says."""


def read_utf8(file: BinaryIO) -> Iterator[bytes]:
    """Read a file or a pipe as chunks of UTF-8, whatever its compression and encoding are.

    gzip, bzip2 and zstd are known by their first bytes, UTF-16 and UTF-32 by a byte order mark, or
    by a first character that JSON begins with. Anything else goes as it is.

    Raises:
        DamagedFileError: While it is read: the compressed data is damaged or cut, or the text ends
            within a character. What came before has been yielded.
        OSError: The file cannot be read.
    """
    return _decoded(_decompressed(_chunks(file)))


def name_format(head: bytes) -> str | None:
    """Name the format that a file which holds no JSON object has, by its first lines."""
    for magic, name in _OTHER_FORMATS.items():
        if head.startswith(magic):
            return name
    lines = head.decode(errors="replace").splitlines()[:2]
    for delimiter, name in {",": "CSV", ";": "CSV", "\t": "tab-separated text"}.items():
        widths = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        if len(widths) == 1 and widths.pop() > 1:
            return name
    return None


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    # read1 gives what a pipe has sent, and does not wait for a whole chunk.
    while chunk := file.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
        yield chunk


def _with_head(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes of a stream and all of it."""
    stream = iter(chunks)
    head = b""
    while len(head) < _HEAD_BYTES and (chunk := next(stream, b"")):
        head += chunk
    return head, chain([head], stream)


def _decompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    head, chunks = _with_head(chunks)
    for magic, (name, new) in _DECOMPRESSORS.items():
        if head.startswith(magic):
            return _members(chunks, name, new)
    return chunks


def _members(chunks: Iterable[bytes], name: str, new: Callable[[], Any]) -> Iterator[bytes]:
    """Decompress a stream of one or more compressed members, to the last one's end."""
    member = None
    for chunk in chunks:
        pending = chunk
        while pending:
            if member is None:
                # Tapes and block devices pad with NUL.
                pending = pending.lstrip(b"\0")
                if not pending:
                    break
                member = new()
            try:
                data = member.decompress(pending)
            except (zlib.error, OSError, zstandard.ZstdError) as error:
                raise DamagedFileError(f"its {name} data is damaged ({error})") from error
            if data:
                yield data
            pending = b""
            if member.eof:
                pending = member.unused_data
                member = None
    if member is not None:
        raise DamagedFileError(f"its {name} data ends too early: it is a part of a file")


def _decoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    head, chunks = _with_head(chunks)
    encoding = _encoding(head)
    if encoding is None:
        yield from chunks
        return
    # A lone surrogate becomes bytes that are not UTF-8, and lands as such.
    decoder = codecs.getincrementaldecoder(encoding)(errors="surrogatepass")
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode(errors="surrogatepass")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"its {encoding} text is damaged ({error.reason})") from error


def _encoding(head: bytes) -> str | None:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if head[:2] in (b"{\0", b"[\0"):
        return "utf-16-le"
    if head[:2] in (b"\0{", b"\0["):
        return "utf-16-be"
    return None
