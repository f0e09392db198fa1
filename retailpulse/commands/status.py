"""`retailpulse status`: how the lakehouse is, and what to do next."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
from rich.table import Table
from rich.text import Text

from retailpulse.formats import printable
from retailpulse.local.arrivals import Arrivals, find_arrivals
from retailpulse.local.domain_tables import accepted_rows, gold_read_until
from retailpulse.local.home import DEFAULT_HOME, Home, find_home
from retailpulse.local.lakehouse import SILVER, has_table, open_lakehouse
from retailpulse.local.run_results import LastCommand, read_last_command
from retailpulse.terminal import Terminal

# As the raw source's freshness in models/staging/_raw__sources.yml warns.
_STALE_AFTER: Final = timedelta(hours=2)
_LITTLE_SPACE: Final = 0.1
_SHOWN_FAILURES: Final = 3

# DuckLake keeps its times as text.
_WRITTEN: Final = """
    select
        cast(cast(max(snapshot_time) as timestamptz) as timestamp),
        (
            select coalesce(sum(file_size_bytes), 0)
            from __ducklake_metadata_lakehouse.ducklake_data_file
        )
    from __ducklake_metadata_lakehouse.ducklake_snapshot
"""


@dataclass(frozen=True, slots=True)
class Tables:
    """What the lakehouse's tables tell.

    Attributes:
        written_at: When something was last committed.
        bytes: The size of the tables' files.
        read_until: All that was received before, UTC, is in all of gold; None without gold.
        runs: dbt's ids of the runs that brought it there.
        accepted: Events in silver, of all domains.
        quarantined: Events in quarantine.
        open: Of these, those that were neither made good nor closed.
    """

    written_at: datetime
    bytes: int
    read_until: datetime | None
    runs: frozenset[str]
    accepted: int
    quarantined: int
    open: int


@dataclass(frozen=True, slots=True)
class Status:
    """A lakehouse at one moment; None where there is nothing yet."""

    now: datetime
    tables: Tables | None
    command: LastCommand | None
    arrivals: Arrivals
    free_bytes: int
    disk_bytes: int


def status() -> None:
    """Show the last run, what arrived and waits, quarantine and disk, and what to do next."""
    home = find_home()
    found = find_status(home, datetime.now(UTC))
    terminal = Terminal()
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for name, text in [("Lakehouse", str(home.root)), *lines(found), *next_steps(found)]:
        shown.add_row(name, Text(printable(text)))
    terminal.show(shown)


def find_status(home: Home, now: datetime) -> Status:
    """Look at a lakehouse; how long that takes depends on what is new, not on its size."""
    tables = None
    if home.catalog.is_file():
        with open_lakehouse(home) as lakehouse:
            tables = _tables(lakehouse)
    commands = [read_last_command(home.root / "target")]
    in_project = read_last_command(home.project / "target")
    # What dbt leaves in the project may be about another lakehouse.
    is_default = home.root == home.project / DEFAULT_HOME
    if in_project and (is_default or (tables and in_project.invocation_id in tables.runs)):
        commands.append(in_project)
    disk = shutil.disk_usage(_existing(home.root))
    return Status(
        now=now,
        tables=tables,
        command=max(filter(None, commands), key=lambda each: each.ended_at, default=None),
        arrivals=find_arrivals(home.raw, tables.read_until if tables else None),
        free_bytes=disk.free,
        disk_bytes=disk.total,
    )


def lines(status: Status) -> Iterator[tuple[str, str]]:
    """Say how a lakehouse is: names and sentences."""
    command, tables, arrivals = status.command, status.tables, status.arrivals
    if command is not None:
        yield "Last dbt", _command(command, status.now)
        if tables and tables.written_at > command.ended_at:
            yield (
                "",
                f"written since, {_ago(tables.written_at, status.now)}: a run is going on, was "
                "stopped, or has another target folder",
            )
    if tables and tables.read_until:
        yield "Gold", f"has what arrived until {_at(tables.read_until, status.now)}"
    if arrivals.last:
        waiting = f"{arrivals.waiting:,} objects wait" if arrivals.waiting else "none waits"
        stale = ", longer than usual" if status.now - arrivals.last > _STALE_AFTER else ""
        yield "Arrivals", f"the last {_at(arrivals.last, status.now)}{stale}; {waiting} for dbt"
    if tables:
        yield "Events", f"{tables.accepted:,} accepted"
        if tables.quarantined:
            yield "Quarantine", f"{tables.open:,} open of {tables.quarantined:,}"
    if command is not None and command.conservation_holds is not None:
        yield (
            "Conservation",
            "every raw line is accounted for"
            if command.conservation_holds
            else "NOT every raw line is accounted for",
        )
    files = f"{_size(tables.bytes)} of tables, " if tables else ""
    share = status.free_bytes / status.disk_bytes
    yield "Disk", f"{files}{_size(status.free_bytes)} free ({share:.0%})"


def next_steps(status: Status) -> Iterator[tuple[str, str]]:
    """Say what there is to do, the most urgent first."""
    steps = list(_steps(status)) or ["nothing: all that arrived is in gold"]
    for index, step in enumerate(steps):
        yield "" if index else "Next", step


def _steps(status: Status) -> Iterator[str]:
    command, tables, arrivals = status.command, status.tables, status.arrivals
    if status.free_bytes < _LITTLE_SPACE * status.disk_bytes:
        yield "free some disk: `dbt run-operation upkeep` removes what is left over"
    if arrivals.last is None:
        yield "nothing yet: `make demo` fills it, `retailpulse ingest` takes your events"
        return
    if command is not None and command.conservation_holds is False:
        yield "`retailpulse backfill` over the hours that the failed test names"
    elif command is not None and command.failures:
        yield "put right what failed, then `dbt build`"
    if tables is None or tables.read_until is None:
        yield "`dbt build` brings what arrived to gold"
    elif arrivals.waiting:
        yield "`dbt build --selector fast` brings what waits to gold"
    if tables and tables.open:
        yield "`retailpulse quarantine` says what is wrong with what is open"


def _command(command: LastCommand, now: datetime) -> str:
    when = f"{command.name}, {_at(command.ended_at, now)}, {command.seconds:.0f} s"
    if not command.failures:
        return f"{when}: all {command.nodes:,} succeeded"
    failures = "; ".join(command.failures[:_SHOWN_FAILURES])
    return f"{when}: {len(command.failures):,} of {command.nodes:,} FAILED: {failures}"


def _tables(lakehouse: duckdb.DuckDBPyConnection) -> Tables:
    written_at, size = _row(
        lakehouse,
        _WRITTEN,
    )
    runs = (
        lakehouse.execute(
            "select distinct invocation_id from retailpulse_silver.run_windows"
        ).fetchall()
        if has_table(lakehouse, SILVER, "run_windows")
        else []
    )
    quarantined, still_open = 0, 0
    if has_table(lakehouse, SILVER, "quarantined_events_status"):
        quarantined, still_open = _row(
            lakehouse,
            "select count(*), count(*) filter (status = 'open') "
            "from retailpulse_silver.quarantined_events_status where status <> 'repeated'",
        )
    accepted_events = accepted_rows(lakehouse, ["event_id"])
    [accepted] = _row(lakehouse, f"select count(*) from ({accepted_events})")  # noqa: S608
    return Tables(
        written_at=written_at.replace(tzinfo=UTC),
        bytes=int(size),
        read_until=gold_read_until(lakehouse),
        runs=frozenset(run for (run,) in runs),
        accepted=accepted,
        quarantined=quarantined,
        open=still_open,
    )


def _row(lakehouse: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = lakehouse.execute(sql).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _at(moment: datetime, now: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC ({_ago(moment, now)})"


def _ago(moment: datetime, now: datetime) -> str:
    seconds = max(0, round((now - moment).total_seconds()))
    for unit, size in (("days", 86_400), ("hours", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:,} {unit} ago"
    return f"{seconds} s ago"


def _size(count: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1_000:.1f} kB"
