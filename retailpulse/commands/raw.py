"""`retailpulse raw`: what is damaged or foreign in the raw zone, and taking it out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from ingestion.raw_objects import arrival_day
from retailpulse.errors import SetupError, WorkError
from retailpulse.local.home import find_home
from retailpulse.local.raw_check import RUNBOOK, SET_ASIDE, damaged_objects, shown
from retailpulse.local.set_aside import keys_named, objects_set_aside, restore, set_aside
from retailpulse.terminal import Terminal

app = typer.Typer(
    name="raw", help="Find and set aside damaged and foreign raw objects.", no_args_is_help=True
)


@app.command()
def check() -> None:
    """Read every raw object to its end: is it as it was landed?"""
    home = find_home()
    if not home.raw.is_dir():
        raise SetupError(f"there is no raw zone in {home.root}: see RETAILPULSE_HOME")
    terminal = Terminal()
    read = 0

    def count(objects: int) -> None:
        nonlocal read
        read = objects
        step.update(f"{objects:,} objects")

    with terminal.step("Checking raw") as step:
        found = list(damaged_objects(home.raw, tell=count))
    for key, finding in found:
        terminal.say(shown(key))
        terminal.say(f"  {finding.problem}")
    apart = objects_set_aside(home.raw)
    if apart:
        terminal.say(f"Set aside, and read by nobody: {len(apart):,} in {home.raw / SET_ASIDE}")
    if found:
        raise WorkError(
            f"{len(found):,} of {read:,} raw objects are damaged or foreign: put a good copy in "
            f"their place or take them out with `retailpulse raw set-aside` ({RUNBOOK})"
        )


@app.command("set-aside")
def set_aside_command(
    objects: Annotated[
        list[str], typer.Argument(metavar="OBJECT...", help="As `check` names them, or files.")
    ],
) -> None:
    """Take objects out of raw; envelopes that are sure to be whole stay. Nothing is deleted."""
    home = find_home()
    terminal = Terminal()
    days: list[str | None] = []
    for key in keys_named(home.raw, objects):
        report = set_aside(home.raw, key, datetime.now(UTC))
        kept = f"{report.kept_lines:,} envelopes stay, in {report.kept_key}"
        terminal.say(
            f"{shown(key)}: set aside; {kept if report.kept_key else 'nothing of it stays'}"
        )
        days.append(arrival_day(key))
    terminal.say(
        f"To undo it: retailpulse raw restore {'OBJECT...' if len(objects) > 1 else shown(key)}"
    )
    _say_next(terminal, days)


@app.command("restore")
def restore_command(
    objects: Annotated[
        list[str], typer.Argument(metavar="OBJECT...", help="As `set-aside` was given them.")
    ],
) -> None:
    """Put objects back that are set aside."""
    home = find_home()
    terminal = Terminal()
    days: list[str | None] = []
    for key in keys_named(home.raw / SET_ASIDE, objects):
        restore(home.raw, key)
        terminal.say(f"{shown(key)}: put back")
        days.append(arrival_day(key))
    _say_next(terminal, days)


def _say_next(terminal: Terminal, days: list[str | None]) -> None:
    given = sorted(day for day in days if day)
    if given:
        end = date.fromisoformat(given[-1]) + timedelta(days=1)
        terminal.say(
            f"Next: retailpulse backfill --from {given[0]} --to {end}, after which the tables "
            "hold what raw holds"
        )
