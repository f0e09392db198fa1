"""What is told of a delivery that has landed, and of a file that cannot be read. Pure."""

from __future__ import annotations

import json
from typing import Any

from ingestion.envelope import utc_text
from ingestion.sources.files.delivering import Delivered, DroppedFile


def manifest_of(file: DroppedFile, feed: str, delivered: Delivered) -> bytes:
    """Return the manifest of a delivery, as JSON: what all of its bytes have become.

    `rows` are those that landed, `rejected` lines that are no row, `skipped` records that are no
    rows and no fault: headers, blank lines, summaries. `bytes_written` is the size of the raw
    objects, `seconds` what reading and landing took.
    """
    progress = delivered.progress
    return _json(
        {
            **_named(file),
            "feed": feed,
            "delivery": delivered.number,
            "sha256": delivered.sha256,
            "rows": progress.landed,
            "rejected": progress.rejected,
            "skipped": progress.skipped,
            "unknown_columns": list(delivered.unknown_columns),
            "bytes_written": progress.bytes_written,
            "seconds": round(progress.seconds, 3),
        }
    )


def report_of(file: DroppedFile, why: str) -> bytes:
    """Return the report on a file that cannot be read, as JSON."""
    return _json({**_named(file), "why": why})


def _named(file: DroppedFile) -> dict[str, Any]:
    return {"file": file.name, "delivered_at": utc_text(file.delivered_at)}


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
