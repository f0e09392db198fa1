"""What happens in a database, one row at a time, and what makes it happen there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal, Protocol

SCHEMAS: Final = Path(__file__).parent

Op = Literal["insert", "update", "delete"]
Value = object


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row comes, changes or goes.

    Names of tables and columns are those of the schemas beside this file, and become a part of the
    statement; values never do.

    Attributes:
        op: Which of these.
        table: The table.
        key: The columns that tell which row it is, and their values.
        values: The other columns that are set.
    """

    op: Op
    table: str
    key: Mapping[str, Value]
    values: Mapping[str, Value] = field(default_factory=dict)


class Cursor(Protocol):
    """What psycopg's and PyMySQL's cursors have in common."""

    def execute(self, query: Any, args: Any = ...) -> Any:
        """Execute a statement."""

    def executemany(self, query: Any, args: Any) -> Any:
        """Execute a statement for each of some rows."""


def make_tables(cursor: Cursor, business: str) -> None:
    """Make the tables of a business: `webshop` on PostgreSQL, `wholesale` on MySQL."""
    schema = (SCHEMAS / f"{business}.sql").read_text(encoding="utf-8")
    for statement in schema.split(";\n"):
        if statement.strip():
            cursor.execute(statement)


def insert_all(
    cursor: Cursor, rows: Iterable[RowChange], tell: Callable[[str], None] = lambda _: None
) -> None:
    """Insert rows, those of one table that follow each other at once."""
    for (table, columns), group in groupby(rows, key=lambda row: (row.table, _columns(row))):
        inserted = [tuple(_set(row).values()) for row in group]
        cursor.executemany(_insert(table, columns), inserted)
        tell(f"{table}: {len(inserted):,} rows")


def apply(cursor: Cursor, change: RowChange) -> None:
    """Make a change, as the business's application would."""
    table, values = change.table, change.values
    is_key = " and ".join(f"{name} = %s" for name in change.key)
    match change.op:
        case "insert":
            cursor.execute(_insert(table, _columns(change)), tuple(_set(change).values()))
        case "update":
            columns = ", ".join(f"{name} = %s" for name in values)
            cursor.execute(
                f"update {table} set {columns}, updated_at = current_timestamp(6) "  # noqa: S608
                f"where {is_key}",
                (*values.values(), *change.key.values()),
            )
        case "delete":
            cursor.execute(
                f"delete from {table} where {is_key}",  # noqa: S608
                tuple(change.key.values()),
            )


def _set(row: RowChange) -> Mapping[str, Value]:
    return {**row.key, **row.values}


def _columns(row: RowChange) -> Sequence[str]:
    return tuple(_set(row))


def _insert(table: str, columns: Sequence[str]) -> str:
    places = ", ".join(["%s"] * len(columns))
    return f"insert into {table} ({', '.join(columns)}) values ({places})"  # noqa: S608
