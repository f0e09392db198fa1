"""`retailpulse simulate`: a business's events in a file, or the files that a grocery drops."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from retailpulse.errors import SetupError
from retailpulse.terminal import Terminal
from simulator.files import EVENTS_FILE, EXPECTED_FILE, write_files
from simulator.grocery.business import LONGEST_BETWEEN_ORDERS
from simulator.grocery.files import write_deliveries
from simulator.settings import Faults, Settings, SettingsError

_DEFAULTS = Settings()


def simulate(
    events: Annotated[
        int, typer.Option(help="How many are accepted; duplicates and faulty ones come on top.")
    ] = _DEFAULTS.events,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = _DEFAULTS.seed,
    start: Annotated[
        datetime, typer.Option(help="When the period begins, UTC.", formats=["%Y-%m-%d"])
    ] = datetime(2026, 1, 1),
    orders_per_day: Annotated[
        float, typer.Option(help="More events are more days, not more orders a day.")
    ] = _DEFAULTS.orders_per_day,
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("simulated"),
    no_faults: Annotated[bool, typer.Option("--no-faults", help="Nothing goes wrong.")] = False,
    files: Annotated[
        bool,
        typer.Option("--files", help="Write the files that a grocery drops, and no events."),
    ] = False,
    orders: Annotated[
        int,
        typer.Option(
            help="With --files: how many orders they are of, one in 15 minutes from --start on.",
            min=1,
        ),
    ] = 1_000,
) -> None:
    """Write a simulated period into a folder: the events, and what has to become of each fault.

    With --files it is the CSV files of a grocery: its products, orders, their items, and 1,000
    lines of abandoned carts.
    """
    if files:
        _write_files(out, seed, start.replace(tzinfo=UTC), orders, with_faults=not no_faults)
        return
    try:
        settings = Settings(
            events=events,
            seed=seed,
            start=start.replace(tzinfo=UTC),
            orders_per_day=orders_per_day,
            faults=Faults.none() if no_faults else Faults(),
        )
    except SettingsError as error:
        raise refused(error) from error
    terminal = Terminal()
    try:
        with terminal.step("Simulating") as step:
            summary = write_files(settings, out, lambda count: step.update(f"{count:,} events"))
    except OSError as error:
        raise _unwritable(out, error) from error
    outcomes = summary["outcomes"]
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items())
    terminal.say(f"{summary['deliveries']:,} events in {out / EVENTS_FILE}: {told} to be")
    terminal.say(f"What has to become of each fault is in {out / EXPECTED_FILE}")
    terminal.say(f"Next: retailpulse ingest {out / EVENTS_FILE}")


def _write_files(out: Path, seed: int, start: datetime, orders: int, *, with_faults: bool) -> None:
    if start + orders * LONGEST_BETWEEN_ORDERS > datetime.now(UTC):
        raise SetupError(
            f"{orders:,} orders may last until after today, and what has not come yet is rejected: "
            "let --start be earlier, or --orders fewer"
        )
    terminal = Terminal()
    try:
        with terminal.step("Simulating a grocery") as step:
            summary = write_deliveries(
                out, seed, start, orders, with_faults=with_faults, progress=step.update
            )
    except OSError as error:
        raise _unwritable(out, error) from error
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in summary["outcomes"].items())
    terminal.say(f"{len(summary['files'])} files in {out}, whose lines are {told} to be")
    terminal.say(f"What has to become of each fault is in {out / EXPECTED_FILE}")
    terminal.say(f"Next: retailpulse drop {out / '*.csv'}")


def _unwritable(out: Path, error: OSError) -> SetupError:
    return SetupError(f"cannot write in {out} ({error.strerror}): choose another --out")


def refused(error: SettingsError, **options: str) -> SetupError:
    """Return what a command says to a setting that no simulation can be run with.

    Args:
        error: What is wrong with it.
        options: The settings whose option has another name than the setting.
    """
    option = options.get(error.name, error.name).replace("_", "-")
    return SetupError(f"--{option} must be {error.rule}")
