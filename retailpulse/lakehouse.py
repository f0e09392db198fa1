"""Reading the lakehouse: attached read-only, while builds go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from retailpulse.errors import SetupError
from retailpulse.home import Home

# As in profiles.yml; and a reader waits for a writer's commit instead of failing.
_OPTIONS = "override_data_path true, meta_journal_mode 'WAL', meta_busy_timeout 60000"


@contextmanager
def open_lakehouse(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection of its own, in which the lakehouse is the default database.

    Nothing can be written through it, and its queries read no file outside the lakehouse, except
    by functions of the extensions: see `read_only`.

    Raises:
        SetupError: There is no lakehouse yet.
    """
    if not home.catalog.is_file():
        raise SetupError(
            f"there is no lakehouse in {home.root} yet: `make demo` fills one with simulated "
            "orders, `retailpulse ingest` and `dbt build` with your own"
        )
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        _load_extensions(connection, home)
        connection.execute(
            f"attach 'ducklake:sqlite:{home.catalog}' as lakehouse "
            f"(read_only, data_path '{home.data}/', {_OPTIONS})"
        )
        connection.execute("use lakehouse")
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set temp_directory = '{home.root}/.spilled'")
        connection.execute(f"set allowed_directories = ['{home.root}/']")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


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


def _load_extensions(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    try:
        connection.execute("load ducklake; load sqlite")
    except duckdb.Error:
        # The lakehouse was built on another machine, or the home folder is new. It imports dbt.
        from retailpulse.dbt_plugin import prepare

        prepare(home.root)
        connection.execute("load ducklake; load sqlite")
