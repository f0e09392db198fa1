from __future__ import annotations

import bz2
import gzip
import io
import random
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.event_files import DamagedFileError, name_format, read_utf8

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
# Compresses badly, so that it is several chunks long in each format.
NUMBERS = random.Random(1)
DATA = b"".join(b'{"a": %d}\n' % NUMBERS.getrandbits(900) for _ in range(1_000))


def read(data: bytes) -> bytes:
    return b"".join(read_utf8(io.BytesIO(data)))


@pytest.mark.parametrize("name", COMPRESS)
def test_compressed_files_are_read_by_what_they_are(name: str) -> None:
    compress = COMPRESS[name]
    assert read(compress(DATA)) == DATA
    # Files put one after the other, as log shippers do, and padding.
    assert read(compress(DATA) + compress(b"{}") + b"\0" * 512) == DATA + b"{}"
    assert read(compress(b"")) == b""


@pytest.mark.parametrize("name", COMPRESS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.999])
def test_a_cut_file_is_damaged(name: str, share: float) -> None:
    whole = COMPRESS[name](DATA)
    with pytest.raises(DamagedFileError, match=name):
        read(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("name", COMPRESS)
def test_a_flipped_bit_is_damage(name: str) -> None:
    whole = bytearray(COMPRESS[name](DATA))
    whole[len(whole) // 2] ^= 4
    with pytest.raises(DamagedFileError, match=name):
        read(bytes(whole))


def test_what_stands_behind_compressed_data_is_damage() -> None:
    with pytest.raises(DamagedFileError, match="gzip"):
        read(gzip.compress(b"{}") + b"{}")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_other_encodings_become_utf8(encoding: str, mark: str) -> None:
    if "32" in encoding and not mark:
        return
    text = '{"name": "Čapek 東京 🛒"}\n' * 9_000
    assert read((mark + text).encode(encoding)).decode().removeprefix("\ufeff") == text
    assert read(gzip.compress((mark + text).encode(encoding))).decode().endswith(text)


def test_a_text_that_ends_within_a_character_is_damaged() -> None:
    with pytest.raises(DamagedFileError, match="utf-16"):
        read('{"a": 1}'.encode("utf-16")[:-1])


@given(st.binary(max_size=40))
def test_any_other_bytes_go_as_they_are(data: bytes) -> None:
    assert read(b"x" + data) == b"x" + data


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"order_id,amount\n1,2.50\n", "CSV"),
        (b'"order_id";"amount"\n"1";"2,50"\n', "CSV"),
        (b"order_id\tamount\n1\t2.50\n", "tab-separated text"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"PK\x03\x04\x14\0", "a zip archive or a workbook"),
        (b"<html>", "XML or HTML"),
        (b"once upon a time", None),
        (b"once, upon a time\nthere was", None),
        (b"\xff\xfe\xfd", None),
        (b"", None),
        (b'"', None),
    ],
)
def test_other_formats_are_named(head: bytes, name: str | None) -> None:
    assert name_format(head) == name
