"""`retailpulse demo`: a retail business's orders arrive, get cleaned and become daily revenue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Annotated, Final

import typer

from ingestion.envelope import Message
from retailpulse.dbt_runs import Dbt
from retailpulse.errors import SetupError, WorkError
from retailpulse.home import Home, find_home, require_writable
from retailpulse.lakehouse import open_lakehouse
from retailpulse.landing import Landing, batches, new_ingester
from retailpulse.reports import (
    Conservation,
    conservation,
    daily_revenue,
    order_status,
    quarantine,
    total_revenue,
)
from retailpulse.terminal import Terminal
from simulator.deliveries import simulate
from simulator.messages import SOURCE
from simulator.settings import Settings, SettingsError

_SHOWN_DAYS: Final = 21
# So that the 200,000 events of the default are about a month.
_ORDERS_PER_DAY: Final = 3_000
_UPDATE_EVERY: Final = 1_000


def demo(
    events: Annotated[
        int, typer.Option(help="How many are accepted; duplicates and faulty ones come on top.")
    ] = 200_000,
) -> None:
    """Simulate a business with faults, ingest its events, build gold and show it.

    The same command again sends the same events again: they are duplicates, and revenue stays.
    """
    try:
        settings = Settings(events=events, orders_per_day=_ORDERS_PER_DAY)
    except SettingsError as error:
        raise SetupError(str(error)) from error
    started = time.monotonic()
    home = find_home()
    require_writable(home)
    terminal = Terminal()
    if home.catalog.exists():
        terminal.say(
            f"{home.root} holds data already; the demo adds to it. Its own events come again as "
            "duplicates: revenue stays as it is."
        )
    landing = Landing(new_ingester(home))
    with terminal.step("Simulating and ingesting orders") as step:
        for batch in batches(_messages(settings, step.update)):
            landing.land(batch)
    terminal.say(landing.totals.text(step.seconds))
    with terminal.step("Building silver and gold with dbt") as step:
        Dbt(home).run(["build"], progress=step.update)
    sums = _show(home, terminal)
    for title, seconds in terminal.seconds_by_step.items():
        terminal.say(f"{seconds:6.1f} s  {title}")
    terminal.say(f"{time.monotonic() - started:6.1f} s  in all")
    if not sums.holds:
        raise WorkError(
            "events were lost or counted twice: `dbt test` says where, and "
            "retailpulse_silver.event_conservation in which hour of arrival"
        )
    terminal.say("Next, try:")
    for command in (
        'retailpulse sql "select event_date, daily_revenue from retailpulse.agg_daily_revenue"',
        "retailpulse quarantine",
        "retailpulse live",
    ):
        terminal.say(f"  {command}")


def _messages(settings: Settings, tell: Callable[[str], None]) -> Iterator[Message]:
    for delivery in simulate(settings):
        if delivery.ordinal % _UPDATE_EVERY == 0:
            tell(f"{delivery.ordinal:,} events, up to {delivery.arrives_at:%Y-%m-%d}")
        yield Message(delivery.body, f"demo#{delivery.ordinal + 1:012d}", SOURCE)


def _show(home: Home, terminal: Terminal) -> Conservation:
    with terminal.step("Asking gold") as step, open_lakehouse(home) as lakehouse:
        tables = [
            daily_revenue(lakehouse, _SHOWN_DAYS),
            total_revenue(lakehouse),
            order_status(lakehouse),
            quarantine(lakehouse),
        ]
        step.update("counting what became of every raw line")
        sums = conservation(lakehouse)
        step.update("")
    for table in tables:
        terminal.show(table)
    terminal.say(
        f"landed {sums.landed:,} {'=' if sums.holds else 'is NOT'} accepted {sums.accepted:,} "
        f"+ quarantined {sums.quarantined:,} + duplicates {sums.duplicate:,}"
    )
    terminal.say()
    return sums
