"""Trino's other catalogs, which Athena does not have: `hive`, which is local_athena's, `system`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from local_athena.errors import StatementFailed
from local_athena.session import ICEBERG_CATALOG
from local_athena.statements.lexing import Statement, position

_OPENING: Final = {TokenType.L_PAREN, TokenType.L_BRACKET}
_CLOSING: Final = {TokenType.R_PAREN, TokenType.R_BRACKET}
# Reserved words, and one that no name follows anywhere else: what comes next is a table.
_BEFORE_A_TABLE: Final = {"JOIN", "INTO", "TABLE", "UPDATE", "USING"}
# What a list of tables ends with, where a bracket does not close before.
_BEHIND_TABLES: Final = {
    "EXCEPT",
    "FETCH",
    "GROUP",
    "HAVING",
    "INTERSECT",
    "LIMIT",
    "OFFSET",
    "ORDER",
    "SELECT",
    "UNION",
    "VALUES",
    "WHERE",
    "WINDOW",
}


@dataclass
class _Level:
    """What stands between one pair of brackets, as far as it has been read."""

    # Whether a FROM is a query's, not that of `extract(day from a.b.c)`.
    is_query: bool = False
    # Whether a comma stands between tables.
    lists_tables: bool = False


def refuse_other_catalogs(statement: Statement) -> None:
    """Fail on the first table of another catalog.

    Raises:
        StatementFailed: CATALOG_NOT_FOUND, in Trino's own words.
    """
    tokens = statement.tokens
    levels = [_Level()]
    table_is_next = False
    for index, token in enumerate(tokens):
        if table_is_next and _is_of_other_catalog(tokens[index : index + 5]):
            where = position(statement.text, token)
            raise StatementFailed(
                "CATALOG_NOT_FOUND", f"{where}: Catalog '{token.text.lower()}' not found"
            )
        if token.token_type in _OPENING:
            # Tables may be in parentheses: `from (a join b on …)`.
            levels.append(_Level(lists_tables=table_is_next))
        elif token.token_type in _CLOSING:
            table_is_next = False
            if len(levels) > 1:
                levels.pop()
        else:
            table_is_next = _read_word(tokens, index, levels[-1])


def _read_word(tokens: Sequence[Token], index: int, level: _Level) -> bool:
    """Read a word or comma; return whether a table comes next."""
    token = tokens[index]
    if token.token_type is TokenType.COMMA:
        return level.lists_tables
    word = token.text.upper() if token.token_type is TokenType.VAR else ""
    if word in ("SELECT", "DELETE"):
        level.is_query = True
    if word in _BEHIND_TABLES:
        level.lists_tables = False
    if word == "FROM" and level.is_query and not _is_comparison(tokens, index):
        level.lists_tables = True
        return True
    return word in _BEFORE_A_TABLE


def _is_comparison(tokens: Sequence[Token], index: int) -> bool:
    """Whether a FROM is that of `a is distinct from b`."""
    before = tokens[index - 1]
    return before.token_type is TokenType.VAR and before.text.upper() == "DISTINCT"


def _is_of_other_catalog(tokens: Sequence[Token]) -> bool:
    """Whether `catalog.database.table` begins here, in another catalog than Athena's."""
    return (
        len(tokens) == 5
        and all(token.token_type in (TokenType.VAR, TokenType.IDENTIFIER) for token in tokens[::2])
        and all(token.token_type is TokenType.DOT for token in tokens[1::2])
        and tokens[0].text.lower() != ICEBERG_CATALOG
    )
