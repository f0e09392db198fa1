"""`retailpulse demo`: a retail business's orders arrive, get cleaned and become daily revenue."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from ingestion.envelope import Message
from retailpulse.commands.simulate import refused
from retailpulse.commands.webshop import Opening, is_simulated, running_webshop
from retailpulse.errors import WorkError
from retailpulse.local.dbt_runs import TABLES, Dbt
from retailpulse.local.home import DEFAULT_HOME, HOME_VARIABLE, Home, find_home, require_writable
from retailpulse.local.lakehouse import open_lakehouse
from retailpulse.local.landing import Landing, batches, new_ingester
from retailpulse.local.reports import (
    Conservation,
    city_performance,
    conservation,
    daily_revenue,
    order_status,
    rejected,
    total_revenue,
)
from retailpulse.terminal import Terminal, counted
from simulator.deliveries import simulate
from simulator.messages import SOURCE
from simulator.settings import Settings, SettingsError

_SHOWN_DAYS: Final = 3
_SHOWN_CITIES: Final = 3
_SHOWN_REASONS: Final = 2
# So that the 200,000 events of the default are about a month.
_ORDERS_PER_DAY: Final = 3_000
# What the web shop has sold in that month.
_WEBSHOP_SALES: Final = 5_000
_MONTH: Final = timedelta(days=30)
_UPDATE_EVERY: Final = 1_000
NEXT: Final = (
    'sql "select event_date, daily_revenue from retailpulse.agg_daily_revenue '
    "where currency_code = 'USD' order by event_date\"",
    "quarantine",
    "live",
)


def demo(
    events: Annotated[
        int, typer.Option(help="How many are accepted; duplicates and faulty ones come on top.")
    ] = 200_000,
) -> None:
    """Simulate a business with faults, ingest its events and a database's rows, and show gold.

    The same command again sends the same events again: they are duplicates, and revenue stays.
    """
    try:
        settings = Settings(events=events, orders_per_day=_ORDERS_PER_DAY)
    except SettingsError as error:
        raise refused(error) from error
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
    with terminal.step("Simulating and ingesting") as step:
        for batch in batches(_messages(settings, step.update)):
            landing.land(batch)
    landed = landing.totals.landed
    terminal.say(f"{landed:,} events landed, {landed / step.seconds:,.0f} a second")
    if is_simulated(home):
        opening = Opening(_WEBSHOP_SALES, settings.start, settings.start + _MONTH)
        with (
            terminal.step("Reading what a web shop's database has sold") as step,
            running_webshop(home, opening, step.update) as webshop,
        ):
            step.update(counted(webshop.pull(), "row"))
    dbt = Dbt(home)
    with terminal.step("Building silver and gold") as step:
        dbt.run(TABLES, progress=step.update)
    _show_revenue(home, terminal)
    with terminal.step("Testing every table") as step:
        # Unit tests test the models, and not what is in the tables.
        dbt.run(["test", "--exclude-resource-type", "unit_test"], progress=step.update)
    sums = _show_whereabouts(home, terminal)
    terminal.say(f"All of it took {time.monotonic() - started:.1f} s.")
    if not sums.holds:
        raise WorkError(
            "events were lost or counted twice: `dbt test` says where, and "
            "retailpulse_silver.event_conservation in which hour of arrival"
        )
    terminal.say("Next, try:")
    for arguments in NEXT:
        terminal.say(f"  {as_typed(home, arguments)}")


def as_typed(home: Home, arguments: str) -> str:
    """Return our command as it works in the folder and the shell that this one was started in."""
    ours = Path(sys.executable).with_name("retailpulse")
    found = shutil.which("retailpulse")
    if found is not None and Path(found).resolve() == ours.resolve():
        command = "retailpulse"
    else:
        here = Path.cwd()
        command = shlex.quote(str(ours.relative_to(here) if ours.is_relative_to(here) else ours))
    elsewhere = home.root != home.project / DEFAULT_HOME
    variable = f"{HOME_VARIABLE}={shlex.quote(str(home.root))} " if elsewhere else ""
    return f"{variable}{command} {arguments}"


def _messages(settings: Settings, tell: Callable[[str], None]) -> Iterator[Message]:
    for delivery in simulate(settings):
        if delivery.ordinal % _UPDATE_EVERY == 0:
            tell(f"{delivery.ordinal:,} events, up to {delivery.arrives_at:%Y-%m-%d}")
        yield Message(delivery.body, f"demo#{delivery.ordinal + 1:012d}", SOURCE)


def _show_revenue(home: Home, terminal: Terminal) -> None:
    with open_lakehouse(home) as lakehouse:
        tables = [
            daily_revenue(lakehouse, _SHOWN_DAYS),
            total_revenue(lakehouse),
            city_performance(lakehouse, _SHOWN_CITIES),
        ]
        orders = order_status(lakehouse)
    for table in tables:
        terminal.show(table)
        terminal.say()
    terminal.say("Orders: " + ", ".join(f"{count:,} {status}" for status, count in orders))
    terminal.say()


def _show_whereabouts(home: Home, terminal: Terminal) -> Conservation:
    with terminal.step("Counting every raw line"), open_lakehouse(home) as lakehouse:
        reasons = rejected(lakehouse)
        sums = conservation(lakehouse)
    named = ", ".join(f"{count:,} {reason}" for reason, count in reasons[:_SHOWN_REASONS])
    terminal.say(f"Quarantined for {len(reasons)} reasons: {named}, …")
    terminal.say(
        f"landed {sums.landed:,} {'=' if sums.holds else 'is NOT'} accepted {sums.accepted:,} "
        f"+ quarantined {sums.quarantined:,} + duplicates {sums.duplicate:,}"
    )
    return sums
