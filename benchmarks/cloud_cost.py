"""`python -m benchmarks.cloud_cost`: what a month of RetailPulse on AWS costs, service by service.

Athena's part, S3's and Glue's are counted from real runs on the local Athena
(benchmarks.athena_cost); what cannot be counted here is an assumption, and the page lists them.
"""

from __future__ import annotations

from typing import Annotated, Final

import typer

from benchmarks.athena_case import EVERY_MINUTES, SMALL
from benchmarks.athena_record import RECORD_FILE, read_record
from benchmarks.cloud_bill import by_service, terminal_table
from benchmarks.cloud_page import page
from benchmarks.cloud_priced import priced
from benchmarks.cloud_prices import read_prices
from benchmarks.cloud_workload import configured
from benchmarks.command import PROJECT, run
from benchmarks.history import Ids
from retailpulse.terminal import Terminal

PAGE: Final = PROJECT / "benchmarks" / "cloud-cost.md"
PRICES: Final = PROJECT / "benchmarks" / "prices.toml"


def main(
    events_per_day: Annotated[
        int, typer.Option(min=0, help="How many events arrive; 0 for a month without any.")
    ] = SMALL.events_per_day,
    every_minutes: Annotated[
        int, typer.Option(min=1, max=1440, help="How often the fast path runs.")
    ] = EVERY_MINUTES,
    ids: Annotated[Ids, typer.Option(help="What the events' ids are like.")] = Ids.RISING,
) -> None:
    """Print the bill of a workload, and write the page of all cases."""
    run(lambda: _print(events_per_day, every_minutes, ids))


def _print(events_per_day: int, every_minutes: int, ids: Ids) -> None:
    terminal = Terminal()
    prices, record = read_prices(PRICES), read_record(RECORD_FILE)
    found = priced(configured(events_per_day, every_minutes), ids, record, prices)
    bills = [*found.paid.values(), *found.listed.values()]
    terminal.show(
        terminal_table(
            f"USD in 31 days: {events_per_day:,} events a day, {ids} ids, a run every "
            f"{every_minutes} minutes",
            ["service", *(each.name for each in bills)],
            by_service(bills),
        )
    )
    PAGE.write_text(page(record, prices, configured), encoding="utf-8")
    terminal.say(f"Each case, line, price and assumption: {PAGE.relative_to(PROJECT)}")


if __name__ == "__main__":
    typer.run(main)
