"""What is packed is gzip, and the same for the same data."""

from __future__ import annotations

import gzip

import pytest

from ingestion.sources.packing import packed


@pytest.mark.parametrize("data", [b"", b"a line\n", bytes(range(256)) * 10_000])
def test_what_is_packed_is_gzip_without_a_time(data: bytes) -> None:
    found = packed(data)

    assert gzip.decompress(found) == data
    # RFC 1952: no flags (so no file name) and no modification time.
    assert found[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
