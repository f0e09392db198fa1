"""CREATE TABLE with columns: Hive tables over files that are there, and Iceberg tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from local_athena.errors import StatementFailed
from local_athena.session import ICEBERG_CATALOG, Column, Outcome, Session
from local_athena.statements.columns import ColumnDefinition, parse_columns
from local_athena.statements.create_table_as import parse_create_table_head
from local_athena.statements.cursor import Cursor
from local_athena.statements.hive_errors import DDL_TASK, no_database
from local_athena.statements.iceberg_properties import refuse_unknown_iceberg_properties
from local_athena.statements.iceberg_types import refuse_columns_athena_refuses
from local_athena.statements.names import TableName, text, text_array, text_map
from local_athena.statements.properties import parse_properties
from local_athena.statements.storage_formats import (
    LAZY_SIMPLE_SERDE,
    STORED_AS,
    TEXTFILE,
    StorageFormat,
)

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableInputTypeDef

# The clauses of ROW FORMAT DELIMITED, with the SerDe's parameters that each sets.
_DELIMITERS: Final = {
    ("FIELDS", "TERMINATED", "BY"): ("field.delim", "serialization.format"),
    ("ESCAPED", "BY"): ("escape.delim",),
    ("COLLECTION", "ITEMS", "TERMINATED", "BY"): ("collection.delim",),
    ("MAP", "KEYS", "TERMINATED", "BY"): ("mapkey.delim",),
    ("LINES", "TERMINATED", "BY"): ("line.delim",),
    ("NULL", "DEFINED", "AS"): ("serialization.null.format",),
}


@dataclass(frozen=True)
class CreateExternalTable:
    """CREATE EXTERNAL TABLE [IF NOT EXISTS] name (…) …."""

    name: TableName
    if_not_exists: bool
    columns: tuple[ColumnDefinition, ...]
    partition_columns: tuple[ColumnDefinition, ...]
    comment: str | None
    storage: StorageFormat
    serde_parameters: Mapping[str, str]
    location: str
    properties: Mapping[str, str]

    def run(self, session: Session) -> Outcome:
        """Create the table in Glue; no file is read or written."""
        name = self.name.within(session.database)
        try:
            session.glue.create_table(
                DatabaseName=name.database or "", TableInput=self.table_input(name)
            )
        except session.glue.exceptions.AlreadyExistsException:
            if not self.if_not_exists:
                raise StatementFailed(
                    "FAILED",
                    f"{DDL_TASK}AlreadyExistsException(message:Table {name.table} already exists)",
                ) from None
        except session.glue.exceptions.EntityNotFoundException:
            raise no_database(name.database or "") from None
        return Outcome("DDL", "CREATE_TABLE")

    def table_input(self, name: TableName) -> TableInputTypeDef:
        """The table for Glue."""
        table: TableInputTypeDef = {
            "Name": name.table,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", **self.properties},
            "PartitionKeys": [column.glue for column in self.partition_columns],
            "StorageDescriptor": {
                "Columns": [column.glue for column in self.columns],
                "Location": self.location,
                "InputFormat": self.storage.input_format,
                "OutputFormat": self.storage.output_format,
                "SerdeInfo": {
                    "SerializationLibrary": self.storage.serde,
                    "Parameters": dict(self.serde_parameters) or {"serialization.format": "1"},
                },
            },
        }
        if self.comment is not None:
            table["Description"] = self.comment
        return table


@dataclass(frozen=True)
class CreateIcebergTable:
    """CREATE TABLE [IF NOT EXISTS] name (…) … TBLPROPERTIES ('table_type' = 'ICEBERG')."""

    name: TableName
    if_not_exists: bool
    columns: tuple[ColumnDefinition, ...]
    # As Trino writes transforms: `bucket(id, 16)`.
    partitioning: tuple[str, ...]
    comment: str | None
    location: str
    properties: Mapping[str, str]

    def run(self, session: Session) -> Outcome:
        """Create the empty table."""
        refuse_columns_athena_refuses(
            [Column(column.name, column.trino_type) for column in self.columns]
        )
        compression = self.properties.get("write_compression")
        result = session.trino(
            self.sql(self.name.within(session.database)),
            properties=(
                {f"{ICEBERG_CATALOG}.compression_codec": compression.upper()} if compression else {}
            ),
        )
        return Outcome("DDL", "CREATE_TABLE", result)

    def sql(self, name: TableName) -> str:
        """The statement for Trino's Iceberg connector."""
        extra = {
            key: value
            for key, value in self.properties.items()
            if key not in ("table_type", "format", "write_compression")
        }
        refuse_unknown_iceberg_properties(extra)
        properties = [
            f"format = {text(self.properties.get('format', 'PARQUET').upper())}",
            f"location = {text(self.location)}",
        ]
        if self.partitioning:
            properties.append(f"partitioning = {text_array(self.partitioning)}")
        if extra:
            properties.append(f"extra_properties = {text_map(extra)}")
        exists = "IF NOT EXISTS " if self.if_not_exists else ""
        columns = ", ".join(column.trino for column in self.columns)
        comment = "" if self.comment is None else f"\nCOMMENT {text(self.comment)}"
        return (
            f"CREATE TABLE {exists}{name.trino} ({columns}){comment}\n"
            f"WITH ({', '.join(properties)})"
        )


