"""`retailpulse pull`: what has changed in operational databases, as rows in the raw zone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Annotated

import typer

from ingestion.raw_zone import StorageError
from ingestion.sources.contract_files import read_contract
from ingestion.sources.databases.chosen_sources import choose_sources
from ingestion.sources.databases.database import Database
from ingestion.sources.databases.engines import connect, connect_log
from ingestion.sources.databases.log_pull import pull_log
from ingestion.sources.databases.pull import Pulled
from ingestion.sources.databases.pull import pull as pull_table
from ingestion.sources.databases.reading import Activity, Progress, Puller
from ingestion.sources.databases.settings import ENGINE_WITH_LOG, LOG, Source
from ingestion.sources.databases.table_contracts import changes
from ingestion.sources.errors import ConfigurationError, SourceError
from ingestion.sources.state_store import FolderStateStore
from retailpulse.dbt_project import disabled_sources
from retailpulse.errors import SetupError, WorkError
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.landing import new_ingester
from retailpulse.terminal import Step, Terminal, counted


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            help=(
                "Files of ingestion/sources, without .yml; if none is named, all whose address "
                "is set."
            ),
        ),
    ] = None,
    *,
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile",
            help="Compare each table with all that has landed of it, also where that is not due.",
        ),
    ] = False,
    drop: Annotated[
        bool,
        typer.Option(
            "--drop",
            help="Remove the slots of PostgreSQL's sources, which keep its log, in the place of "
            "pulling, and the publications where that is allowed.",
        ),
    ] = False,
) -> None:
    """Land what has changed in databases since the pull before; at first, all of it.

    Once a day (reconcile_hours of the source) each table is compared with all that has landed of
    it, which finds deleted rows, and rows that were updated without their cursor.
    """
    if drop and reconcile:
        raise SetupError("--drop ends following a source, and --reconcile goes on: give one")
    home = find_home()
    try:
        chosen = choose_sources(
            home.project / "ingestion" / "sources",
            names or [],
            os.environ,
            # Also of one that is disabled no log shall be kept.
            () if drop else disabled_sources(home.project),
        )
    except ConfigurationError as error:
        raise SetupError(str(error)) from error
    require_writable(home)
    terminal = Terminal()
    for told in chosen.left_out:
        terminal.say(told)
    refused: list[str] = []
    pulled: list[Pulled] = []
    if drop:
        _drop(chosen.addresses, home, terminal)
        return
    for source, address in chosen.addresses:
        try:
            with _alone(source, home):
                pull_source = _pull_log if source.mode == LOG else _pull
                pulled += pull_source(source, address, home, terminal, refused, reconcile=reconcile)
        except (SourceError, StorageError) as error:
            refused.append(str(error))
    rows = sum(each.rows for each in pulled)
    terminal.say(
        f"{counted(rows, 'row')} of {counted(len(pulled), 'table')} landed, "
        f"{sum(each.bytes_written for each in pulled) / 1e6:.1f} MB"
    )
    if refused:
        raise WorkError("\n".join(refused))
    if rows:
        terminal.say(f"Next: dbt build{' --selector fast' if home.catalog.exists() else ''}")


@contextmanager
def _alone(source: Source, home: Home) -> Iterator[None]:
    """Let one process at a time pull a source: a comparison may outlast the time between pulls.

    Raises:
        SourceError: Another pulls it.
    """
    folder = home.root / "pulled"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{source.name}.lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SourceError(
                f"{source.name}: another `retailpulse pull` is reading it: let that end"
            ) from error
        yield


def _pull(
    source: Source,
    address: str,
    home: Home,
    terminal: Terminal,
    refused: list[str],
    *,
    reconcile: bool,
) -> list[Pulled]:
    pulled = []
    with connect(source, address) as database:
        database.check()
        puller = new_puller(source, database, home)
        for table in source.tables:
            with terminal.step(f"{source.name}: {table.label}") as step:
                puller.tell = partial(_show, step)
                try:
                    pulled.append(pull_table(puller, table, compare=reconcile))
                    _tell_changes(source, pulled[-1], home, terminal)
                    _tell_compared(source, pulled[-1], terminal)
                except (SourceError, StorageError) as error:
                    refused.append(str(error))
                    step.update("refused")
                else:
                    step.update(counted(pulled[-1].rows, "row"))
    if source.engine == ENGINE_WITH_LOG:
        _tell_slot(source, address, terminal)
    return pulled


def _tell_slot(source: Source, address: str, terminal: Terminal) -> None:
    """Say that a slot was left behind of a source that is polled now."""
    # Polling goes on whatever is the matter with it.
    with suppress(SourceError), connect_log(source, address) as (_, log):
        if log.slot():
            terminal.say(
                f"{source.name}: it is polled, and the server still keeps "
                f"{_megabytes(log.lag().kept_bytes)} of its log for it: `retailpulse pull --drop "
                f"{source.name}` ends that"
            )


def _pull_log(
    source: Source,
    address: str,
    home: Home,
    terminal: Terminal,
    refused: list[str],
    *,
    reconcile: bool,
) -> list[Pulled]:
    with connect_log(source, address) as (database, log):
        puller = new_puller(source, database, home)
        with terminal.step(f"{source.name}: by its log") as step:
            puller.tell = partial(_show, step)
            pulled = pull_log(puller, log, compare=reconcile)
            step.update(counted(sum(each.rows for each in pulled.tables), "row"))
    for each in pulled.tables:
        terminal.say(f"{source.name}: {each.table.label}: {counted(each.rows, 'row')}")
        _tell_changes(source, each, home, terminal)
        _tell_compared(source, each, terminal)
    terminal.say(f"{source.name}: the server keeps {_megabytes(pulled.lag.kept_bytes)} of its log")
    refused += [str(error) for _, error in pulled.refused]
    return pulled.tables


def new_puller(source: Source, database: Database, home: Home) -> Puller:
    """Return what pulls a source into a lakehouse."""
    states = FolderStateStore(home.root / "pulled")
    return Puller(source, database, new_ingester(home), states, scratch=home.root)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _drop(addresses: Iterable[tuple[Source, str]], home: Home, terminal: Terminal) -> None:
    """Let servers keep no log any more; also of a source that is polled now.

    Raises:
        WorkError: Some do still.
    """
    refused = []
    for source, address in addresses:
        if source.engine != ENGINE_WITH_LOG:
            terminal.say(f"{source.name}: {source.engine} keeps nothing for it")
            continue
        try:
            with _alone(source, home), connect_log(source, address) as (_, log):
                for said in log.drop():
                    terminal.say(f"{source.name}: {said}")
        except SourceError as error:
            refused.append(str(error))
    if refused:
        raise WorkError("\n".join(refused))


def _tell_compared(source: Source, pulled: Pulled, terminal: Terminal) -> None:
    found = pulled.reconciled
    # Of a table that each pull compares, its rows say it.
    if found and (source.mode == LOG or pulled.table.cursor):
        terminal.say(
            f"{source.name}: {pulled.table.label}: compared with all that has landed: "
            f"{counted(found.compared_rows, 'row')}, {found.changed_rows:,} of them changed "
            f"unseen, {found.deleted_rows:,} deleted"
        )


def _tell_changes(source: Source, pulled: Pulled, home: Home, terminal: Terminal) -> None:
    """Say how a table differs from its contract. Its rows land all the same."""
    table = pulled.table
    contract = read_contract(source.name, table.event_type, home.project)
    if contract is None:
        terminal.say(
            f"{source.name}: {table.label} has no contract, and its rows are quarantined: "
            f"`make sources` writes it"
        )
    else:
        for change in changes(table, pulled.shape, contract):
            terminal.say(f"{source.name}: {table.label}: {change}: `make sources` takes it up")


def _show(step: Step, progress: Progress) -> None:
    rate = progress.rows_here / progress.seconds if progress.seconds > 0 else 0.0
    text = f"{progress.rows:,} rows, {rate:,.0f} rows/s"
    if progress.activity is Activity.COMPARISON:
        text = f"compared, {text}"
    left = progress.expected_rows - progress.rows
    if progress.expected_rows and left > 0 and rate > 0:
        text += f", about {left / rate:,.0f} s left"
    step.update(text)
