"""Which SQL only reads, and only the lakehouse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import duckdb

from retailpulse.errors import SetupError, WorkError

# On DuckDB 1.5.5 sqlite_scan read a file outside allowed_directories, and
# ducklake_cleanup_old_files ran on a lake attached read-only. `query` and `query_table` run SQL
# from text that need not stand in the statement as such.
_REFUSED_PREFIXES: Final = ("ducklake_", "sqlite_")
_REFUSED_FUNCTIONS: Final = frozenset({"query", "query_table"})

# A quoted name, or what needs no quotes, or the first character of anything else.
_WORD: Final = re.compile(rb'"((?:[^"]|"")*)"|\w+|.', re.DOTALL)

_SELECT: Final = duckdb.StatementType.SELECT
_CREATE: Final = duckdb.StatementType.CREATE
_EXPLAIN: Final = duckdb.StatementType.EXPLAIN


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
        raise SetupError('there is no SQL: try retailpulse sql "show tables"')
    types = [statement.type for statement in statements]
    if types == [_EXPLAIN]:
        check_read_only(connection, _explained(sql))
        return statements[0].query
    if _is_pivot(statements):
        _refuse(_words(sql))
        return sql
    for kind in types:
        if kind != _SELECT:
            name = kind.name.replace("_", " ")
            raise SetupError(
                f"{name} is not allowed, as `retailpulse sql` only reads: use SELECT, SHOW or "
                "DESCRIBE (tables are changed by dbt)"
            )
    if len(statements) > 1:
        raise SetupError("these are several statements: send them one by one")
    query = statements[0].query
    _refuse(_functions(connection, query))
    return query


def described_table(sql: str) -> str | None:
    """Return the name, without its schema, of the table that a statement describes, if it does."""
    words = _words(sql)
    if words[-1:] == [";"]:
        words.pop()
    # Names of up to three parts, and the dots between them.
    if len(words) not in (2, 4, 6) or words[0] not in ("describe", "desc"):
        return None
    return words[-1] if all(dot == "." for dot in words[2::2]) else None


def one_line(error: duckdb.Error) -> str:
    """Return DuckDB's message without the excerpt that it draws over several lines."""
    return " ".join(str(error).split("\n\nLINE ")[0].split())


def _is_pivot(statements: Sequence[duckdb.Statement]) -> bool:
    """Whether it is a PIVOT: DuckDB makes types of the values first, and gives no text for either.

    Any other way to get more than one statement leaves each its text.
    """
    types = [statement.type for statement in statements]
    return (
        len(types) > 1
        and types[-1] == _SELECT
        and all(kind == _CREATE for kind in types[:-1])
        and not any(statement.query for statement in statements)
    )


def _explained(sql: str) -> str:
    """Return the statement that an EXPLAIN explains."""
    starts = [start for start, _ in duckdb.tokenize(sql)]
    words = _words(sql)
    next_word = 1
    if words[next_word] == "(":
        next_word = words.index(")") + 1
    elif words[next_word] == "analyze":
        next_word += 1
    return sql.encode()[starts[next_word] :].decode()


def _words(sql: str) -> list[str]:
    """Return the words of a statement without comments, in lower case, names unquoted."""
    # DuckDB counts bytes.
    encoded = sql.encode()
    words = (_WORD.match(encoded, start) for start, _ in duckdb.tokenize(sql))
    names = (word[1] or word[0] for word in words if word)
    return [name.decode(errors="replace").replace('""', '"').lower() for name in names]


def _refuse(names: Iterator[str] | list[str]) -> None:
    for name in names:
        if name in _REFUSED_FUNCTIONS or name.startswith(_REFUSED_PREFIXES):
            raise SetupError(
                f"{name} is not allowed here, as it reaches beyond reading the lakehouse: "
                "select from the tables (`show tables` lists them)"
            )


def _functions(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[str]:
    # DuckDB's own parser says what is called, however it is spelled.
    row = connection.execute("select cast(json_serialize_sql($1) as varchar)", [query]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        message = tree.get("error_message", "it cannot be checked")
        raise SetupError(f"this cannot be run read-only: {message}")
    return (name.lower() for name in _names(tree))


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
