"""Reading the lakehouse, as it is at one moment, while builds go on."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from retailpulse.errors import SetupError
from retailpulse.home import Home

# As in profiles.yml.
BUSY_TIMEOUT_SECONDS = 60.0


@contextmanager
def open_lakehouse(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection of its own, in which the lakehouse is the default database.

    It shows the lakehouse as it is now, whatever is committed while it is open. What it reads stays
    on disk for the `keep_hours` of upkeep.

    It reads a copy of the catalog: DuckDB 1.5.5 scans each SQLite table by connections of its own,
    also within a transaction, so that with two threads 6 of 5,044 queries during builds saw a part
    of a commit. With one thread, and at a fixed snapshot, none of 7,400 did; but an upkeep takes
    rows out of the catalog, and then nothing but a copy is sure.

    Nothing can be written through it, and its queries read no file outside the lakehouse, except
    by functions of the extensions: see `read_only`.

    Raises:
        SetupError: There is no lakehouse yet.
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
    ):
        catalog = Path(folder) / home.catalog.name
        _copy(home.catalog, catalog)
        _load_extensions(connection, home)
        connection.execute(
            f"attach 'ducklake:sqlite:{catalog}' as lakehouse "
            f"(read_only, data_path '{home.data}/', override_data_path true)"
        )
        connection.execute("use lakehouse")
        connection.execute("set timezone = 'UTC'")
        set_raw_zone(connection, home.raw)
        connection.execute(f"set temp_directory = '{home.root}/.spilled'")
        connection.execute(f"set allowed_directories = ['{home.root}/']")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


def set_raw_zone(connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """Say where raw is to what reads it: no view holds a path, so a lakehouse can be copied."""
    connection.execute("set variable raw_zone = $1", [str(raw)])


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


def _copy(catalog: Path, copy: Path) -> None:
    """Copy a catalog as it is between two commits."""
    with (
        closing(sqlite3.connect(catalog, timeout=BUSY_TIMEOUT_SECONDS)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def _load_extensions(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    try:
        connection.execute("load ducklake; load sqlite")
    except duckdb.Error:
        # The lakehouse was built on another machine, or the home folder is new. It imports dbt.
        from retailpulse.dbt_plugin import prepare

        prepare(home.root)
        connection.execute("load ducklake; load sqlite")
