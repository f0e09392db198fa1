"""A file's text, however it is packed, encoded and broken into lines."""

from __future__ import annotations

import gzip
import io
import os

import pytest
import zstandard

from ingestion.sources.files.decoding import DamagedFileError, Open, open_text

TEXT = "id,name\r\n1,Åse €\r\n"
AS_UTF_8 = TEXT.encode()


def opened(content: bytes) -> Open:
    def open_file(offset: int) -> io.BytesIO:
        return io.BytesIO(content[offset:])

    return open_file


def text_of(content: bytes, encoding: str = "utf-8", offset: int = 0) -> tuple[bytes, int]:
    text, begins = open_text(opened(content), encoding, offset)
    with text:
        return text.read(), begins


@pytest.mark.parametrize("offset", [0, 9, len(AS_UTF_8)])
@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (AS_UTF_8, "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16"), "utf-8"),
        (TEXT.encode("cp1252"), "cp1252"),
        (gzip.compress(AS_UTF_8), "utf-8"),
        (gzip.compress(AS_UTF_8[:5]) + gzip.compress(AS_UTF_8[5:]), "utf-8"),
        (zstandard.compress(AS_UTF_8), "utf-8"),
        (zstandard.compress(AS_UTF_8[:5]) + zstandard.compress(AS_UTF_8[5:]), "utf-8"),
        (gzip.compress(TEXT.encode("utf-16")), "utf-8"),
    ],
    ids=[
        *("UTF-8", "UTF-16", "UTF-16 by its mark", "cp1252", "gzip", "gzip twice"),
        *("zstd", "zstd twice", "gzip of UTF-16"),
    ],
)
def test_every_form_is_the_same_text_from_any_offset_on(
    content: bytes, encoding: str, offset: int
) -> None:
    assert text_of(content, encoding, offset) == (AS_UTF_8[offset:], offset)


def test_behind_a_mark_of_utf_8() -> None:
    assert text_of(TEXT.encode("utf-8-sig")) == (AS_UTF_8, 3)
    assert text_of(TEXT.encode("utf-8-sig"), offset=12) == (AS_UTF_8[9:], 12)


def test_a_mark_goes_before_the_encoding() -> None:
    assert text_of(TEXT.encode("utf-8-sig"), "cp1252") == (AS_UTF_8, 3)
    assert text_of(TEXT.encode("utf-8-sig"), "utf-16") == (AS_UTF_8, 3)
    # And without one it is Windows'.
    assert text_of(TEXT.encode("utf-16-le"), "utf-16") == (AS_UTF_8, 0)
    assert text_of(b"plain", "utf-16")[0]


def test_lines_of_old_macs() -> None:
    assert text_of(b"a,b\r1,2\r") == (b"a,b\n1,2\n", 0)
    assert text_of(b"a,b\r1,2\r", offset=4) == (b"1,2\n", 4)
    # Where both are, a carriage return is a character.
    assert text_of(b"a,b\n1,2\r") == (b"a,b\n1,2\r", 0)


def test_what_has_no_character_is_no_utf_8() -> None:
    assert text_of(b"1,\x81\n", "cp1252") == (b"1,\xff\n", 0)
    assert text_of(b"\xff\xfe1\0,\0\x00\xd8\n\0", "utf-16") == (b"1,\xff\n", 0)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(os.urandom(2_000))[:-1],
        gzip.compress(AS_UTF_8)[:-8] + bytes(8),
        b"\x1f\x8b is no gzip",
        zstandard.compress(os.urandom(2_000))[:-1],
        zstandard.compress(os.urandom(2_000))[:9],
        b"\x28\xb5\x2f\xfd is no zstd",
    ],
    ids=["torn gzip", "wrong checksum", "no gzip", "torn zstd", "torn head of zstd", "no zstd"],
)
def test_a_packed_file_that_is_damaged_is_told(content: bytes) -> None:
    with pytest.raises(DamagedFileError, match="it cannot be unpacked to its end"):
        text_of(content)


def test_a_packed_file_that_is_shorter_than_it_was_is_told() -> None:
    with pytest.raises(DamagedFileError, match="shorter than it was"):
        text_of(gzip.compress(AS_UTF_8), offset=len(AS_UTF_8) + 1)
