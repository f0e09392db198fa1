"""What lies in a raw zone, read without the pipeline's code."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

_OBJECTS = "events/**/*.ndjson.gz"


def has_landed(raw: Path) -> bool:
    """Whether there is an object of events."""
    return any(raw.glob(_OBJECTS))


def read_raw(raw: Path) -> tuple[int, list[str]]:
    """Return how many lines of events there are, and the objects that are not whole."""
    count, partial = 0, []
    for path in raw.glob(_OBJECTS):
        try:
            *lines, rest = gzip.decompress(path.read_bytes()).split(b"\n")
            count += len([json.loads(line) for line in lines])
        except (OSError, EOFError, zlib.error, ValueError):
            rest = b"unreadable"
        if rest:
            partial.append(path.name)
    return count, partial
