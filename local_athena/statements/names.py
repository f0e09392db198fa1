"""Names of databases, tables and columns, and how Trino's SQL writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local_athena.errors import StatementFailed
from local_athena.session import HIVE_CATALOG, ICEBERG_CATALOG
from local_athena.statements.cursor import Cursor


@dataclass(frozen=True)
class TableName:
    """A table or view in Glue's catalog. Both names are lower case, as Glue keeps them."""

    # None where the statement leaves it to the query execution's context.
    database: str | None
    table: str

    def within(self, database: str) -> TableName:
        """This name with its database: its own, or else the one given."""
        return TableName(self.database or database, self.table)

    @property
    def trino(self) -> str:
        """The full name in the Iceberg connector's catalog, which redirects Hive's tables."""
        return f"{ICEBERG_CATALOG}.{self._quoted}"

    @property
    def trino_hive(self) -> str:
        """The full name in the Hive connector's catalog."""
        return f"{HIVE_CATALOG}.{self._quoted}"

    @property
    def _quoted(self) -> str:
        return f"{quoted(self.database or '')}.{quoted(self.table)}"

    def __str__(self) -> str:
        return f"{self.database}.{self.table}"


def parse_table_name(cursor: Cursor) -> TableName:
    """Read `table`, `database.table` or `awsdatacatalog.database.table`."""
    parts = _parts(cursor)
    return TableName(parts[-2] if len(parts) > 1 else None, parts[-1])


def parse_database_name(cursor: Cursor) -> str:
    """Read `database` or `awsdatacatalog.database`."""
    parts = _parts(cursor, longest=2)
    return parts[-1]


def _parts(cursor: Cursor, longest: int = 3) -> list[str]:
    parts = [cursor.identifier().lower()]
    while len(parts) < longest and cursor.accept("."):
        parts.append(cursor.identifier().lower())
    if len(parts) == longest and parts[0] != ICEBERG_CATALOG:
        raise StatementFailed("CATALOG_NOT_FOUND", f"Catalog '{parts[0]}' not found")
    return parts


def quoted(name: str) -> str:
    """A name in Trino's SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text literal in Trino's SQL."""
    return "'" + value.replace("'", "''") + "'"


def text_array(values: Iterable[str]) -> str:
    """An array of texts in Trino's SQL."""
    return f"ARRAY[{', '.join(map(text, values))}]"


def text_map(values: Mapping[str, str]) -> str:
    """A map of texts to texts in Trino's SQL."""
    return f"MAP({text_array(values)}, {text_array(values.values())})"
