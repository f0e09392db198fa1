"""`retailpulse rebuild`: the tables made again from raw, which has everything, and swapped."""

from __future__ import annotations

import gzip
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import duckdb
import typer

from retailpulse.dbt_project import configured_systems
from retailpulse.errors import RetailPulseError, SetupError, WorkError
from retailpulse.formats import ResultTable
from retailpulse.local.beside import lakehouse_beside, take_its_place
from retailpulse.local.dbt_runs import Dbt
from retailpulse.local.domain_tables import rows_by_hour
from retailpulse.local.former_tables import is_former, shared_orders
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.in_use import alone
from retailpulse.local.lakehouse import open_lakehouse
from retailpulse.local.read_only import one_line
from retailpulse.local.reports import conservation
from retailpulse.terminal import Terminal

_CHUNK_BYTES: Final = 1024 * 1024

_SHARED: Final = (
    "several sources created orders of one id, which silver kept apart until now and would take "
    "for one: where they are different orders, say in dbt_project.yml by the variable `systems` "
    "whose ids each source uses; where they are one, give --same-orders; nothing was changed"
)


@dataclass(frozen=True, slots=True)
class _Before:
    """What the tables were that are to be built again.

    Attributes:
        unchecked: Why it cannot be told whether they hold more than raw; None if it can.
        shared: Orders of several sources that would be one; None if there are none.
    """

    unchecked: str | None = None
    shared: ResultTable | None = None


def rebuild(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Rebuild without asking.")] = False,
    same_orders: Annotated[
        bool,
        typer.Option(
            "--same-orders",
            help="Take an id that several sources gave to orders for one order; asked for once, "
            "of what an earlier version built.",
        ),
    ] = False,
) -> None:
    """Build all tables again from raw, beside those that are there, and let them take their place.

    After an upgrade or a change of `partition_by` or `systems`, and for tables or a catalog that
    are lost or damaged. Readers meet the tables before or those after, at any moment. Asks first.
    Killed half-way, it is simply run again.
    """
    home = find_home()
    if not home.raw.is_dir():
        raise SetupError(f"there is no raw zone in {home.root} to build from: see RETAILPULSE_HOME")
    require_writable(home)
    terminal = Terminal()
    with alone(home):
        with terminal.step("Checking that raw has everything") as step:
            lines = lines_by_hour(home.raw, step.update)
            step.update(f"{lines.total():,} lines")
            before = _look_at_tables(home, lines)
        if before.unchecked:
            terminal.say(
                f"Whether the tables hold more than raw cannot be told: {before.unchecked}"
            )
        if before.shared and not same_orders:
            terminal.show(before.shared)
            raise SetupError(_SHARED)
        if not yes:
            _ask(home)
        with lakehouse_beside(home) as beside:
            with terminal.step("Building silver and gold with dbt") as step:
                Dbt(beside).run(["build"], progress=step.update)
            with open_lakehouse(beside) as lakehouse:
                sums = conservation(lakehouse)
            take_its_place(home, beside)
    terminal.say(
        f"Rebuilt from {sums.landed:,} lines of raw: {sums.accepted:,} accepted, "
        f"{sums.quarantined:,} quarantined, {sums.duplicate:,} duplicates"
    )


def lines_by_hour(raw: Path, tell: Callable[[str], None] = lambda _: None) -> Counter[str]:
    """Read all of raw, and count its lines by hour of arrival, `YYYY-MM-DD HH` in UTC.

    Raises:
        WorkError: An object cannot be read to its end.
        SetupError: There is no line.
    """
    lines: Counter[str] = Counter()
    objects = sorted(raw.glob("events/event_type=*/dt=*/hour=*/*.ndjson.gz"))
    for number, path in enumerate(objects, 1):
        tell(f"object {number:,} of {len(objects):,}")
        day, hour = path.parts[-3].removeprefix("dt="), path.parts[-2].removeprefix("hour=")
        try:
            with gzip.open(path) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    lines[f"{day} {hour}"] += chunk.count(b"\n")
        except (OSError, EOFError, zlib.error) as error:
            raise WorkError(
                f"{path} cannot be read ({error}) and a build would stop at it, so nothing was "
                "changed: put it right as docs/runbooks/laptop-damaged-raw.md says"
            ) from error
    if not lines.total():
        raise SetupError(f"nothing has arrived in {raw}, so nothing can be built from it")
    return lines


def _look_at_tables(home: Home, lines: Counter[str]) -> _Before:
    """Look at the tables that are there.

    Raises:
        SetupError: They hold what raw does not.
    """
    if not home.catalog.is_file():
        return _Before(unchecked="there is no catalog")
    try:
        with open_lakehouse(home) as lakehouse:
            rows = rows_by_hour(lakehouse)
            shared = (
                shared_orders(lakehouse, configured_systems(home.project))
                if is_former(lakehouse)
                else None
            )
    except duckdb.Error as error:
        return _Before(unchecked=one_line(error))
    except (RetailPulseError, sqlite3.Error) as error:
        # The command that its sentence names is this one.
        return _Before(unchecked=str(error.__cause__ or error))
    lost = sorted(hour for hour, count in rows.items() if count > lines[hour])
    if lost:
        raise SetupError(
            f"raw no longer has all of what arrived from {lost[0]}:00 to {lost[-1]}:59 UTC, and a "
            "rebuild would lose it from the tables, so nothing was changed: bring these objects "
            f"back to {home.raw} first"
        )
    return _Before(shared=shared)


def _ask(home: Home) -> None:
    typer.echo(
        f"All tables in {home.root} are built again from raw, which stays as it is, and take the "
        "place of those that are there.\nOlder snapshots are lost, and tables that this project "
        "does not make. Until it ends, readers find the tables as they are now, and the disk holds "
        "both."
    )
    try:
        typer.confirm("Rebuild?", abort=True)
    except typer.Abort:
        raise SetupError("nothing was changed: `retailpulse rebuild --yes` does not ask") from None
