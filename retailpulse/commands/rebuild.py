"""`retailpulse rebuild`: the tables made again from raw, which has everything."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import duckdb
import typer

from retailpulse.errors import RetailPulseError, SetupError, WorkError
from retailpulse.local.dbt_runs import Dbt
from retailpulse.local.domain_tables import line_tables
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.in_use import alone
from retailpulse.local.lakehouse import open_lakehouse
from retailpulse.local.read_only import one_line
from retailpulse.local.reports import conservation
from retailpulse.terminal import Terminal

_CHUNK_BYTES: Final = 1024 * 1024


def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="Rebuild without asking.")] = False,
) -> None:
    """Delete all tables and build them again from raw, which stays as it is. Asks first.

    For tables or a catalog that are lost or damaged. Killed half-way, it is simply run again.
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
            unchecked = _check_nothing_is_lost(home, lines)
        if unchecked:
            terminal.say(f"Whether the tables hold more than raw cannot be told: {unchecked}")
        if not yes:
            _ask(home)
        with terminal.step("Deleting the tables"):
            delete_tables(home)
    with terminal.step("Building silver and gold with dbt") as step:
        Dbt(home).run(["build"], progress=step.update)
    with open_lakehouse(home) as lakehouse:
        sums = conservation(lakehouse)
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


def delete_tables(home: Home) -> None:
    """Delete the catalog, and then the files that only it can explain."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        home.catalog.with_name(home.catalog.name + suffix).unlink(missing_ok=True)
    # What is in the folder: it may be a link to another disk.
    for entry in home.data.iterdir() if home.data.is_dir() else ():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _check_nothing_is_lost(home: Home, lines: Counter[str]) -> str | None:
    """Refuse where the tables hold what raw does not; return why that cannot be told, if so."""
    if not home.catalog.is_file():
        return "there is no catalog"
    try:
        with open_lakehouse(home) as lakehouse:
            rows = _rows_by_hour(lakehouse)
    except duckdb.Error as error:
        return one_line(error)
    except (RetailPulseError, sqlite3.Error) as error:
        # The command that its sentence names is this one.
        return str(error.__cause__ or error)
    lost = sorted(hour for hour, count in rows.items() if count > lines[hour])
    if lost:
        raise SetupError(
            f"raw no longer has all of what arrived from {lost[0]}:00 to {lost[-1]}:59 UTC, and a "
            "rebuild would lose it from the tables, so nothing was changed: bring these objects "
            f"back to {home.raw} first"
        )
    return None


def _rows_by_hour(lakehouse: duckdb.DuckDBPyConnection) -> Counter[str]:
    rows: Counter[str] = Counter()
    for table in line_tables(lakehouse):
        by_hour = lakehouse.table(f'retailpulse_silver."{table}"').aggregate(
            "strftime(received_at, '%Y-%m-%d %H'), count(*)"
        )
        rows.update(dict(by_hour.fetchall()))
    return rows


def _ask(home: Home) -> None:
    typer.echo(
        f"All tables in {home.root} are deleted and built again from raw, which stays as it is.\n"
        "Older snapshots are lost, and tables that this project does not make. Until it ends, "
        "readers find none or not all of the tables."
    )
    try:
        typer.confirm("Rebuild?", abort=True)
    except typer.Abort:
        raise SetupError("nothing was changed: `retailpulse rebuild --yes` does not ask") from None
