"""`retailpulse backfill`: read the arrivals of past days again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Final

import typer

from retailpulse.errors import SetupError, WorkError
from retailpulse.local.dbt_runs import Dbt
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.raw_check import RUNBOOK, damaged_objects, shown
from retailpulse.terminal import Terminal

_DATE: Final = ["%Y-%m-%d"]

# A window's partitions are at most this many, as Athena asks.
_MOST_DAYS: Final = 100


def backfill(
    first: Annotated[
        datetime, typer.Option("--from", formats=_DATE, help="The first day of arrival, UTC.")
    ],
    end: Annotated[
        datetime, typer.Option("--to", formats=_DATE, help="The day after the last, UTC.")
    ],
    days: Annotated[
        int, typer.Option(min=1, max=_MOST_DAYS, help="How many days are read at a time.")
    ] = 7,
) -> None:
    """Read the arrivals of past days again, after a new column or a corrected rule."""
    if first >= end:
        raise SetupError(
            f"--from {first:%Y-%m-%d} must lie before --to {end:%Y-%m-%d}, which is the first day "
            "that is not read"
        )
    home = find_home()
    if not home.catalog.is_file():
        raise SetupError(f"there is no lakehouse in {home.root} to fill again: run `dbt build`")
    require_writable(home)
    dbt = Dbt(home)
    terminal = Terminal()
    _check_raw(home, first.date(), end.date(), terminal)
    for start, until in windows(first.date(), end.date(), days):
        with terminal.step(f"Reading the arrivals from {start} to before {until}") as step:
            dbt.run(
                ["run", "--select", "config.meta.reads_raw:true"],
                variables={"backfill": {"from": start.isoformat(), "to": until.isoformat()}},
                progress=step.update,
            )
    # In a backfill silver and gold are compared with all they are made of, so that nothing stays
    # that a corrected rule took away; and all tests say whether every arrival is accounted for.
    with terminal.step("Bringing what changed to gold, and testing all of it") as step:
        dbt.run(
            ["build", "--exclude", "resource_type:unit_test"],
            variables={"backfill": {"from": start.isoformat(), "to": until.isoformat()}},
            progress=step.update,
        )


def _check_raw(home: Home, first: date, end: date, terminal: Terminal) -> None:
    """See that the objects are whole: what cannot be read of them would leave the tables.

    Raises:
        WorkError: One is not.
    """
    days = [(first + timedelta(days=number)).isoformat() for number in range((end - first).days)]
    with terminal.step("Checking raw"):
        damaged = next(damaged_objects(home.raw, days), None)
    if damaged:
        key, finding = damaged
        raise WorkError(
            f"the raw object {shown(key)} {finding.problem}: put a good copy in its place, or take "
            f"it out with `retailpulse raw set-aside` ({RUNBOOK}); nothing was read again"
        )


def windows(first: date, end: date, days: int) -> Iterator[tuple[date, date]]:
    """Cut the days from `first` to before `end` into windows of at most `days` days."""
    start = first
    while start < end:
        until = min(start + timedelta(days=days), end)
        yield start, until
        start = until