@dataclass
class _Clauses:
    """What stands behind the list of columns, in any order."""

    partition_columns: tuple[ColumnDefinition, ...] = ()
    partitioning: tuple[str, ...] = ()
    comment: str | None = None
    # Of STORED AS; None where only a SerDe is named, or nothing.
    storage: StorageFormat | None = None
    serde: str | None = None
    serde_parameters: dict[str, str] = field(default_factory=dict)
    location: str | None = None
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def is_iceberg(self) -> bool:
        """Whether they are an Iceberg table's."""
        return self.properties.get("table_type", "").upper() == "ICEBERG"


def parse_create_external_table(cursor: Cursor) -> CreateExternalTable:
    """Read a whole CREATE EXTERNAL TABLE.

    Raises:
        StatementFailed: NOT_SUPPORTED for an Iceberg table: it would be left without metadata.
    """
    cursor.expect("CREATE", "EXTERNAL")
    name, if_not_exists = parse_create_table_head(cursor)
    columns = parse_columns(cursor)
    clauses = _parse_clauses(cursor, _parse_partition_columns)
    if clauses.is_iceberg:
        raise StatementFailed(
            "NOT_SUPPORTED", "CREATE EXTERNAL TABLE is not for Iceberg tables: use CREATE TABLE"
        )
    if clauses.location is None:
        raise StatementFailed("FAILED", f"{DDL_TASK}MetaException(message:No location specified)")
    storage = clauses.storage or TEXTFILE
    if clauses.serde:
        storage = StorageFormat(storage.input_format, storage.output_format, clauses.serde)
    return CreateExternalTable(
        name,
        if_not_exists,
        columns,
        clauses.partition_columns,
        clauses.comment,
        storage,
        clauses.serde_parameters,
        clauses.location,
        clauses.properties,
    )


def parse_create_iceberg_table(cursor: Cursor) -> CreateIcebergTable:
    """Read a whole CREATE TABLE with a list of columns and without EXTERNAL.

    Raises:
        StatementFailed: NOT_SUPPORTED for what is no Iceberg table: Athena wants EXTERNAL then.
    """
    cursor.expect("CREATE")
    name, if_not_exists = parse_create_table_head(cursor)
    columns = parse_columns(cursor)
    clauses = _parse_clauses(cursor, _parse_transforms)
    if not clauses.is_iceberg:
        raise StatementFailed(
            "NOT_SUPPORTED", "CREATE TABLE is for Iceberg tables: use CREATE EXTERNAL TABLE"
        )
    if clauses.location is None:
        raise StatementFailed("INVALID_TABLE_PROPERTY", "Table location can not be null")
    return CreateIcebergTable(
        name,
        if_not_exists,
        columns,
        clauses.partitioning,
        clauses.comment,
        clauses.location,
        clauses.properties,
    )


def _parse_clauses(
    cursor: Cursor, parse_partitioned_by: Callable[[Cursor, _Clauses], None]
) -> _Clauses:
    clauses = _Clauses()
    while not cursor.at_end:
        if cursor.accept("COMMENT"):
            clauses.comment = cursor.hive_string()
        elif cursor.accept("PARTITIONED", "BY"):
            parse_partitioned_by(cursor, clauses)
        elif cursor.accept("ROW", "FORMAT", "SERDE"):
            clauses.serde = cursor.hive_string()
        elif cursor.accept("WITH", "SERDEPROPERTIES"):
            clauses.serde_parameters |= parse_properties(cursor)
        elif cursor.accept("ROW", "FORMAT", "DELIMITED"):
            clauses.serde = LAZY_SIMPLE_SERDE
            _parse_delimiters(cursor, clauses)
        elif cursor.accept("STORED", "AS", "INPUTFORMAT"):
            input_format = cursor.hive_string()
            cursor.expect("OUTPUTFORMAT")
            clauses.storage = StorageFormat(input_format, cursor.hive_string(), LAZY_SIMPLE_SERDE)
        elif cursor.accept("STORED", "AS"):
            clauses.storage = _parse_stored_as(cursor)
        elif cursor.accept("LOCATION"):
            clauses.location = cursor.hive_string()
        elif cursor.accept("TBLPROPERTIES"):
            clauses.properties |= parse_properties(cursor)
        else:
            raise cursor.unexpected("a clause of CREATE TABLE that local_athena translates")
    return clauses


def _parse_stored_as(cursor: Cursor) -> StorageFormat:
    name = cursor.word()
    if name not in STORED_AS:
        raise StatementFailed(
            "FAILED",
            f"SemanticException Unrecognized file format in STORED AS clause: '{name}'",
        )
    return STORED_AS[name]


def _parse_delimiters(cursor: Cursor, clauses: _Clauses) -> None:
    while True:
        for words, parameters in _DELIMITERS.items():
            if cursor.accept(*words):
                value = cursor.hive_string()
                clauses.serde_parameters |= dict.fromkeys(parameters, value)
                break
        else:
            return


def _parse_partition_columns(cursor: Cursor, clauses: _Clauses) -> None:
    clauses.partition_columns = parse_columns(cursor)


def _parse_transforms(cursor: Cursor, clauses: _Clauses) -> None:
    """Read `(day(ts), bucket(16, id), country)`."""
    cursor.expect("(")
    transforms = []
    while True:
        column = cursor.identifier().lower()
        if cursor.accept("("):
            transform = column
            argument = None
            if cursor.sees_number():
                argument = cursor.number()
                cursor.expect(",")
            column = cursor.identifier().lower()
            cursor.expect(")")
            # Athena's DDL has the number before the column, Trino behind it.
            column = f"{transform}({column}{f', {argument}' if argument else ''})"
        transforms.append(column)
        if not cursor.accept(","):
            break
    cursor.expect(")")
    clauses.partitioning = tuple(transforms)
