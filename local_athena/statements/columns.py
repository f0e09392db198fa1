"""Columns in Hive's DDL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_athena.statements.cursor import Cursor
from local_athena.statements.names import quoted, text
from local_athena.statements.types import hive_to_trino, normal_hive_type

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import ColumnOutputTypeDef


@dataclass(frozen=True)
class ColumnDefinition:
    """`name type [COMMENT 'text']`."""

    name: str
    # As Glue has it: lower case, no spaces.
    hive_type: str
    trino_type: str
    comment: str | None = None

    @property
    def glue(self) -> ColumnOutputTypeDef:
        """The column for Glue."""
        column: ColumnOutputTypeDef = {"Name": self.name, "Type": self.hive_type}
        if self.comment is not None:
            column["Comment"] = self.comment
        return column

    @property
    def trino(self) -> str:
        """The column in Trino's CREATE TABLE and ADD COLUMN."""
        comment = "" if self.comment is None else f" COMMENT {text(self.comment)}"
        return f"{quoted(self.name)} {self.trino_type}{comment}"


def parse_column(cursor: Cursor) -> ColumnDefinition:
    """Read one column."""
    name = cursor.identifier().lower()
    # Both from what was written: Glue's form has lost the quotes around a struct's field.
    written = cursor.until(",", ")", "COMMENT", "FIRST", "AFTER")
    hive_type, trino_type = normal_hive_type(written), hive_to_trino(written)
    comment = cursor.hive_string() if cursor.accept("COMMENT") else None
    return ColumnDefinition(name, hive_type, trino_type, comment)


def parse_columns(cursor: Cursor) -> tuple[ColumnDefinition, ...]:
    """Read `(name type, …)`."""
    cursor.expect("(")
    columns = [parse_column(cursor)]
    while cursor.accept(","):
        columns.append(parse_column(cursor))
    cursor.expect(")")
    return tuple(columns)
