"""Reading the lakehouse, as it is at one moment, while builds go on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from retailpulse.errors import SetupError
from retailpulse.local.catalog import copy_catalog
from retailpulse.local.extensions import load_extensions
from retailpulse.local.home import Home
from retailpulse.local.interrupts import interruptible
from retailpulse.sql_text import sql_text

GOLD: Final = "retailpulse"
SILVER: Final = "retailpulse_silver"


@contextmanager
def open_lakehouse(
    home: Home, writes_to: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection of its own, in which the lakehouse is the default database.

    It shows the lakehouse as it is now, whatever is committed while it is open. What it reads stays
    on disk for as long as upkeep keeps snapshots. A name without a schema is gold's, else silver's.

    It reads a copy of the catalog: DuckDB 1.5.5 scans each SQLite table by connections of its own,
    also within a transaction, so that with two threads 6 of 5,044 queries during builds saw a part
    of a commit. With one thread, and at a fixed snapshot, none of 7,400 did; but an upkeep takes
    rows out of the catalog, and then nothing but a copy is sure.

    Nothing in the lakehouse can be written through it, and its queries read no file outside the
    lakehouse, except by functions of the extensions: see `read_only`. The home may be one that
    cannot be written: the copy, and what a query spills, are in a temporary folder (TMPDIR).

    Args:
        home: The lakehouse.
        writes_to: A folder whose files it may write and read too.

    Raises:
        SetupError: There is no lakehouse yet, or it may not be read.
        WorkError: Its catalog is damaged.
    """
    if not home.catalog.is_file():
        if home.data.is_dir():
            raise SetupError(
                f"the catalog in {home.root} is gone, or being rebuilt: `retailpulse rebuild` "
                "makes all tables again from raw"
            )
        raise SetupError(
            f"there is no lakehouse in {home.root} yet: `make demo` fills one with simulated "
            "orders, `retailpulse ingest` and `dbt build` with your own"
        )
    with (
        tempfile.TemporaryDirectory(prefix="retailpulse-") as folder,
        duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection,
        interruptible(connection),
    ):
        catalog = Path(folder) / home.catalog.name
        copy_catalog(home.catalog, catalog)
        load_extensions(connection)
        connection.execute(
            f"attach {sql_text(f'ducklake:sqlite:{catalog}')} as lakehouse "
            f"(read_only, data_path {sql_text(f'{home.data}/')}, override_data_path true)"
        )
        connection.execute("use lakehouse")
        _search(connection, (GOLD, SILVER))
        connection.execute("set timezone = 'UTC'")
        set_raw_zone(connection, home.raw)
        connection.execute(f"set temp_directory = {sql_text(f'{folder}/spilled')}")
        # DuckDB compares where links lead to.
        folders = (home.root, home.raw.resolve(), home.data.resolve(), writes_to)
        allowed = ", ".join(sql_text(f"{each}/") for each in folders if each)
        connection.execute(f"set allowed_directories = [{allowed}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


def set_raw_zone(connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """Say where raw is to what reads it: no view holds a path, so a lakehouse can be copied."""
    # No parameter: with one, DuckDB imports pandas where it is installed, which takes 0.7 s.
    connection.execute(f"set variable raw_zone = {sql_text(str(raw))}")


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Say whether the lakehouse has a table or view."""
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'lakehouse' "
        "and schema_name = $schema and table_name = $name union all "
        "select 1 from duckdb_views() where database_name = 'lakehouse' "
        "and schema_name = $schema and view_name = $name",
        {"schema": schema, "name": name},
    )
    return found.fetchone() is not None


def _search(connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...]) -> None:
    """Let names without a schema be found in these, of those that are there, in this order."""
    there = connection.execute(
        "select schema_name from duckdb_schemas() where database_name = 'lakehouse'"
    ).fetchall()
    path = [f"lakehouse.{schema}" for schema in schemas if (schema,) in there]
    if path:
        connection.execute(f"set search_path = '{','.join(path)}'")
