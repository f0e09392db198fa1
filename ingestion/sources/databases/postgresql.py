"""PostgreSQL, read gently: a session that asks for its tables' rows, page by page.

Which bound loses rows, and why this one does not, is told in docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Final

from psycopg import sql

from ingestion.sources.databases import postgresql_queries as queries
from ingestion.sources.databases.database import (
    Checksum,
    Column,
    KeyRange,
    Page,
    Row,
    Shape,
    by_cursor,
    by_key,
    key_of,
)
from ingestion.sources.databases.errors import UnfitValueError
from ingestion.sources.databases.postgresql_catalog import Catalog
from ingestion.sources.databases.postgresql_log import PostgresqlLog
from ingestion.sources.databases.postgresql_session import Moment, Session, open_session
from ingestion.sources.databases.row_lines import unescaped
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.state import Watermark

# The first that has pg_current_snapshot.
_LEAST_VERSION: Final = 130_000

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


class Postgresql:
    """A session that reads and never writes; see `Database`."""

    def __init__(self, session: Session) -> None:
        """Use a session."""
        self._session = session

    def log_of(self, source: Source) -> PostgresqlLog:
        """Return the log of a source."""
        return PostgresqlLog(self._session, source)

    def server(self) -> str:
        """Return which server this is, and its timeline: one of them changes at a fail-over."""
        [(system, timeline)] = self._session.rows(
            "select system_identifier::text, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) "
            "from pg_control_system()"
        )
        return f"postgresql/{system}/{timeline}"

    def check(self) -> None:
        """Check that this role may see what pulling goes by.

        Raises:
            SourceError: It may not, or the server is a copy of another, or too old.
        """
        [(version, is_copy, sees_all, role)] = self._session.rows(
            "select current_setting('server_version_num')::integer, pg_is_in_recovery(), "
            "pg_has_role(current_user, 'pg_read_all_stats', 'usage'), current_user::text"
        )
        if version < _LEAST_VERSION:
            self._session.refuse("it is older than PostgreSQL 13, whose transactions are not told")
        if is_copy:
            self._session.refuse(
                "it is a standby, which does not know the transactions that are open on its "
                "primary: let the connection lead to the primary"
            )
        if not sees_all:
            # For such a role xact_start is NULL: the bound would silently become now.
            grant = f"grant pg_read_all_stats to {self._session.quoted(role)}"
            self._session.refuse(
                "the role cannot see since when other sessions' transactions are open, and their "
                f"rows could be missed: run `{grant}`"
            )

    def follow(self, table: Table) -> Shape:
        """Return what a table is; see `Database`."""
        return Catalog(self._session).follow(table)

    def watermark(self) -> Watermark:
        """Return what has been committed by now."""
        [(since,)] = self._session.rows(_OPEN_SINCE)
        [(xmin,)] = self._session.rows(
            "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        return Watermark(xmin, since.astimezone(UTC))

    def row_estimate(self, table: Table, shape: Shape) -> int:
        """Return about how many rows a table has; 0 where nobody has counted."""
        name = self._session.quoted(table.schema, table.name)
        [(rows,)] = self._session.rows(
            "select coalesce(sum(greatest(reltuples, 0)), 0)::bigint from pg_class where oid in "
            "(select relid from pg_partition_tree(%s::regclass) union select %s::regclass)",
            (name, name),
        )
        return int(rows)

    def by_key(self, table: Table, shape: Shape, after: Sequence[str] | None, rows: int) -> Page:
        """Return the next rows by the key; see `Database`."""
        by = by_key(shape)
        query = queries.rows(table, shape, queries.beyond(by, after), by, rows)
        with self._session.one_moment() as moment:
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
        by = by_cursor(table, shape)
        with self._session.one_moment() as moment:
            conditions = [
                queries.set_since(table, shape, since, overlap_seconds),
                *queries.beyond(by, after),
                queries.written_since(since.snapshot_xmin or 0, moment.newest_xid),
            ]
            query = queries.rows(table, shape, conditions, by, rows)
            return self._page(table, shape, query, by, moment)

    def of_keys(self, table: Table, shape: Shape, keys: Sequence[bytes]) -> Page:
        """Return the rows of some keys; see `Database`."""
        by = key_of(table, shape)
        texts = [self._texts(table, key.split(b"\t")) for key in keys]
        try:
            with self._session.one_moment() as moment:
                query = queries.rows(table, shape, [queries.of_keys(table, shape, texts)])
                return self._page(table, shape, query, by, moment)
        except UnfitValueError:
            if len(keys) == 1:
                if self._fits(table, shape, texts[0]):
                    raise
                with self._session.one_moment() as moment:
                    return Page([], moment.read_at, None)
        half = len(keys) // 2
        first, second = (self.of_keys(table, shape, part) for part in (keys[:half], keys[half:]))
        return Page([*first.rows, *second.rows], second.read_at, second.last or first.last)

    def key_range(
        self, table: Table, shape: Shape, after: tuple[str, ...] | None, rows: int
    ) -> KeyRange:
        """Return the range of the next keys; see `Database`."""
        found = self._session.copied(queries.last_key(table, shape, after, rows))
        until = self._texts(table, found[0].split(b"\t")) if found else None
        return KeyRange(after, until)

    def checksums(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int
    ) -> Mapping[int, Checksum]:
        """Return checksums by bucket; see `Database`."""
        query = queries.checksums(table, shape, queries.within(shape, keys), buckets)
        return {
            bucket: Checksum(rows, int(total)) for bucket, rows, total in self._session.rows(query)
        }

    def fingerprints(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int, wanted: Sequence[int]
    ) -> Sequence[bytes]:
        """Return the fingerprints of rows in some buckets; see `Database`."""
        conditions = [
            *queries.within(shape, keys),
            queries.in_buckets(table, shape, buckets, wanted),
        ]
        return self._session.copied(queries.fingerprints(table, shape, conditions))

    def _page(
        self,
        table: Table,
        shape: Shape,
        query: sql.Composed,
        by: Sequence[Column],
        moment: Moment,
    ) -> Page:
        parts = queries.HASHES + len(table.key)
        rows = []
        for line in self._session.copied(query):
            *fingerprint, copied = line.split(b"\t", parts)
            rows.append(Row(b"\t".join(fingerprint), copied))
        last = None
        if rows:
            values = rows[-1].copied.split(b"\t")
            last = self._texts(table, [values[shape.columns.index(column)] for column in by])
        return Page(rows, moment.read_at, last)

    def _fits(self, table: Table, shape: Shape, key: Sequence[str]) -> bool:
        """Whether a key is of the types of today."""
        try:
            self._session.rows(queries.key_alone(table, shape, key))
        except UnfitValueError:
            return False
        return True

    def _texts(self, table: Table, values: Sequence[bytes]) -> tuple[str, ...]:
        """The values of a key, which are to be found again by them."""
        try:
            return tuple(unescaped(value, errors="strict") for value in values)
        except UnicodeDecodeError:
            self._session.refuse(
                f"{table.label} has a key that is not UTF-8, by which no row can be found again: "
                "it cannot be followed"
            )


@contextmanager
def connect(address: str, name: str, variable: str) -> Iterator[Postgresql]:
    """Connect to a database; see `open_session`."""
    with open_session(address, name, variable) as session:
        yield Postgresql(session)
