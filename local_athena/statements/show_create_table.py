"""SHOW CREATE TABLE, as Athena writes it: one line a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from local_athena.errors import StatementFailed
from local_athena.session import Column, Outcome, Session, TrinoResult
from local_athena.statements.catalog import get_table, is_iceberg, is_view
from local_athena.statements.cursor import Cursor
from local_athena.statements.lexing import trino_statement
from local_athena.statements.names import TableName

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import ColumnOutputTypeDef, TableTypeDef

# What Hive's DDL does not read as itself within a text.
_SPECIAL: Final = re.compile(r"[\x00-\x1f'\\]")
_ESCAPES: Final = {"'": r"\'", "\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


@dataclass(frozen=True)
class ShowCreateTable:
    """SHOW CREATE TABLE name."""

    name: TableName

    def run(self, session: Session) -> Outcome:
        """Write the statement that would create the table again."""
        name = self.name.within(session.database)
        table = get_table(session, name)
        if is_view(table):
            raise StatementFailed(
                "FAILED", f"SemanticException {name} is a view: use SHOW CREATE VIEW"
            )
        if is_iceberg(table):
            shown = session.trino(f"SHOW CREATE TABLE {name.trino}").rows[0][0]
            lines = iceberg_lines(name, table, partitioning_in(shown))
        else:
            lines = hive_lines(name, table)
        result = TrinoResult([Column("createtab_stmt", "string")], [[line] for line in lines])
        return Outcome("UTILITY", "SHOW_CREATE_TABLE", result)


def partitioning_in(shown: str) -> tuple[str, ...]:
    """The transforms in Trino's own CREATE TABLE, such as `bucket(id, 16)`."""
    cursor = Cursor(trino_statement(shown))
    transforms: list[str] = []
    while not cursor.at_end and not cursor.accept("PARTITIONING", "=", "ARRAY", "["):
        cursor.skip()
    while not cursor.at_end and not cursor.accept("]"):
        transforms.append(cursor.string())
        cursor.accept(",")
    return tuple(transforms)


def iceberg_lines(
    name: TableName, table: TableTypeDef, partitioning: Sequence[str]
) -> Iterator[str]:
    """An Iceberg table's statement."""
    storage = table["StorageDescriptor"]
    yield f"CREATE TABLE {name} ("
    yield from _list(_column(column, "") for column in storage.get("Columns", []))
    if partitioning:
        yield f"PARTITIONED BY ({', '.join(map(_transform, partitioning))})"
    yield f"LOCATION {_text(storage.get('Location', ''))}"
    yield "TBLPROPERTIES ("
    yield "  'table_type'='iceberg'"
    yield ");"


def hive_lines(name: TableName, table: TableTypeDef) -> Iterator[str]:
    """A Hive table's statement."""
    storage = table["StorageDescriptor"]
    serde = storage.get("SerdeInfo", {})
    yield f"CREATE EXTERNAL TABLE `{name}`("
    yield from _list(_column(column, "`") for column in storage.get("Columns", []))
    if partition_columns := table.get("PartitionKeys", []):
        yield "PARTITIONED BY ( "
        yield from _list(_column(column, "`") for column in partition_columns)
    yield "ROW FORMAT SERDE "
    yield f"  {_text(serde.get('SerializationLibrary', ''))} "
    if parameters := serde.get("Parameters", {}):
        yield "WITH SERDEPROPERTIES ( "
        yield from _list(_properties(parameters))
    yield "STORED AS INPUTFORMAT "
    yield f"  {_text(storage.get('InputFormat', ''))} "
    yield "OUTPUTFORMAT "
    yield f"  {_text(storage.get('OutputFormat', ''))}"
    yield "LOCATION"
    yield f"  {_text(storage.get('Location', ''))}"
    if properties := table.get("Parameters", {}):
        yield "TBLPROPERTIES ("
        yield from _list(_properties(properties))


def _transform(transform: str) -> str:
    """Trino's `bucket(id, 16)` as Athena's `bucket(16, id)`."""
    return re.sub(r"^(\w+)\((.+), (\d+)\)$", r"\1(\3, \2)", transform)


def _column(column: ColumnOutputTypeDef, quote: str) -> str:
    comment = f" COMMENT {_text(column['Comment'])}" if column.get("Comment") else ""
    return f"{quote}{column['Name']}{quote} {column.get('Type', '')}{comment}"


def _properties(properties: Mapping[str, str]) -> Iterator[str]:
    return (f"{_text(key)}={_text(value)}" for key, value in sorted(properties.items()))


def _text(value: str) -> str:
    """A text in Hive's DDL, on one line."""
    return f"'{_SPECIAL.sub(_escaped, value)}'"


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character, f"\\u{ord(character):04x}")


def _list(items: Iterator[str]) -> Iterator[str]:
    """Indented lines with a comma behind each but the last, which closes the parenthesis."""
    lines = list(items)
    for line in lines[:-1]:
        yield f"  {line}, "
    yield f"  {lines[-1]})" if lines else ")"
