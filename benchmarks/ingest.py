"""`python -m benchmarks.ingest`: simulate and ingest ten million events in one process."""

from __future__ import annotations

from typing import Final

from benchmarks.command import run
from benchmarks.history import DAYS_PER_MILLION, grow
from benchmarks.measure import Spread, number, told
from benchmarks.results import Row, Section, publish
from retailpulse.terminal import Terminal

MILLIONS: Final = 10
# Memory that grows with the events would be ten times, not a little more.
_FLAT: Final = 1.1


def main() -> None:
    """Measure and publish; the raw zone stays for the benchmarks on a long history."""
    terminal = Terminal()
    with terminal.step(f"Simulating and ingesting {MILLIONS} million events"):
        folder, child = grow(MILLIONS)
    seconds, early, late = (told(child, name) for name in ("seconds", "early_memory", "memory"))
    objects = sum(1 for _ in (folder / "raw").rglob("*.ndjson.gz"))
    publish(
        Section(
            "ingest",
            f"Simulate and ingest: {MILLIONS} million events",
            "make bench-ingest",
            [
                Row(
                    "simulated, enveloped, compressed and stored",
                    Spread((MILLIONS * 1e6 / seconds,)).text("events/s"),
                ),
                Row.at_most(
                    "peak memory after all events against after a tenth of them",
                    f"{number(late / 2**20)} MiB",
                    f"{number(early / 2**20)} MiB",
                    late / early,
                    _FLAT,
                ),
            ],
            [
                "One process and one core, simulator included: it takes more than half of the "
                f"time. {MILLIONS * DAYS_PER_MILLION} days, a batch an hour of arrival: "
                f"{objects:,} objects, each synced to the disk.",
            ],
        ),
        terminal,
    )


if __name__ == "__main__":
    run(main)
