"""MySQL and MariaDB, read gently: a session that asks for its tables' rows, page by page.

Neither tells which transaction wrote a row. So a pull reads all rows whose cursor may have been set
since the oldest transaction that was open at the pull before, and what it finds there as it was
then does not land again (docs/decisions/0013).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from ingestion.sources.databases import mysql_queries as queries
from ingestion.sources.databases.database import (
    Checksum,
    Column,
    KeyRange,
    Page,
    Shape,
    by_cursor,
    by_key,
    key_of,
)
from ingestion.sources.databases.errors import UnfitValueError
from ingestion.sources.databases.mysql_catalog import Catalog
from ingestion.sources.databases.mysql_session import Session, literal, open_session
from ingestion.sources.databases.row_lines import unescaped
from ingestion.sources.databases.settings import Table
from ingestion.sources.databases.state import Watermark

# Servers tell seconds, and what InnoDB says of transactions may be a tenth of a second old.
_COARSE: Final = timedelta(seconds=2)

# In the hour that clocks are put back a local time is two: the earlier is meant.
_OLDEST_TRANSACTION: Final = """
    select if(from_unixtime(began_at - 3600) = began, began_at - 3600, began_at)
    from (
        select began, unix_timestamp(began) as began_at
        from (
            select min(trx_started) as began
            from information_schema.innodb_trx
            where trx_mysql_thread_id <> connection_id()
        ) as oldest
    ) as told
