"""What has become of tables' rows in a raw zone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def landed(raw: Path) -> list[dict[str, Any]]:
    """Return the events of a raw zone, in the order of their positions."""
    events = [
        json.loads(line)["payload"]
        for file in raw.glob("events/**/*.ndjson.gz")
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]
    return sorted(events, key=lambda event: (event["type"], event["sequence"]))


def latest(raw: Path, key: Sequence[str] = ("id",)) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the rows that the last versions of all keys say, of a raw zone with one table."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for event in landed(raw):
        data = event["data"]
        of_key = tuple(data[name] for name in key)
        if event["op"] == "delete":
            rows.pop(of_key, None)
        else:
            rows[of_key] = data
    return rows
