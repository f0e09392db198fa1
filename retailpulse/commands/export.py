"""`retailpulse export`: gold as files that any tool reads."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import duckdb
import typer

from retailpulse.errors import SetupError
from retailpulse.local.home import find_home
from retailpulse.local.lakehouse import GOLD, open_lakehouse
from retailpulse.local.meanings import column_meanings
from retailpulse.sql_text import sql_text
from retailpulse.terminal import Step, Terminal

DATABASE_SUFFIX: Final = ".duckdb"
_PARQUET: Final = ".parquet"


def export(
    to: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|FILE.duckdb",
            help="A folder for one Parquet file a table, or one DuckDB file with all of them.",
        ),
    ],
) -> None:
    """Write gold as Parquet files or as one DuckDB file, as it is at one moment.

    Builds may go on meanwhile. What an earlier export wrote there is replaced as a whole once all
    is written, so that nobody reads half of it.
    """
    home = find_home()
    target = to.expanduser().resolve()
    is_database = target.suffix == DATABASE_SUFFIX
    _check_kind(target, is_database=is_database)
    terminal = Terminal()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
        beside = Path(folder)
        written = beside / target.name
        with (
            open_lakehouse(home, writes_to=beside) as lakehouse,
            terminal.step("Exporting gold") as step,
        ):
            tables = gold_tables(lakehouse)
            if not tables:
                raise SetupError(f"the lakehouse in {home.root} has no gold yet: run `dbt build`")
            if is_database:
                _write_database(lakehouse, tables, written, home.project, step)
            else:
                _check_content(target, tables)
                _write_folder(lakehouse, tables, written, step)
            step.update("")
        if not is_database and target.exists():
            # A folder cannot take the place of another: for an instant there is none.
            target.rename(beside / "before")
        written.replace(target)
    terminal.say(f"{', '.join(tables)} are in {to}")


def _check_kind(target: Path, *, is_database: bool) -> None:
    if is_database and target.is_dir():
        raise SetupError(f"{target} is a folder: name a file, or a folder without .duckdb")
    if not is_database and target.is_file():
        raise SetupError(f"{target} is a file: name a folder, or a file that ends in .duckdb")
    log = target.with_name(f"{target.name}.wal")
    if is_database and log.exists():
        raise SetupError(f"{target} was opened for writing: close it, or remove {log}")


def _check_content(target: Path, tables: Sequence[str]) -> None:
    """Check that a folder holds nothing but what an export wrote, as it is replaced as a whole."""
    exported = {f"{table}{_PARQUET}" for table in tables}
    there = {path.name for path in target.iterdir()} if target.is_dir() else set()
    if foreign := sorted(there - exported):
        raise SetupError(
            f"{target} holds {foreign[0]}, which is no table of gold: name a folder of its own, or "
            "remove that"
        )


def gold_tables(lakehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of gold's tables and views."""
    found = lakehouse.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = 'lakehouse' and table_schema = $schema "
        # What dbt makes, and has not given its name yet.
        "and not contains(table_name, '__dbt_') order by table_name",
        {"schema": GOLD},
    )
    return [name for (name,) in found.fetchall()]


def _write_database(
    lakehouse: duckdb.DuckDBPyConnection,
    tables: Sequence[str],
    file: Path,
    project: Path,
    step: Step,
) -> None:
    lakehouse.execute(f"attach {sql_text(str(file))} as exported")
    for table in tables:
        step.update(table)
        lakehouse.execute(f"create table exported.{table} as from lakehouse.{GOLD}.{table}")
        for column, meaning in column_meanings(project, table).items():
            lakehouse.execute(f"comment on column exported.{table}.{column} is {sql_text(meaning)}")
    # It leaves no log beside the file.
    lakehouse.execute("detach exported")


def _write_folder(
    lakehouse: duckdb.DuckDBPyConnection, tables: Sequence[str], folder: Path, step: Step
) -> None:
    folder.mkdir()
    for table in tables:
        step.update(table)
        file = sql_text(str(folder / f"{table}{_PARQUET}"))
        lakehouse.execute(f"copy lakehouse.{GOLD}.{table} to {file} (format parquet)")
