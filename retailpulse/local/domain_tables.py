"""Which tables the domains have made, and how far they have read; whatever domains there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import duckdb

from retailpulse.local.lakehouse import SILVER, has_table

# `<domain>_events` has the facts of a domain, `<entity>_versions` the rows of one type.
_ACCEPTED: Final = ("_events", "_versions")
_QUARANTINED: Final = ("_quarantined",)
# Tables alone: the view quarantined_events ends like one.
_TABLES: Final = f"""
    select table_name
    from duckdb_tables()
    where
        database_name = 'lakehouse'
        and schema_name = '{SILVER}'
        and list_bool_or([suffix(table_name, ending) for ending in $endings])
    order by table_name
"""  # noqa: S608
_GOLD_READ_UNTIL: Final = f"""
    select min(windows.window_high)
    from {SILVER}.run_windows as windows
    inner join duckdb_tables() as tables
        on windows.model_name = tables.table_name
    where
        tables.database_name = 'lakehouse'
        and tables.schema_name = '{SILVER}'
"""  # noqa: S608


def accepted_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the tables of accepted events, sorted; none before the first build."""
    return _tables(connection, _ACCEPTED)


def quarantines(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the tables of rejected lines, sorted; none before the first build."""
    return _tables(connection, _QUARANTINED)


def rows_by_hour(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Return how many raw lines the rows of the tables came from, by hour of arrival.

    A line that two quarantines have is one: an earlier version's may still be there beside those
    that have its lines now.
    """
    rows = [f'select received_at from {SILVER}."{name}"' for name in accepted_tables(connection)]  # noqa: S608
    rejected = [
        f'select received_at, message_id from {SILVER}."{name}"'  # noqa: S608
        for name in quarantines(connection)
    ]
    if rejected:
        rows.append(f"select received_at from ({' union '.join(rejected)})")  # noqa: S608
    if not rows:
        return Counter()
    by_hour = f"""
        select strftime(received_at, '%Y-%m-%d %H'), count(*)
        from ({" union all ".join(rows)})
        group by all
    """  # noqa: S608 - names of the project's tables
    return Counter(dict(connection.execute(by_hour).fetchall()))


def accepted_rows(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
    """Return a query for `columns` of all accepted events; for no row where there is no table.

    Args:
        connection: To the lakehouse.
        columns: Columns that every accepted table has, by models/silver/_silver.md.
    """
    selected = ", ".join(columns)
    queries = [
        f"select {selected} from {SILVER}.{name}"  # noqa: S608 - names of the project's tables
        for name in accepted_tables(connection)
    ]
    nothing = f"select {', '.join(f'null as {column}' for column in columns)} where false"
    return " union all ".join(queries) or nothing


def gold_read_until(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return before when, UTC, all that was received is in gold; None before the first build.

    Gold is views over silver: it is as late as the latest of silver's tables, whichever that is.
    """
    if not has_table(connection, SILVER, "run_windows"):
        return None
    row = connection.execute(_GOLD_READ_UNTIL).fetchone()
    return row[0].replace(tzinfo=UTC) if row and row[0] else None


def _tables(connection: duckdb.DuckDBPyConnection, endings: tuple[str, ...]) -> list[str]:
    found = connection.execute(_TABLES, {"endings": list(endings)}).fetchall()
    return [name for (name,) in found]
