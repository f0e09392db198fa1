"""What PostgreSQL says of a table, and what it needs to be followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ingestion.sources.databases.database import Column, Shape
from ingestion.sources.databases.postgresql_session import SEARCH_PATH, Session
from ingestion.sources.databases.settings import Table
from ingestion.sources.field_names import field_of

# A cursor column without time zone holds some zone's time, and none is further behind UTC.
_FURTHEST_BEHIND_UTC: Final = "12 hours"
CURSOR_TYPES: Final = {
    "timestamp with time zone": "0 hours",
    "timestamp without time zone": _FURTHEST_BEHIND_UTC,
    "date": "36 hours",
}
"""What a cursor may be, and how far its values may be behind UTC."""

# A column whose type is a domain has the type that it is made from; its full type is the domain.
_COLUMNS: Final = """
    with recursive columns as (
        select attnum, attname, atttypid, atttypmod, attnotnull, atttypid as base
        from pg_attribute
        where attrelid = %s::oid and attnum > 0 and not attisdropped
        union all
        select attnum, attname, atttypid, atttypmod, attnotnull, pg_type.typbasetype
        from columns
        join pg_type on columns.base = pg_type.oid
        where pg_type.typtype = 'd'
    )

    select
        columns.attname,
        format_type(columns.base, null),
        format_type(columns.atttypid, columns.atttypmod),
        pg_type.typcategory = 'A',
        columns.attnotnull
    from columns
    join pg_type on columns.base = pg_type.oid
    where pg_type.typtype <> 'd'
    order by columns.attnum
"""

# Of a partitioned table the indexes are those that it has itself.
_INDEXED_FIRST: Final = """
    select
        index.indisunique and index.indisvalid and index.indpred is null and index.indimmediate,
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

    def __init__(self, session: Session) -> None:
        """Use a session."""
        self._session = session

    def follow(self, table: Table) -> Shape:
        """Return what a table is, and let the session find the operators of its key.

        Raises:
            SourceError: It cannot be followed by its key and cursor; says what to add.
        """
        # Types are spelled for this path, too.
        self._session.look_in([SEARCH_PATH])
        name = self._session.quoted(table.schema, table.name)
        found = self._session.rows(
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
            self._session.refuse(f"there is no table {name}: correct its name in the source's file")
        oid, kind, may_read, may_use, role = found[0]
        quoted_role = self._session.quoted(role)
        if not may_use:
            schema = self._session.quoted(table.schema)
            self._session.refuse(
                f"the role may not use the schema: run `grant usage on schema {schema} to "
                f"{quoted_role}`"
            )
        if kind not in ("r", "p"):
            self._session.refuse(f"{name} is no table: follow the tables that it is made of")
        if not may_read:
            self._session.refuse(
                f"the role may not read {name}: run `grant select on {name} to {quoted_role}`"
            )
        columns = tuple(
            Column(column, field_of(column), kind, full, is_array, is_given)
            for column, kind, full, is_array, is_given in self._session.rows(_COLUMNS, (oid,))
        )
        shape = Shape(columns, table.key)
        self._check_columns(name, table, shape)
        indexes = self._session.rows(_INDEXED_FIRST, (oid,))
        if table.cursor:
            self._check_cursor(name, table, shape, indexes)
        # Without these the keys of an extension's type, as citext, would be compared as texts, and
        # not as they are ordered: rows between would be left out.
        of_types = self._session.rows(_SCHEMAS_OF_TYPES, (oid, list(table.key)))
        self._session.look_in([SEARCH_PATH, *(schema for (schema,) in of_types)])
        return replace(shape, key=self._key(name, table, indexes))

    def _check_columns(self, name: str, table: Table, shape: Shape) -> None:
        known = [column.name for column in shape.columns]
        if missing := [each for each in table.named_columns if each not in known]:
            self._session.refuse(
                f"{name} has no column {', '.join(missing)}: it has {', '.join(known)}"
            )
        if unsure := [key for key in table.key if not shape.column(key).is_given]:
            column = self._session.quoted(unsure[0])
            self._session.refuse(
                f"{name}.{unsure[0]} is a part of the key and can be NULL: run "
                f"`alter table {name} alter column {column} set not null`"
            )
        if arrays := [key for key in table.key if shape.column(key).is_array]:
            self._session.refuse(
                f"{name}.{arrays[0]} is an array, which cannot be a part of the key"
            )
        fields = [column.field for column in shape.columns]
        if twice := sorted({field for field in fields if fields.count(field) > 1}):
            self._session.refuse(
                f"{name} has columns that differ in nothing but capitals or signs "
                f"({', '.join(twice)}): follow a view of it with other names"
            )

    def _key(self, name: str, table: Table, indexes: Sequence[Any]) -> tuple[str, ...]:
        """The columns of the key, in the order of its index, by which it is read."""
        found = [
            columns
            for is_unique, _, columns in indexes
            if is_unique and set(columns) == set(table.key)
        ]
        if not found:
            keys = ", ".join(self._session.quoted(key) for key in table.key)
            self._session.refuse(
                f"no unique index of {name} is of {', '.join(table.key)}: correct the key in the "
                f"source's file, or run `create unique index concurrently on {name} ({keys})`"
            )
        return tuple(found[0])

    def _check_cursor(self, name: str, table: Table, shape: Shape, indexes: Sequence[Any]) -> None:
        cursor = shape.column(table.cursor)
        if cursor.type not in CURSOR_TYPES:
            self._session.refuse(
                f"{name}.{table.cursor} is of type {cursor.full_type}: a cursor is a column of "
                f"type {' or '.join(CURSOR_TYPES)} that is set whenever a row changes"
            )
        if not any(valid and cols[:1] == [table.cursor] for _, valid, cols in indexes):
            quoted = self._session.quoted(table.cursor)
            self._session.refuse(
                f"no index of {name} begins with {table.cursor}, and each pull would read the "
                f"whole table: run `create index concurrently on {name} ({quoted})`"
            )
