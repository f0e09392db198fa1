"""`python -m benchmarks.simulated_raw`: a raw zone of simulated orders, and what must come of it.

A process of its own: what it holds in memory must not count as that of what is measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.command import run
from benchmarks.totals import totals_of_truth, write_totals
from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from retailpulse.local.landing import Landing, batches
from retailpulse.terminal import Terminal
from simulator.deliveries import simulate
from simulator.messages import SOURCE
from simulator.settings import Settings
from simulator.truth import Truth

_UPDATE_EVERY = 1_000


def main() -> None:
    """Simulate and land; write the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, help="how many are accepted")
    parser.add_argument("raw", type=Path, help="the raw zone's folder")
    parser.add_argument("totals", type=Path, help="the file for the totals")
    arguments = parser.parse_args()
    terminal = Terminal()
    truth = Truth()
    landing = Landing(Ingester(FolderRawZone(arguments.raw)))
    with terminal.step("Simulating and ingesting (not measured)") as step:
        for batch in batches(_messages(arguments.events, truth, step.update)):
            landing.land(batch)
    terminal.say(landing.totals.text(step.seconds))
    write_totals(totals_of_truth(truth), arguments.totals)


def _messages(events: int, truth: Truth, tell: Callable[[str], None]) -> Iterator[Message]:
    # The script and Spark build orders alone.
    for delivery in simulate(Settings(events=events, orders_only=True)):
        truth.add(delivery)
        if delivery.ordinal % _UPDATE_EVERY == 0:
            tell(f"{delivery.ordinal:,} events")
        yield Message(delivery.body, f"bench#{delivery.ordinal + 1:012d}", SOURCE)


if __name__ == "__main__":
    run(main)
