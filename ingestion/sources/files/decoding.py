"""From the bytes of a file to its text in UTF-8: unpacked, of one encoding, with line feeds.

Offsets are those of the text that comes out of here. A packed file cannot be entered in the middle,
nor one that is transcoded: it is read again up to there.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Final

import zstandard

from ingestion.sources.errors import SourceError

UTF_8: Final = "utf-8"
ENCODINGS: Final = (UTF_8, "utf-16", "latin-1", "cp1252")

Open = Callable[[int], BinaryIO]
"""Opens a file's bytes from an offset on."""

_CHUNK_BYTES: Final = 1 << 18
# A packed byte can hold thousands, and all that one chunk holds is in memory.
_PACKED_CHUNK_BYTES: Final = 1 << 12
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_NO_CHARACTER: Final = "retailpulse.no_character"
# What has no character becomes a byte that is in no UTF-8, so that its row is found to be none.
codecs.register_error(_NO_CHARACTER, lambda error: ("\udcff", error.end))  # type: ignore[attr-defined]
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class DamagedFileError(SourceError):
    """A packed file ends early, or its checksum is wrong."""


def open_text(open_file: Open, encoding: str, offset: int = 0) -> tuple[io.BufferedReader, int]:
    """Open a file's text from an offset on; return it, and where it begins.

    That is the offset, or at the beginning behind a byte order mark.

    Args:
        open_file: Opens the file.
        encoding: One of ENCODINGS; a byte order mark goes before it.
        offset: In bytes of the text.

    Raises:
        DamagedFileError: It is packed and damaged; reading raises it, too.
    """
    file = _buffered(open_file(0))
    text = _unpacked(file)
    head = text.peek(_CHUNK_BYTES)
    if head.startswith(_UTF_16_MARKS):
        encoding = "utf-16"
    elif head.startswith(codecs.BOM_UTF8):
        encoding = UTF_8
    elif encoding == "utf-16":
        # The codec refuses one without a mark.
        encoding = "utf-16-le"
    if encoding != UTF_8:
        text = _buffered(_Transcoded(text, encoding))
        head = text.peek(_CHUNK_BYTES)
    if b"\r" in head and b"\n" not in head:
        text = _buffered(_WithLineFeeds(text))
    if not offset:
        mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
        return text, len(text.read(mark))
    if text is file:
        file.close()
        return _buffered(open_file(offset)), offset
    _skip(text, offset)
    return text, offset


def _buffered(file: Any) -> io.BufferedReader:
    return io.BufferedReader(file, _CHUNK_BYTES)


def _unpacked(file: io.BufferedReader) -> io.BufferedReader:
    head = file.peek(len(_ZSTD))
    if head.startswith(_GZIP):
        return _buffered(_Gunzipped(gzip.GzipFile(fileobj=file)))
    if head.startswith(_ZSTD):
        return _buffered(_OfZstd(file))
    return file


def _skip(text: io.BufferedReader, offset: int) -> None:
    while offset:
        skipped = len(text.read(min(offset, _CHUNK_BYTES)))
        if not skipped:
            raise DamagedFileError("it is shorter than it was when its first rows were read")
        offset -= skipped


class _Readable(io.RawIOBase):
    """What is read from something else, chunk by chunk, and changed on the way."""

    _chunk_bytes = _CHUNK_BYTES

    def __init__(self, read: Any) -> None:
        super().__init__()
        self._source = read
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        while not self._waiting:
            chunk = self._source.read(self._chunk_bytes)
            self._waiting = self._changed(chunk)
            if not chunk:
                break
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count

    def _changed(self, chunk: bytes) -> bytes:
        raise NotImplementedError


class _Gunzipped(_Readable):
    """A file that gzip packed."""

    def readinto(self, buffer: Any) -> int:
        try:
            # No more than is at hand: what comes before the damage can be read.
            found = self._source.read1(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise _damaged(str(error)) from error
        buffer[: len(found)] = found
        return len(found)


class _OfZstd(_Readable):
    """A file that zstd packed: the library's own stream says nothing of one that ends early."""

    _chunk_bytes = _PACKED_CHUNK_BYTES

    def __init__(self, source: io.BufferedReader) -> None:
        super().__init__(source)
        self._frame = _new_frame()
        self._is_within_a_frame = False

    def _changed(self, chunk: bytes) -> bytes:
        if not chunk and self._is_within_a_frame:
            raise _damaged("a frame is not complete")
        parts = []
        try:
            while chunk:
                parts.append(self._frame.decompress(chunk))
                chunk = self._frame.unused_data
                self._is_within_a_frame = not self._frame.eof
                if self._frame.eof:
                    self._frame = _new_frame()
        except zstandard.ZstdError as error:
            raise _damaged(str(error)) from error
        return b"".join(parts)


def _new_frame() -> Any:
    return zstandard.ZstdDecompressor().decompressobj()


def _damaged(why: str) -> DamagedFileError:
    return DamagedFileError(f"it cannot be unpacked to its end: {why}")


class _Transcoded(_Readable):
    """A text of another encoding."""

    def __init__(self, source: io.BufferedReader, encoding: str) -> None:
        super().__init__(source)
        self._decoder = codecs.getincrementaldecoder(encoding)(_NO_CHARACTER)

    def _changed(self, chunk: bytes) -> bytes:
        return self._decoder.decode(chunk, final=not chunk).encode("utf-8", "surrogateescape")


class _WithLineFeeds(_Readable):
    """A text whose lines end with a carriage return alone, as on old Macs; of the same length."""

    def _changed(self, chunk: bytes) -> bytes:
        return chunk.replace(b"\r", b"\n")
