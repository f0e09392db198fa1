"""ALTER TABLE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from local_athena.errors import StatementFailed
from local_athena.session import Column, Outcome, Session
from local_athena.statements.catalog import (
    get_table,
    is_iceberg,
    is_view,
    refuse_hive_or_view,
    refuse_iceberg_or_view,
    update_table,
)
from local_athena.statements.columns import ColumnDefinition, parse_column, parse_columns
from local_athena.statements.cursor import Cursor
from local_athena.statements.hive_errors import DDL_TASK
from local_athena.statements.iceberg_properties import refuse_unknown_iceberg_properties
from local_athena.statements.iceberg_types import refuse_columns_athena_refuses
from local_athena.statements.names import TableName, parse_table_name, quoted, text, text_map
from local_athena.statements.partitions import parse_add_partitions, parse_drop_partitions
from local_athena.statements.properties import parse_properties

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableTypeDef


class Change(Protocol):
    """What one ALTER TABLE does to a table that is there."""

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Do it.

        Args:
            name: The table, with its database.
            table: As Glue has it now.
            session: Where to do it.

        Raises:
            StatementFailed: As Athena does for a table of this kind.
        """
        ...


@dataclass(frozen=True)
class AlterTable:
    """ALTER TABLE name change. Athena takes ALTER VIEW for none of these."""

    name: TableName
    change: Change

    def run(self, session: Session) -> Outcome:
        """Change the table."""
        name = self.name.within(session.database)
        self.change.apply(name, get_table(session, name), session)
        return Outcome("DDL", "ALTER_TABLE")


@dataclass(frozen=True)
class AddColumns:
    """ADD COLUMNS (name type, …)."""

    columns: tuple[ColumnDefinition, ...]

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Add them behind the others."""
        if is_view(table):
            raise _view_refused(name)
        if is_iceberg(table):
            refuse_columns_athena_refuses(
                [Column(column.name, column.trino_type) for column in self.columns]
            )
            for column in self.columns:
                session.trino(f"ALTER TABLE {name.trino} ADD COLUMN {column.trino}")
            return
        there = table["StorageDescriptor"].get("Columns", [])
        table["StorageDescriptor"]["Columns"] = [*there, *(each.glue for each in self.columns)]
        update_table(session, name.database or "", table)


@dataclass(frozen=True)
class ReplaceColumns:
    """REPLACE COLUMNS (name type, …), for Hive tables."""

    columns: tuple[ColumnDefinition, ...]

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Put them in place of all that are not partition columns."""
        refuse_iceberg_or_view(table, name, "ALTER TABLE REPLACE COLUMNS")
        table["StorageDescriptor"]["Columns"] = [column.glue for column in self.columns]
        update_table(session, name.database or "", table)


@dataclass(frozen=True)
class DropColumn:
    """DROP COLUMN name, for Iceberg tables."""

    column: str

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Drop it."""
        refuse_hive_or_view(table, name, "ALTER TABLE DROP COLUMN")
        session.trino(f"ALTER TABLE {name.trino} DROP COLUMN {quoted(self.column)}")


@dataclass(frozen=True)
class ChangeColumn:
    """CHANGE COLUMN old new type, for Iceberg tables."""

    old_name: str
    new: ColumnDefinition

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Give it another name, type or comment, whichever is another."""
        refuse_hive_or_view(table, name, "ALTER TABLE CHANGE COLUMN")
        columns = table["StorageDescriptor"].get("Columns", [])
        types = {column["Name"]: column.get("Type", "") for column in columns}
        alter, column = f"ALTER TABLE {name.trino}", quoted(self.old_name)
        # Glue has the column's type as Iceberg wrote it; the same type again is no change.
        if types.get(self.old_name) != self.new.hive_type:
            session.trino(f"{alter} ALTER COLUMN {column} SET DATA TYPE {self.new.trino_type}")
        if self.old_name != self.new.name:
            session.trino(f"{alter} RENAME COLUMN {column} TO {quoted(self.new.name)}")
        if self.new.comment is not None:
            column = f"{name.trino}.{quoted(self.new.name)}"
            session.trino(f"COMMENT ON COLUMN {column} IS {text(self.new.comment)}")


@dataclass(frozen=True)
class RenameTo:
    """RENAME TO name, for Iceberg tables."""

    new_name: TableName

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Rename the table, in its own database unless another is named."""
        if is_view(table) or not is_iceberg(table):
            raise StatementFailed("FAILED", f"{DDL_TASK}Table cannot be renamed")
        new_name = self.new_name.within(name.database or "")
        session.trino(f"ALTER TABLE {name.trino} RENAME TO {new_name.trino}")


@dataclass(frozen=True)
class SetProperties:
    """SET TBLPROPERTIES ('key' = 'value', …)."""

    properties: Mapping[str, str]

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Set them beside the others: Iceberg's in its metadata, Hive's in Glue."""
        if is_view(table):
            raise _view_refused(name)
        if is_iceberg(table):
            refuse_unknown_iceberg_properties(self.properties)
            session.trino(
                f"ALTER TABLE {name.trino} SET PROPERTIES "
                f"extra_properties = {text_map(self.properties)}"
            )
            return
        table["Parameters"] = {**table.get("Parameters", {}), **self.properties}
        update_table(session, name.database or "", table)


@dataclass(frozen=True)
class SetLocation:
    """SET LOCATION 's3://…', for Hive tables."""

    location: str

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Read the table from there from now on."""
        refuse_iceberg_or_view(table, name, "ALTER TABLE SET LOCATION")
        table["StorageDescriptor"]["Location"] = self.location
        update_table(session, name.database or "", table)


def parse_alter_table(cursor: Cursor) -> AlterTable:
    """Read a whole ALTER TABLE."""
    cursor.expect("ALTER", "TABLE")
    name = parse_table_name(cursor)
    change = _parse_change(cursor)
    cursor.expect_end()
    return AlterTable(name, change)


def _parse_change(cursor: Cursor) -> Change:
    if cursor.accept("ADD", "COLUMNS"):
        return AddColumns(parse_columns(cursor))
    if cursor.accept("REPLACE", "COLUMNS"):
        return ReplaceColumns(parse_columns(cursor))
    if cursor.accept("DROP", "COLUMN"):
        return DropColumn(cursor.identifier().lower())
    if cursor.accept("CHANGE"):
        cursor.accept("COLUMN")
        change = ChangeColumn(cursor.identifier().lower(), parse_column(cursor))
        # Trino 476 moves no column.
        if cursor.sees("FIRST") or cursor.sees("AFTER"):
            raise _not_translated(f"CHANGE COLUMN … {cursor.word()}")
        return change
    if cursor.accept("RENAME", "TO"):
        return RenameTo(parse_table_name(cursor))
    if cursor.accept("SET", "TBLPROPERTIES"):
        return SetProperties(parse_properties(cursor))
    if cursor.accept("SET", "LOCATION"):
        return SetLocation(cursor.hive_string())
    if cursor.sees("ADD"):
        return parse_add_partitions(cursor)
    if cursor.sees("DROP"):
        return parse_drop_partitions(cursor)
    raise _not_translated(cursor.word())


def _not_translated(change: str) -> StatementFailed:
    return StatementFailed(
        "NOT_SUPPORTED", f"local_athena does not translate ALTER TABLE … {change}"
    )


def _view_refused(name: TableName) -> StatementFailed:
    return StatementFailed("NOT_SUPPORTED", f"ALTER TABLE is not supported for views: {name}")
