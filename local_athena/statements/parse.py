"""From a statement's text to what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from local_athena.errors import StatementFailed
from local_athena.statements.alter_table import parse_alter_table
from local_athena.statements.create_table import (
    parse_create_external_table,
    parse_create_iceberg_table,
)
from local_athena.statements.create_table_as import parse_create_table_as, parse_create_table_head
from local_athena.statements.cursor import Cursor, first_words
from local_athena.statements.databases import parse_create_database, parse_drop_database
from local_athena.statements.drop_table import parse_drop_table
from local_athena.statements.executable import Executable
from local_athena.statements.functions import refuse_what_athena_lacks
from local_athena.statements.lexing import Statement, hive_statement, trino_statement
from local_athena.statements.maintenance import parse_optimize, parse_vacuum
from local_athena.statements.other_catalogs import refuse_other_catalogs
from local_athena.statements.partitions import parse_repair_table
from local_athena.statements.queries import EXPLAIN_ANALYZE, UNCHANGED, Unchanged
from local_athena.statements.show import parse_describe, parse_show
from local_athena.statements.views import parse_create_view, parse_drop_view

Parser = Callable[[Cursor], Executable]

# Forms that Trino parses on Athena, by their first words.
_TRINO_FORMS: Final[dict[tuple[str, ...], Parser]] = {
    ("CREATE", "VIEW"): parse_create_view,
    ("CREATE", "OR"): parse_create_view,
    ("DROP", "VIEW"): parse_drop_view,
    ("OPTIMIZE",): parse_optimize,
    ("VACUUM",): parse_vacuum,
}
# Forms that Hive's parser reads on Athena.
_HIVE_FORMS: Final[dict[tuple[str, ...], Parser]] = {
    ("CREATE", "EXTERNAL"): parse_create_external_table,
    ("CREATE", "SCHEMA"): parse_create_database,
    ("CREATE", "DATABASE"): parse_create_database,
    ("DROP", "TABLE"): parse_drop_table,
    ("DROP", "SCHEMA"): parse_drop_database,
    ("DROP", "DATABASE"): parse_drop_database,
    ("ALTER", "TABLE"): parse_alter_table,
    ("MSCK",): parse_repair_table,
    ("DESCRIBE",): parse_describe,
    ("DESC",): parse_describe,
    ("SHOW",): parse_show,
}
# What Trino executes and Athena does not.
_REFUSED: Final = frozenset(
    {
        "ANALYZE",
        "CALL",
        "COMMENT",
        "COMMIT",
        "DENY",
        "GRANT",
        "REFRESH",
        "RESET",
        "REVOKE",
        "ROLLBACK",
        "SET",
        "START",
        "TRUNCATE",
        "USE",
    }
)


def parse(text: str) -> Executable:
    """Understand one statement.

    Raises:
        StatementFailed: If it is none, more than one, wrong, or of a form that is not translated.
    """
    words = _first_words(text)
    if words[:1] and words[0] in UNCHANGED:
        types = EXPLAIN_ANALYZE if words == ("EXPLAIN", "ANALYZE") else UNCHANGED[words[0]]
        return Unchanged(_trino_statement(text).trimmed, *types)
    if words == ("CREATE", "TABLE"):
        return _parse_create_table(text)
    for known, parser in _TRINO_FORMS.items():
        if words[: len(known)] == known:
            return parser(Cursor(_trino_statement(text)))
    for known, parser in _HIVE_FORMS.items():
        if words[: len(known)] == known:
            return parser(Cursor(hive_statement(text)))
    if words[:1] and words[0] in _REFUSED:
        raise StatementFailed("NOT_SUPPORTED", "Queries of this type are not supported")
    form = words if words[:1] in (("CREATE",), ("DROP",), ("ALTER",)) else words[:1]
    raise StatementFailed(
        "NOT_SUPPORTED", f"local_athena does not translate {' '.join(form) or 'this statement'}"
    )


def _first_words(text: str) -> tuple[str, ...]:
    # The parsers that Athena has differ in how they read quotes, and no form begins with one.
    try:
        statement: Statement = trino_statement(text)
    except StatementFailed:
        statement = hive_statement(text)
    return first_words(statement.tokens, 2)


def _trino_statement(text: str) -> Statement:
    statement = trino_statement(text)
    _refuse_what_trino_alone_has(statement)
    return statement


def _refuse_what_trino_alone_has(statement: Statement) -> None:
    refuse_what_athena_lacks(statement)
    refuse_other_catalogs(statement)


def _parse_create_table(text: str) -> Executable:
    # What follows the name tells Trino's CREATE TABLE AS from Hive's list of columns.
    try:
        statement = trino_statement(text)
    except StatementFailed:
        return parse_create_iceberg_table(Cursor(hive_statement(text)))
    cursor = Cursor(statement)
    cursor.expect("CREATE")
    name, if_not_exists = parse_create_table_head(cursor)
    if cursor.sees("WITH") or cursor.sees("AS"):
        _refuse_what_trino_alone_has(statement)
        return parse_create_table_as(cursor, name, if_not_exists)
    return parse_create_iceberg_table(Cursor(hive_statement(text)))
