"""What PostgreSQL says of a table, and what it needs to be followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, LiteralString, NoReturn

import psycopg
from psycopg import sql

from ingestion.sources.databases.database import Column, Shape
from ingestion.sources.databases.errors import SourceError
from ingestion.sources.databases.names import field_of
from ingestion.sources.databases.settings import Table

# A cursor column without time zone holds some zone's time, and none is further behind UTC.
_FURTHEST_BEHIND_UTC: Final = "12 hours"
CURSOR_TYPES: Final = {
    "timestamp with time zone": "0 hours",
    "timestamp without time zone": _FURTHEST_BEHIND_UTC,
    "date": "36 hours",
}
"""What a cursor may be, and how far its values may be behind UTC."""

_COLUMNS: Final = """
    select
        attribute.attname,
        format_type(attribute.atttypid, null),
        format_type(attribute.atttypid, attribute.atttypmod),
        base.typcategory = 'A',
        attribute.attnotnull
    from pg_attribute as attribute
    join pg_type as base on attribute.atttypid = base.oid
    where
        attribute.attrelid = %s::oid
        and attribute.attnum > 0
        and not attribute.attisdropped
    order by attribute.attnum
"""

# Of a partitioned table the indexes are those that it has itself.
_INDEXED_FIRST: Final = """
    select
        index.indisunique and index.indpred is null and index.indimmediate,
        index.indisvalid and index.indpred is null,
        array(
            select attribute.attname::text
            from unnest(index.indkey[0:index.indnkeyatts - 1]) with ordinality as part (number, nth)
            left join pg_attribute as attribute
                on attribute.attrelid = index.indrelid and attribute.attnum = part.number
            order by part.nth
        )
    from pg_index as index
    where index.indrelid = %s::oid
"""

# A domain has the operators of what it is made from.
_SCHEMAS_OF_TYPES: Final = """
    with recursive types as (
        select atttypid as oid
        from pg_attribute
        where attrelid = %s::oid and attname = any(%s)
        union
        select pg_type.typbasetype
        from types
        join pg_type on types.oid = pg_type.oid
        where pg_type.typtype = 'd'
    )

    select distinct pg_namespace.nspname::text
    from types
    join pg_type on types.oid = pg_type.oid
    join pg_namespace on pg_type.typnamespace = pg_namespace.oid
    where pg_type.typtype = 'b' and pg_namespace.nspname <> 'pg_catalog'
"""


class Catalog:
    """What a session can ask of tables."""

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        """Use a connection.

        Args:
            connection: The session.
            name: The source's name, for errors.
        """
        self._connection = connection
        self._name = name

    def shape(self, table: Table) -> Shape:
        """Return what a table is.

        Raises:
            SourceError: It cannot be followed by its key and cursor; says what to add.
        """
        name = sql.Identifier(table.schema, table.name).as_string(self._connection)
        found = self._rows(
            """
            select pg_class.oid::bigint, pg_class.relkind::text,
                has_table_privilege(pg_class.oid, 'select'),
                has_schema_privilege(pg_class.relnamespace, 'usage'), current_user::text
            from pg_class
            join pg_namespace on pg_class.relnamespace = pg_namespace.oid
            where pg_namespace.nspname = %s and pg_class.relname = %s
            """,
            (table.schema, table.name),
        )
        if not found:
            self._refuse(f"there is no table {name}: correct its name in the source's file")
        oid, kind, may_read, may_use, role = found[0]
        quoted_role = sql.Identifier(role).as_string(self._connection)
        if not may_use:
            schema = sql.Identifier(table.schema).as_string(self._connection)
            self._refuse(
                f"the role may not use the schema: run `grant usage on schema {schema} to "
                f"{quoted_role}`"
            )
        if kind not in ("r", "p"):
            self._refuse(f"{name} is no table: follow the tables that it is made of")
        if not may_read:
            self._refuse(
                f"the role may not read {name}: run `grant select on {name} to {quoted_role}`"
            )
        columns = tuple(
            Column(column, field_of(column), kind, full, is_array, is_given)
            for column, kind, full, is_array, is_given in self._rows(_COLUMNS, (oid,))
        )
        shape = Shape(oid, columns)
        self._check_columns(name, table, shape)
        return shape

    def schemas_of_operators(self, table: Table, shape: Shape) -> list[str]:
        """Return the schemas in which the types of a key are defined, other than pg_catalog."""
        return [name for (name,) in self._rows(_SCHEMAS_OF_TYPES, (shape.oid, list(table.key)))]

    def _check_columns(self, name: str, table: Table, shape: Shape) -> None:
        known = [column.name for column in shape.columns]
        if missing := [each for each in (*table.key, table.cursor) if each not in known]:
            self._refuse(f"{name} has no column {', '.join(missing)}: it has {', '.join(known)}")
        if unsure := [key for key in table.key if not shape.column(key).is_given]:
            column = sql.Identifier(unsure[0]).as_string(self._connection)
            self._refuse(
                f"{name}.{unsure[0]} is a part of the key and can be NULL: run "
                f"`alter table {name} alter column {column} set not null`"
            )
        if arrays := [key for key in table.key if shape.column(key).is_array]:
            self._refuse(f"{name}.{arrays[0]} is an array, which cannot be a part of the key")
        fields = [column.field for column in shape.columns]
        if twice := sorted({field for field in fields if fields.count(field) > 1}):
            self._refuse(
                f"{name} has columns that differ in nothing but capitals or signs "
                f"({', '.join(twice)}): follow a view of it with other names"
            )
        indexes = self._rows(_INDEXED_FIRST, (shape.oid,))
        keys = ", ".join(sql.Identifier(key).as_string(self._connection) for key in table.key)
        if not any(unique and set(cols) == set(table.key) for unique, _, cols in indexes):
            self._refuse(
                f"no unique index of {name} is of {', '.join(table.key)}: correct the key in the "
                f"source's file, or run `create unique index concurrently on {name} ({keys})`"
            )
        cursor = shape.column(table.cursor)
        if cursor.type not in CURSOR_TYPES:
            self._refuse(
                f"{name}.{table.cursor} is of type {cursor.full_type}: a cursor is a column of "
                f"type {' or '.join(CURSOR_TYPES)} that is set whenever a row changes"
            )
        if not any(valid and cols[:1] == [table.cursor] for _, valid, cols in indexes):
            quoted = sql.Identifier(table.cursor).as_string(self._connection)
            self._refuse(
                f"no index of {name} begins with {table.cursor}, and each pull would read the "
                f"whole table: run `create index concurrently on {name} ({quoted})`"
            )

    def _refuse(self, what: str) -> NoReturn:
        raise SourceError(f"{self._name}: {what}")

    def _rows(self, query: LiteralString, parameters: Sequence[object] = ()) -> list[Any]:
        return self._connection.execute(query, parameters).fetchall()
