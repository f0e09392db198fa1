"""What has become of tables' rows in a raw zone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


def landed(raw: Path) -> list[dict[str, Any]]:
    """Return the events of a raw zone, in the order of their positions."""
    return sorted(_events(raw), key=lambda event: (event["type"], event["sequence"]))


def latest(raw: Path, key: Sequence[str] = ("id",)) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the rows that the last versions of all keys say, of a raw zone with one table."""
    rows: dict[tuple[str, ...], tuple[str, dict[str, Any] | None]] = {}
    for event in _events(raw):
        data, sequence = event["data"], event["sequence"]
        of_key = tuple(data[name] for name in key)
        if of_key not in rows or rows[of_key][0] < sequence:
            rows[of_key] = sequence, None if event["op"] == "delete" else data
    return {of_key: data for of_key, (_, data) in rows.items() if data is not None}


def _events(raw: Path) -> Iterator[dict[str, Any]]:
    for file in raw.glob("events/**/*.ndjson.gz"):
        for line in gzip.decompress(file.read_bytes()).splitlines():
            yield json.loads(line)["payload"]
