"""The workload of a bill, as this project is configured."""

from __future__ import annotations

import json
from typing import Final

from benchmarks.cloud_usage import Workload
from benchmarks.command import PROJECT

_QUEUE_SETTINGS: Final = PROJECT / "ingestion" / "queue_settings.json"

# Of 300,000 accepted events of orders, 1,000 orders a day: creations, status changes, refunds.
_TYPE_SHARES: Final = (0.343, 0.639, 0.018)


def configured(events_per_day: int, every_minutes: int) -> Workload:
    """Return the workload of so many events a day and a fast run every so many minutes."""
    settings = json.loads(_QUEUE_SETTINGS.read_text(encoding="utf-8"))
    return Workload(
        events_per_day=events_per_day,
        every_minutes=every_minutes,
        type_shares=_TYPE_SHARES,
        window_seconds=settings["maximum_batching_window_seconds"],
        batch_size=settings["batch_size"],
    )
