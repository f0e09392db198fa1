"""CREATE TABLE … AS, for Iceberg and for Hive tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from local_athena.errors import StatementFailed
from local_athena.session import HIVE_CATALOG, ICEBERG_CATALOG, Outcome, Session
from local_athena.statements.catalog import find_table
from local_athena.statements.cursor import Cursor
from local_athena.statements.iceberg_properties import ICEBERG_EXTRA_PROPERTIES
from local_athena.statements.iceberg_types import refuse_types_athena_refuses
from local_athena.statements.names import (
    TableName,
    parse_table_name,
    text,
    text_array,
    text_map,
)

_ICEBERG_PROPERTIES: Final = frozenset({"location", "format", "partitioning", "write_compression"})
# To the Hive connector's names.
_HIVE_PROPERTIES: Final = {
    "external_location": "external_location",
    "format": "format",
    "partitioned_by": "partitioned_by",
    "bucketed_by": "bucketed_by",
    "bucket_count": "bucket_count",
    "field_delimiter": "textfile_field_separator",
}
_HIVE_COMPRESSIONS: Final = ("write_compression", "parquet_compression", "orc_compression")

Value = str | int | bool | tuple[str, ...]


@dataclass(frozen=True)
class CreateTableAs:
    """CREATE TABLE name WITH (…) AS query."""

    name: TableName
    if_not_exists: bool
    properties: dict[str, Value]
    query: str
    with_data: bool

    def run(self, session: Session) -> Outcome:
        """Create the table on the connector of its type."""
        name = self.name.within(session.database)
        if self.table_type == "ICEBERG":
            sql, catalog = self.iceberg_sql(name), ICEBERG_CATALOG
            refuse_types_athena_refuses(self.query, session)
        else:
            sql, catalog = self.hive_sql(name, session.tables_location), HIVE_CATALOG
            self._refuse_location_in_use(name, session)
        # The query's own names are sought where Athena seeks them, whatever the table's type.
        result = session.trino(sql, properties=self._session_properties(catalog))
        return Outcome("DDL", "CREATE_TABLE_AS_SELECT", result)

    @property
    def table_type(self) -> str:
        """ICEBERG or HIVE."""
        kind = str(self.properties.get("table_type", "HIVE")).upper()
        if kind not in ("ICEBERG", "HIVE"):
            raise StatementFailed("INVALID_TABLE_PROPERTY", f"Unknown table_type: {kind}")
        return kind

    def iceberg_sql(self, name: TableName) -> str:
        """The statement for Trino's Iceberg connector.

        Raises:
            StatementFailed: INVALID_TABLE_PROPERTY.
        """
        if "location" not in self.properties:
            raise StatementFailed("INVALID_TABLE_PROPERTY", "Table location can not be null")
        known = {"table_type", "is_external"} | _ICEBERG_PROPERTIES | ICEBERG_EXTRA_PROPERTIES
        self._refuse_unknown_properties(known)
        if str(self.properties.get("is_external", "")).lower() == "true":
            raise StatementFailed(
                "INVALID_TABLE_PROPERTY", "is_external must be false for an Iceberg table"
            )
        properties = {
            "format": text(str(self.properties.get("format", "PARQUET")).upper()),
            "location": _value_sql(self.properties["location"]),
        }
        if "partitioning" in self.properties:
            properties["partitioning"] = _value_sql(self.properties["partitioning"])
        extra = {
            key: str(value)
            for key, value in self.properties.items()
            if key in ICEBERG_EXTRA_PROPERTIES
        }
        if extra:
            properties["extra_properties"] = text_map(extra)
        return self._sql(name.trino, properties)

    def hive_sql(self, name: TableName, location: str) -> str:
        """The statement for Trino's Hive connector.

        Args:
            name: The table's, with its database.
            location: Where it goes if it names no external_location.

        Raises:
            StatementFailed: INVALID_TABLE_PROPERTY.
        """
        known = {"table_type", "is_external", *_HIVE_PROPERTIES, *_HIVE_COMPRESSIONS}
        self._refuse_unknown_properties(known)
        properties = {"external_location": text(location)} | {
            _HIVE_PROPERTIES[key]: _value_sql(value)
            for key, value in self.properties.items()
            if key in _HIVE_PROPERTIES
        }
        properties["format"] = text(str(self.properties.get("format", "PARQUET")).upper())
        return self._sql(name.trino_hive, properties)

    def _sql(self, name: str, properties: dict[str, str]) -> str:
        clauses = ", ".join(f"{key} = {value}" for key, value in properties.items())
        exists = "IF NOT EXISTS " if self.if_not_exists else ""
        data = "" if self.with_data else "\nWITH NO DATA"
        return f"CREATE TABLE {exists}{name}\nWITH ({clauses})\nAS\n{self.query}{data}"

    def _session_properties(self, catalog: str) -> dict[str, str]:
        # A table property only from Trino 478 on.
        for key in _HIVE_COMPRESSIONS:
            if key in self.properties:
                return {f"{catalog}.compression_codec": str(self.properties[key]).upper()}
        return {}

    def _refuse_unknown_properties(self, known: set[str]) -> None:
        for key in self.properties:
            if key not in known:
                raise StatementFailed(
                    "INVALID_TABLE_PROPERTY",
                    f"Catalog 'awsdatacatalog' table property '{key}' does not exist",
                )

    def _refuse_location_in_use(self, name: TableName, session: Session) -> None:
        location = str(self.properties.get("external_location", ""))
        match = re.fullmatch(r"s3[an]?://([^/]+)/(.*)", location)
        # A table that is there already is Trino's to report.
        if not match or find_table(session, name):
            return
        bucket, prefix = match[1], match[2].rstrip("/")
        listed = session.s3.list_objects_v2(
            Bucket=bucket, Prefix=f"{prefix}/" if prefix else "", MaxKeys=1
        )
        if listed["KeyCount"]:
            raise StatementFailed(
                "HIVE_PATH_ALREADY_EXISTS",
                f"Target directory for table '{name}' already exists: {location}. You may need to "
                f"manually clean the data at location '{location}' before retrying. Athena will "
                "not delete data in your account.",
            )


def parse_create_table_as(cursor: Cursor, name: TableName, if_not_exists: bool) -> CreateTableAs:
    """Read what follows the name: WITH (…) AS query."""
    properties: dict[str, Value] = {}
    if cursor.accept("WITH"):
        cursor.expect("(")
        while True:
            key = cursor.identifier().lower()
            cursor.expect("=")
            properties[key] = _parse_value(cursor)
            if not cursor.accept(","):
                break
        cursor.expect(")")
    cursor.expect("AS")
    without_data = cursor.rest_before("WITH", "NO", "DATA")
    if without_data:
        return CreateTableAs(name, if_not_exists, properties, without_data, with_data=False)
    query = cursor.rest_before("WITH", "DATA") or cursor.rest()
    return CreateTableAs(name, if_not_exists, properties, query, with_data=True)


def parse_create_table_head(cursor: Cursor) -> tuple[TableName, bool]:
    """Read `TABLE [IF NOT EXISTS] name`.

    Returns:
        The name, and whether IF NOT EXISTS was there.
    """
    cursor.expect("TABLE")
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    return parse_table_name(cursor), if_not_exists


def _parse_value(cursor: Cursor) -> Value:
    if cursor.accept("TRUE"):
        return True
    if cursor.accept("FALSE"):
        return False
    if cursor.sees_number():
        return int(cursor.number())
    if not cursor.accept("ARRAY", "["):
        return cursor.string()
    values = []
    while not cursor.accept("]"):
        values.append(cursor.string())
        if not cursor.sees("]"):
            cursor.expect(",")
    return tuple(values)


def _value_sql(value: Value) -> str:
    if isinstance(value, tuple):
        return text_array(value)
    if isinstance(value, str):
        return text(value)
    return str(value).lower()
