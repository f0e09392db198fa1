"""PostgreSQL, read gently: what it is, what its tables are, and their rows page by page.

Which bound loses rows, and why this one does not, is told in docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, LiteralString, NoReturn

import psycopg
from psycopg import errors, sql

from ingestion.sources.databases.errors import SourceError
from ingestion.sources.databases.names import field_of
from ingestion.sources.databases.row_lines import unescaped
from ingestion.sources.databases.settings import Table
from ingestion.sources.databases.state import Watermark

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 60
_LOCK_SECONDS: Final = 5

# A cursor column without time zone holds some zone's time, and none is further behind UTC.
_FURTHEST_BEHIND_UTC: Final = "12 hours"
_CURSOR_TYPES: Final = {
    "timestamp with time zone": "0 hours",
    "timestamp without time zone": _FURTHEST_BEHIND_UTC,
    "date": "36 hours",
}

# So that each value is spelled in one way, and nothing is written.
_SESSION: Final = {
    "application_name": "retailpulse",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "client_encoding": "UTF8",
    "search_path": "pg_catalog",
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{_LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
}

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

# A transaction writes no time of its start that is before that, and each that is open when the
# snapshot is taken is seen here, as this is asked before. What another database does cannot matter,
# and a transaction that nobody has committed yet can.
_OPEN_SINCE: Final = """
    select
        least(
            clock_timestamp(),
            (
                select min(xact_start)
                from pg_stat_activity
                where pid <> pg_backend_pid() and datname = current_database()
            ),
            (select min(prepared) from pg_prepared_xacts where database = current_database())
        )
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: As the database spells it.
        field: What it is called in the event.
        type: Its type, without length or scale: `numeric`.
        full_type: With them: `numeric(12,2)`.
        is_array: Whether it is read as JSON text.
        is_given: Whether it is never NULL.
    """

    name: str
    field: str
    type: str
    full_type: str
    is_array: bool
    is_given: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What the database says of a table.

    Attributes:
        oid: Its number.
        columns: Its columns, in their order.
    """

    oid: int
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return a column that is there."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, as they were at one moment.

    Attributes:
        rows: In COPY's text format, without line feeds.
        read_at: The database's time then.
        last: Of the last row, the texts of the columns it is read by; None if there is none.
    """

    rows: Sequence[bytes]
    read_at: datetime
    last: tuple[str, ...] | None


class Postgresql:
    """A session that reads and never writes."""

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        """Use a connection that `connect` made."""
        self._connection = connection
        self._name = name

    def server(self) -> str:
        """Return which server this is, and its timeline: one of them changes at a fail-over."""
        system, timeline = self._row(
            "select system_identifier::text, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) "
            "from pg_control_system()"
        )
        return f"postgresql/{system}/{timeline}"

    def check(self) -> None:
        """Check that this role may see what pulling goes by.

        Raises:
            SourceError: It may not, or the server is a copy of another.
        """
        is_copy, sees_all, role = self._row(
            "select pg_is_in_recovery(), "
            "pg_has_role(current_user, 'pg_read_all_stats', 'usage'), current_user::text"
        )
        if is_copy:
            self._refuse(
                "it is a standby, which does not know the transactions that are open on its "
                "primary: let the connection lead to the primary"
            )
        if not sees_all:
            # For such a role xact_start is NULL: the bound would silently become now.
            grant = sql.SQL("grant pg_read_all_stats to {}").format(sql.Identifier(role))
            self._refuse(
                "the role cannot see since when other sessions' transactions are open, and their "
                f"rows could be missed: run `{grant.as_string(self._connection)}`"
            )

    def shape(self, table: Table) -> Shape:
        """Return what a table is.

        Raises:
            SourceError: It cannot be followed by its key and cursor; says what to add.
        """
        name = sql.Identifier(table.schema, table.name).as_string(self._connection)
        found = self._row_or_none(
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
        if found is None:
            self._refuse(f"there is no table {name}: correct its name in the source's file")
        oid, kind, may_read, may_use, role = found
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

    def watermark(self) -> Watermark:
        """Return what has been committed by now."""
        (since,) = self._row(_OPEN_SINCE)
        (xmin,) = self._row("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return Watermark(xmin, since.astimezone(UTC))

    def row_estimate(self, shape: Shape) -> int:
        """Return about how many rows a table has; 0 where nobody has counted."""
        (rows,) = self._row(
            "select coalesce(sum(greatest(reltuples, 0)), 0)::bigint from pg_class where oid in "
            "(select relid from pg_partition_tree(%s::oid::regclass) union select %s::oid)",
            (shape.oid, shape.oid),
        )
        return int(rows)

    def by_key(self, table: Table, shape: Shape, after: Sequence[str] | None, rows: int) -> Page:
        """Return the next rows by the key, from the beginning on."""
        keys = [shape.column(name) for name in table.key]
        return self._page(table, shape, keys, after, rows, ())

    def changed(
        self,
        table: Table,
        shape: Shape,
        since: Watermark,
        overlap_seconds: int,
        after: Sequence[str] | None,
        rows: int,
    ) -> Page:
        """Return the next of the rows that may have been committed since a watermark.

        Args:
            table: The table.
            shape: What it is.
            since: The watermark.
            overlap_seconds: How far an application's clock may be behind the database's.
            after: Where to go on; None for the beginning.
            rows: How many at most.
        """
        cursor = shape.column(table.cursor)
        behind = _CURSOR_TYPES[cursor.type]
        bound = sql.SQL("{} >= (timestamptz {} - interval {} - interval {})::{}").format(
            sql.Identifier(cursor.name),
            sql.Literal(since.since.isoformat()),
            sql.Literal(f"{overlap_seconds} seconds"),
            sql.Literal(behind),
            _type(cursor.type),
        )
        by = [cursor, *(shape.column(name) for name in table.key if name != cursor.name)]
        return self._page(table, shape, by, after, rows, (bound,), since.snapshot_xmin)

    def _page(
        self,
        table: Table,
        shape: Shape,
        by: Sequence[Column],
        after: Sequence[str] | None,
        rows: int,
        conditions: Sequence[sql.Composed],
        least_xid: int | None = None,
    ) -> Page:
        conditions = [*conditions]
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in by)
        if after is not None:
            texts = sql.SQL(", ").join(
                sql.SQL("{}::{}").format(sql.Literal(text), _type(column.full_type))
                for text, column in zip(after, by, strict=True)
            )
            conditions.append(sql.SQL("({}) > ({})").format(names, texts))
        columns = sql.SQL(", ").join(
            sql.SQL("array_to_json({})" if column.is_array else "{}").format(
                sql.Identifier(column.name)
            )
            for column in shape.columns
        )
        with self._one_moment() as (read_at, newest_xid):
            if least_xid is not None:
                conditions.append(_written_since(least_xid, newest_xid))
            query = sql.SQL("copy (select {} from {} {} {} order by {} limit {}) to stdout").format(
                columns,
                sql.Identifier(table.schema, table.name),
                sql.SQL("where" if conditions else ""),
                sql.SQL(" and ").join(conditions),
                names,
                sql.Literal(rows),
            )
            with self._connection.cursor() as cursor, cursor.copy(query) as copy:
                copied = b"".join(bytes(block) for block in copy)
        found = copied.split(b"\n")[:-1]
        last = None
        if found:
            values = found[-1].split(b"\t")
            places = [shape.columns.index(column) for column in by]
            last = tuple(unescaped(values[place]) for place in places)
        return Page(found, read_at, last)

    @contextmanager
    def _one_moment(self) -> Iterator[tuple[datetime, int]]:
        """A transaction of one snapshot; its time, and the first transaction id not given then."""
        with self._connection.transaction():
            self._connection.execute("set transaction isolation level repeatable read, read only")
            read_at, newest = self._row(
                "select clock_timestamp(), pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            )
            yield read_at, newest

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
        if cursor.type not in _CURSOR_TYPES:
            self._refuse(
                f"{name}.{table.cursor} is of type {cursor.full_type}: a cursor is a column of "
                f"type {' or '.join(_CURSOR_TYPES)} that is set whenever a row changes"
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

    def _row_or_none(self, query: LiteralString, parameters: Sequence[object] = ()) -> Any:
        return self._connection.execute(query, parameters).fetchone()

    def _row(self, query: LiteralString, parameters: Sequence[object] = ()) -> Any:
        return self._rows(query, parameters)[0]


@contextmanager
def connect(address: str, name: str, variable: str) -> Iterator[Postgresql]:
    """Open a session.

    Args:
        address: A connection string or URI; may hold a password.
        name: The source's name, for errors.
        variable: Where the address comes from, for errors.

    Raises:
        SourceError: There is no such server, or something went wrong with it: in one sentence, in
            which no password and no value of a row is.
    """
    try:
        given = psycopg.conninfo.conninfo_to_dict(address)
    except psycopg.ProgrammingError as error:
        # The text of the error quotes the address.
        raise SourceError(
            f"{name}: {variable} is no address of PostgreSQL, such as "
            "postgresql://reader@db.example.com/shop"
        ) from error
    given.setdefault("connect_timeout", str(CONNECT_SECONDS))
    if not _is_this_machine(str(given.get("host") or "/")):
        given.setdefault("sslmode", "require")
    try:
        with psycopg.connect(**given, autocommit=True, prepare_threshold=None) as connection:  # type: ignore[arg-type]
            # By statements: a pooler between may refuse them as options of the connection.
            for parameter, value in _SESSION.items():
                connection.execute("select set_config(%s, %s, false)", (parameter, value))
            yield Postgresql(connection, name)
    except psycopg.OperationalError as error:
        raise SourceError(f"{name}: {_told(error, variable)}") from error
    except psycopg.Error as error:
        raise SourceError(f"{name}: the database says: {_first_line(error)}") from error


def _told(error: psycopg.OperationalError, variable: str) -> str:
    text = _first_line(error)
    if isinstance(error, errors.QueryCanceled):
        return (
            f"a statement took longer than {STATEMENT_SECONDS} s and was ended: let page_rows be "
            "smaller, or see what keeps the database busy"
        )
    return f"no connection, or it ended ({text}): see that {variable} is right and the server runs"


def _first_line(error: psycopg.Error) -> str:
    """What a server says first; what it says behind that may quote a row."""
    primary = error.diag.message_primary or str(error)
    return " ".join(primary.split("\n")[0].split())


def _is_this_machine(host: str) -> bool:
    return host.startswith(("/", "@")) or host in ("localhost", "127.0.0.1", "::1")


def _type(name: str) -> sql.Composable:
    """A type as the catalog spells it, which is SQL; no user's text."""
    return sql.SQL(name)


def _written_since(least_xid: int, newest_xid: int) -> sql.Composed:
    """Whether a row was written by the transaction `least_xid` of 64 bits, or by a later one.

    `xmin` has its lower 32 bits: of a number above `newest_xid`'s the upper ones are one less.
    """
    return sql.SQL(
        "({epoch} - case when xmin::text::bigint > {newest} then 1 else 0 end) * 4294967296"
        " + xmin::text::bigint >= {least}"
    ).format(
        epoch=sql.Literal(newest_xid >> 32),
        newest=sql.Literal(newest_xid & 0xFFFFFFFF),
        least=sql.Literal(least_xid),
    )
