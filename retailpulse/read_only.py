"""Which SQL only reads, and only the lakehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from retailpulse.errors import SetupError, WorkError

# On DuckDB 1.5.5 sqlite_scan read a file outside allowed_directories, and
# ducklake_cleanup_old_files ran on a lake attached read-only. `query` and `query_table` run SQL
# from text that need not stand in the statement as such.
_REFUSED_PREFIXES = ("ducklake_", "sqlite_")
_REFUSED_FUNCTIONS = frozenset({"query", "query_table"})


def check_read_only(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Check that a text is one statement that only reads, and return the statement.

    Raises:
        SetupError: It is something else.
        WorkError: It is no SQL.
    """
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise WorkError(one_line(error)) from error
    if not statements:
        raise SetupError('there is no SQL: try retailpulse sql "show all tables"')
    for statement in statements:
        if statement.type != duckdb.StatementType.SELECT:
            kind = statement.type.name.replace("_", " ")
            raise SetupError(
                f"{kind} is not allowed, as `retailpulse sql` only reads: use SELECT, SHOW or "
                "DESCRIBE (tables are changed by dbt)"
            )
    if len(statements) > 1:
        raise SetupError("these are several statements: send them one by one")
    query = statements[0].query
    for name in _functions(connection, query):
        if name in _REFUSED_FUNCTIONS or name.startswith(_REFUSED_PREFIXES):
            raise SetupError(
                f"{name} is not allowed here, as it reaches beyond reading the lakehouse: "
                "select from the tables (`show all tables` lists them)"
            )
    return query


def one_line(error: duckdb.Error) -> str:
    """Return DuckDB's message without the excerpt that it draws over several lines."""
    return " ".join(str(error).split("\n\nLINE ")[0].split())


def _functions(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    # DuckDB's own parser says what is called, however it is spelled.
    row = connection.execute("select cast(json_serialize_sql($1) as varchar)", [query]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        message = tree.get("error_message", "it cannot be checked")
        raise SetupError(f"this cannot be run read-only: {message}")
    return {name.lower() for name in _names(tree)}


def _names(tree: Any) -> Iterator[str]:
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            name = node.get("function_name")
            if isinstance(name, str):
                yield name
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
