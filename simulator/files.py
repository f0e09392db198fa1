"""A simulated period as files: what arrives, and what has to become of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.deliveries import simulate
from simulator.settings import Settings

EVENTS_FILE = "events.ndjson"
EXPECTED_FILE = "expected.ndjson"
SUMMARY_FILE = "summary.json"

_PROGRESS_EVERY = 1_000


def write_files(
    settings: Settings, folder: Path, progress: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Write a simulation into a folder, as a stream.

    `events.ndjson` has each delivery's body on a line, in order of arrival, as bytes: some are
    not UTF-8. `expected.ndjson` has a line for each delivery that is not simply accepted:
    `ordinal` (its line in `events.ndjson`, from 0), `event_id`, `fault`, `outcome`,
    `reject_reason`. `summary.json` has their counts.

    Args:
        settings: what to simulate.
        folder: made if it is missing; files of these names are replaced.
        progress: told the number of deliveries written, every thousand and at the end.

    Returns:
        What `summary.json` holds.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    outcomes: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    count = 0
    with (
        (folder / EVENTS_FILE).open("wb") as events,
        (folder / EXPECTED_FILE).open("w", encoding="utf-8", newline="\n") as expected,
    ):
        for delivery in simulate(settings):
            events.write(delivery.body + b"\n")
            outcomes[delivery.outcome] += 1
            if delivery.fault is not None:
                faults[delivery.fault] += 1
                line = {
                    "ordinal": delivery.ordinal,
                    "event_id": delivery.event_id,
                    "fault": delivery.fault,
                    "outcome": delivery.outcome,
                    "reject_reason": delivery.reject_reason,
                }
                expected.write(json.dumps(line) + "\n")
            if delivery.reject_reason is not None:
                reasons[delivery.reject_reason] += 1
            count += 1
            if count % _PROGRESS_EVERY == 0:
                progress(count)
    progress(count)
    summary = {
        "seed": settings.seed,
        "start": settings.start.isoformat(),
        "deliveries": count,
        "outcomes": dict(sorted(outcomes.items())),
        "faults": dict(sorted(faults.items())),
        "reject_reasons": dict(sorted(reasons.items())),
    }
    (folder / SUMMARY_FILE).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary
