"""PostgreSQL, read gently: a session that asks for its tables' rows, page by page.

Which bound loses rows, and why this one does not, is told in docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, LiteralString

import psycopg
from psycopg import errors, sql

from ingestion.sources.databases import postgresql_queries as queries
from ingestion.sources.databases.database import Checksum, Column, KeyRange, Page, Row, Shape
from ingestion.sources.databases.errors import SourceError
from ingestion.sources.databases.postgresql_catalog import Catalog
from ingestion.sources.databases.row_lines import unescaped
from ingestion.sources.databases.settings import Table
from ingestion.sources.databases.state import Watermark

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 60
_LOCK_SECONDS: Final = 5

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
class _Moment:
    """One snapshot: its time, and the first transaction id that was not given then."""

    read_at: datetime
    newest_xid: int


class Postgresql:
    """A session that reads and never writes; see `Database`."""

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
            raise SourceError(
                f"{self._name}: it is a standby, which does not know the transactions that are "
                "open on its primary: let the connection lead to the primary"
            )
        if not sees_all:
            # For such a role xact_start is NULL: the bound would silently become now.
            grant = sql.SQL("grant pg_read_all_stats to {}").format(sql.Identifier(role))
            raise SourceError(
                f"{self._name}: the role cannot see since when other sessions' transactions are "
                "open, and their rows could be missed: run "
                f"`{grant.as_string(self._connection)}`"
            )

    def shape(self, table: Table) -> Shape:
        """Return what a table is; see `Database`."""
        catalog = Catalog(self._connection, self._name)
        shape = catalog.shape(table)
        # Without these the keys of an extension's type, as citext, would be compared as texts, and
        # not as they are ordered: rows between would be left out.
        path = sql.SQL(", ").join(
            sql.Identifier(name)
            for name in ("pg_catalog", *catalog.schemas_of_operators(table, shape))
        )
        self._connection.execute(sql.SQL("set search_path to {}").format(path))
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
        """Return the next rows by the key; see `Database`."""
        by = queries.key_of(table, shape)
        query = queries.rows(table, shape, queries.beyond(by, after), by, rows)
        with self._one_moment() as moment:
            return self._page(table, shape, query, by, moment)

    def changed(
        self,
        table: Table,
        shape: Shape,
        since: Watermark,
        overlap_seconds: int,
        after: Sequence[str] | None,
        rows: int,
    ) -> Page:
        """Return the next rows that may have been committed since a watermark; see `Database`."""
        by = queries.by_cursor(table, shape)
        with self._one_moment() as moment:
            conditions = [
                queries.set_since(table, shape, since, overlap_seconds),
                *queries.beyond(by, after),
                queries.written_since(since.snapshot_xmin, moment.newest_xid),
            ]
            query = queries.rows(table, shape, conditions, by, rows)
            return self._page(table, shape, query, by, moment)

    def of_keys(self, table: Table, shape: Shape, keys: Sequence[Sequence[str]]) -> Page:
        """Return the rows of some keys; see `Database`."""
        query = queries.rows(table, shape, [queries.of_keys(table, shape, keys)])
        with self._one_moment() as moment:
            return self._page(table, shape, query, queries.key_of(table, shape), moment)

    def key_range(
        self, table: Table, shape: Shape, after: tuple[str, ...] | None, rows: int
    ) -> KeyRange:
        """Return the range of the next keys; see `Database`."""
        found = self._copied(queries.last_key(table, shape, after, rows))
        until = tuple(unescaped(text) for text in found[0].split(b"\t")) if found else None
        return KeyRange(after, until)

    def checksums(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int
    ) -> Mapping[int, Checksum]:
        """Return checksums by bucket; see `Database`."""
        query = queries.checksums(table, shape, queries.within(table, shape, keys), buckets)
        return {
            bucket: Checksum(rows, int(total))
            for bucket, rows, total in self._connection.execute(query).fetchall()
        }

    def fingerprints(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int, wanted: Sequence[int]
    ) -> Sequence[bytes]:
        """Return the fingerprints of rows in some buckets; see `Database`."""
        conditions = [
            *queries.within(table, shape, keys),
            queries.in_buckets(table, shape, buckets, wanted),
        ]
        return self._copied(queries.fingerprints(table, shape, conditions))

    def _page(
        self,
        table: Table,
        shape: Shape,
        query: sql.Composed,
        by: Sequence[Column],
        moment: _Moment,
    ) -> Page:
        parts = queries.HASHES + len(table.key)
        rows = []
        for line in self._copied(query):
            *fingerprint, copied = line.split(b"\t", parts)
            rows.append(Row(b"\t".join(fingerprint), copied))
        last = None
        if rows:
            values = rows[-1].copied.split(b"\t")
            last = tuple(unescaped(values[shape.columns.index(column)]) for column in by)
        return Page(rows, moment.read_at, last)

    def _copied(self, query: sql.Composed) -> list[bytes]:
        """What COPY writes, line by line."""
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            return b"".join(bytes(block) for block in copy).split(b"\n")[:-1]

    @contextmanager
    def _one_moment(self) -> Iterator[_Moment]:
        with self._connection.transaction():
            self._connection.execute("set transaction isolation level repeatable read, read only")
            read_at, newest = self._row(
                "select clock_timestamp(), pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            )
            yield _Moment(read_at, newest)

    def _row(self, query: LiteralString, parameters: Sequence[object] = ()) -> Any:
        return self._connection.execute(query, parameters).fetchall()[0]


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