"""

_READ_ONLY: Final = ("read_only", "innodb_read_only", "wsrep_on")
_SERVER: Final = ("server_uuid", "server_uid", "hostname", "port", "server_id")

# Where a server's clock was put back, a time below zero is told as one of 64 bits.
_LONGEST_SECONDS: Final = 7 * 86_400.0

# What sessions are called that run no statement of anybody's.
_IDLE: Final = ("Sleep", "Daemon", "Binlog Dump", "Binlog Dump GTID")


class Mysql:
    """A session that reads and never writes; see `Database`."""

    def __init__(self, session: Session) -> None:
        """Use a session."""
        self._session = session

    def server(self) -> str:
        """Return which server this is: it changes at a fail-over."""
        found = self._variables(_SERVER)
        unique = found.get("server_uuid") or found.get("server_uid")
        if unique is None:
            unique = f"{found.get('hostname')}/{found.get('port')}"
        # MariaDB's is of the machine's address, which containers may share.
        return f"mysql/{unique}/{found.get('server_id')}"

    def check(self) -> None:
        """Check that this account may see what pulling goes by.

        Raises:
            SourceError: It may not, or the server is a copy of another.
        """
        if any(value not in ("0", "OFF") for value in self._variables(_READ_ONLY).values()):
            self._session.refuse(
                "it is read only, as replicas are, or one of several that are written to "
                "(wsrep_on): it does not know the transactions that are open elsewhere, and their "
                "rows could be missed. Let the connection lead to the primary"
            )
        if any(
            each["user"] == "system user" and each["command"] not in _IDLE
            for each in self._others()
        ):
            self._session.refuse(
                "it takes over what another server has written, whose transactions it does not "
                "know: let the connection lead to that one"
            )
        self.watermark()

    def follow(self, table: Table) -> Shape:
        """Return what a table is; see `Database`."""
        return Catalog(self._session).follow(table)

    def watermark(self) -> Watermark:
        """Return what has been committed by now."""
        # First the time: what begins behind it sets none before it.
        now = self._session.now()
        # A statement has the time of its start, and may wait long before its transaction begins:
        # what waits no longer when transactions are asked for is among them.
        began = [
            now,
            *(
                now - timedelta(seconds=min(float(each["time"] or 0), _LONGEST_SECONDS))
                for each in self._others()
                if each["command"] not in _IDLE
            ),
        ]
        with self._session.in_zone_of_the_server():
            [(oldest,)] = self._session.texts(_OLDEST_TRANSACTION)
        if oldest is not None:
            began.append(datetime.fromtimestamp(float(oldest), UTC))
        return Watermark(None, min(began) - _COARSE)

    def row_estimate(self, table: Table, shape: Shape) -> int:
        """Return about how many rows a table has; 0 where nobody has counted."""
        schema = literal(table.schema) if table.schema else "database()"
        [(rows,)] = self._session.texts(
            "select table_rows from information_schema.tables "
            f"where table_schema = {schema} and table_name = {literal(table.name)}"
        )
        return int(rows or 0)

    def by_key(self, table: Table, shape: Shape, after: Sequence[str] | None, rows: int) -> Page:
        """Return the next rows by the key; see `Database`."""
        by = by_key(shape)
        query = queries.rows(table, shape, self._beyond(by, after), by, rows)
        return self._page(table, shape, query, by)

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
        low = queries.set_since(table, shape, since.since, overlap_seconds)
        query = queries.rows(table, shape, [low, *self._beyond(by, after)], by, rows)
        return self._page(table, shape, query, by)

    def of_keys(self, table: Table, shape: Shape, keys: Sequence[bytes]) -> Page:
        """Return the rows of some keys; see `Database`."""
        by = key_of(table, shape)
        texts = [
            tuple(unescaped(value, errors="strict") for value in key.split(b"\t")) for key in keys
        ]
        return self._of_fitting(table, shape, [key for key in texts if queries.fit(by, key)])

    def key_range(
        self, table: Table, shape: Shape, after: tuple[str, ...] | None, rows: int
    ) -> KeyRange:
        """Return the range of the next keys; see `Database`."""
        found = self._session.rows(queries.last_key(table, shape, after, rows))
        until = queries.texts_of(by_key(shape), found[0]) if found else None
        return KeyRange(after, until)

    def checksums(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int
    ) -> Mapping[int, Checksum]:
        """Return checksums by bucket; see `Database`."""
        query = queries.checksums(table, shape, queries.within(shape, keys), buckets)
        return {
            int(bucket or 0): Checksum(int(rows or 0), int(total or 0))
            for bucket, rows, total in self._session.texts(query)
        }

    def fingerprints(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int, wanted: Sequence[int]
    ) -> Sequence[bytes]:
        """Return the fingerprints of rows in some buckets; see `Database`."""
        conditions = [
            *queries.within(shape, keys),
            queries.in_buckets(table, shape, buckets, wanted),
        ]
        query = queries.fingerprints(table, shape, conditions)
        return [queries.fingerprint_of(table, shape, each) for each in self._session.rows(query)]

    def _of_fitting(self, table: Table, shape: Shape, keys: Sequence[tuple[str, ...]]) -> Page:
        """The rows of keys; one that the server refuses is none that a row has."""
        if keys:
            query = queries.rows(table, shape, [queries.of_keys(table, shape, keys)])
            try:
                return self._page(table, shape, query, key_of(table, shape))
            except UnfitValueError:
                if len(keys) > 1:
                    half = len(keys) // 2
                    first, second = (
                        self._of_fitting(table, shape, part) for part in (keys[:half], keys[half:])
                    )
                    rows = [*first.rows, *second.rows]
                    return Page(rows, second.read_at, second.last or first.last)
        with self._session.one_moment() as read_at:
            return Page([], read_at, None)

    def _beyond(self, by: Sequence[Column], after: Sequence[str] | None) -> list[str]:
        if after is not None and not queries.fit(by, after):
            self._session.refuse_unfit()
        return queries.beyond(by, after)

    def _others(self) -> list[dict[str, str | None]]:
        """What the other sessions do."""
        [(own,)] = self._session.texts("select connection_id()")
        return [each for each in self._session.named("show processlist") if each["id"] != own]

    def _variables(self, names: Sequence[str]) -> dict[str, str]:
        """The server's variables of some names; one that it does not know is left out."""
        wanted = ", ".join(map(literal, names))
        found = self._session.texts(f"show global variables where variable_name in ({wanted})")
        return {name or "": value or "" for name, value in found}

    def _page(self, table: Table, shape: Shape, query: str, by: Sequence[Column]) -> Page:
        with self._session.one_moment() as read_at:
            found = self._session.rows(query)
        last = queries.last_of(shape, found[-1], by) if found else None
        return Page(queries.rows_of(table, shape, found), read_at, last)


@contextmanager
def connect(address: str, name: str, variable: str) -> Iterator[Mysql]:
    """Connect to a database; see `open_session`."""
    with open_session(address, name, variable) as session:
        yield Mysql(session)
