"""Partitions of Hive tables: ALTER TABLE … ADD and DROP PARTITION, MSCK REPAIR TABLE."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from local_athena.errors import StatementFailed
from local_athena.session import HIVE_CATALOG, Outcome, Session
from local_athena.statements.catalog import get_table, refuse_iceberg_or_view
from local_athena.statements.cursor import Cursor
from local_athena.statements.names import TableName, parse_table_name, text

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableTypeDef

# What Hive writes as `%3A` in the name of a folder.
_ESCAPED: Final = re.compile(r"""[\x01-\x1f\x7f"#%'*/:=?\\{\[\]^]""")


def partition_path(table: TableTypeDef, values: Sequence[str]) -> str:
    """A partition's name, which is its folder's: `dt=2026-01-01/hour=10%3A00`."""
    columns = [column["Name"] for column in table.get("PartitionKeys", [])]
    return "/".join(
        f"{_escaped(column)}={_escaped(value)}"
        for column, value in zip(columns, values, strict=True)
    )


def _escaped(name: str) -> str:
    return _ESCAPED.sub(lambda match: f"%{ord(match.group()):02X}", name)


@dataclass(frozen=True)
class Partition:
    """`PARTITION (key = 'value', …) [LOCATION 's3://…']`."""

    values: Mapping[str, str]
    location: str | None = None

    def values_for(self, table: TableTypeDef) -> list[str]:
        """The values in the order of the table's partition columns.

        Raises:
            StatementFailed: If the columns are not the table's.
        """
        columns = [column["Name"] for column in table.get("PartitionKeys", [])]
        if set(columns) != set(self.values):
            raise StatementFailed(
                "FAILED",
                f"SemanticException partition spec {dict(self.values)} doesn't contain all "
                f"({len(columns)}) partition columns",
            )
        return [self.values[column] for column in columns]


@dataclass(frozen=True)
class AddPartitions:
    """ADD [IF NOT EXISTS] PARTITION (…) …."""

    partitions: tuple[Partition, ...]
    if_not_exists: bool

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Add them to Glue, stored as the table is."""
        refuse_iceberg_or_view(table, name, "ALTER TABLE ADD PARTITION")
        storage = table["StorageDescriptor"]
        for partition in self.partitions:
            values = partition.values_for(table)
            path = partition_path(table, values)
            location = partition.location or f"{storage.get('Location', '').rstrip('/')}/{path}"
            try:
                session.glue.create_partition(
                    DatabaseName=name.database or "",
                    TableName=name.table,
                    PartitionInput={
                        "Values": values,
                        "StorageDescriptor": {**storage, "Location": location},
                    },
                )
            except session.glue.exceptions.AlreadyExistsException:
                if not self.if_not_exists:
                    raise StatementFailed(
                        "FAILED", f"SemanticException partition already exists: {path}"
                    ) from None


@dataclass(frozen=True)
class DropPartitions:
    """DROP [IF EXISTS] PARTITION (…), …."""

    partitions: tuple[Partition, ...]
    if_exists: bool

    def apply(self, name: TableName, table: TableTypeDef, session: Session) -> None:
        """Delete them from Glue; their data stays."""
        refuse_iceberg_or_view(table, name, "ALTER TABLE DROP PARTITION")
        for partition in self.partitions:
            try:
                session.glue.delete_partition(
                    DatabaseName=name.database or "",
                    TableName=name.table,
                    PartitionValues=partition.values_for(table),
                )
            except session.glue.exceptions.EntityNotFoundException:
                if not self.if_exists:
                    raise StatementFailed(
                        "FAILED",
                        f"SemanticException [Error 10006]: Partition not found {partition.values}",
                    ) from None


@dataclass(frozen=True)
class RepairTable:
    """MSCK REPAIR TABLE name."""

    name: TableName

    def run(self, session: Session) -> Outcome:
        """Add to Glue the partitions that storage has."""
        name = self.name.within(session.database)
        refuse_iceberg_or_view(get_table(session, name), name, "MSCK REPAIR TABLE")
        result = session.trino(
            f"CALL {HIVE_CATALOG}.system.sync_partition_metadata("
            f"{text(name.database or '')}, {text(name.table)}, 'ADD')",
            catalog=HIVE_CATALOG,
        )
        return Outcome("DDL", "MSCK_REPAIR_TABLE", result)


def parse_repair_table(cursor: Cursor) -> RepairTable:
    """Read a whole MSCK REPAIR TABLE."""
    cursor.expect("MSCK", "REPAIR", "TABLE")
    repair = RepairTable(parse_table_name(cursor))
    cursor.expect_end()
    return repair


def parse_add_partitions(cursor: Cursor) -> AddPartitions:
    """Read from ADD on."""
    cursor.expect("ADD")
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    partitions = [_parse_partition(cursor)]
    while cursor.sees("PARTITION"):
        partitions.append(_parse_partition(cursor))
    return AddPartitions(tuple(partitions), if_not_exists)


def parse_drop_partitions(cursor: Cursor) -> DropPartitions:
    """Read from DROP on."""
    cursor.expect("DROP")
    if_exists = cursor.accept("IF", "EXISTS")
    partitions = [_parse_partition(cursor)]
    while cursor.accept(","):
        partitions.append(_parse_partition(cursor))
    return DropPartitions(tuple(partitions), if_exists)


def _parse_partition(cursor: Cursor) -> Partition:
    cursor.expect("PARTITION", "(")
    values = {}
    while True:
        column = cursor.identifier().lower()
        cursor.expect("=")
        values[column] = cursor.number() if cursor.sees_number() else cursor.hive_string()
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return Partition(values, cursor.hive_string() if cursor.accept("LOCATION") else None)
