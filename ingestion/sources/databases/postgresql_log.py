"""The log of PostgreSQL, read by plain SQL: a logical slot is peeked at, and later advanced.

Why it is read so is told in docs/decisions/0015.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from psycopg import sql

from ingestion.sources.databases import postgresql_queries as queries
from ingestion.sources.databases.database import Shape
from ingestion.sources.databases.errors import TooSlowError, UnfitValueError
from ingestion.sources.databases.log import Computed, Lag, Slot
from ingestion.sources.databases.log_changes import Layout, Texts
from ingestion.sources.databases.pgoutput import Relation
from ingestion.sources.databases.postgresql_publication import Publication, check_server
from ingestion.sources.databases.postgresql_session import (
    SEARCH_PATH,
    STATEMENT_SECONDS,
    Session,
    TextArray,
)
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.errors import SourceError

_PEEK_SECONDS: Final = 3_600
# Commits begin at such places, which positions have to tell apart.
_ALIGNED: Final = 8
_XIDS: Final = 2**32
_LOOK_EVERY_SECONDS: Final = 0.02

_SLOT: Final = """
    select
        slot_type = 'logical' and plugin = 'pgoutput' and database = current_database(),
        coalesce(database, slot_type),
        (confirmed_flush_lsn - '0/0')::bigint,
        coalesce(wal_status = 'lost', false)
    from pg_replication_slots
    where slot_name = %s
"""

_LAG: Final = """
    select
        coalesce((pg_current_wal_insert_lsn() - restart_lsn)::bigint, 0),
        safe_wal_size
    from pg_replication_slots
    where slot_name = %s
"""


class PostgresqlLog:
    """The log of a source; see `Log`."""

    def __init__(self, session: Session, source: Source) -> None:
        """Use a session; the names of slot and publication are made from the source's."""
        self._session = session
        self._name = f"retailpulse_{source.name}"
        self._source_name = source.name
        self._publication = Publication(session, self._name, source.tables)

    def check(self) -> None:
        """Check that the log can be read; see `Log`."""
        check_server(self._session)

    def publication(self) -> int:
        """Return the number of the publication; see `Log`."""
        return self._publication.check()

    def check_table(self, table: Table, shape: Shape) -> str:
        """Return how a table is published; see `Log`."""
        return self._publication.check_table(table, shape)

    def slot(self) -> Slot | None:
        """Return the slot; see `Log`."""
        found = self._session.rows(_SLOT, (self._name,))
        if not found:
            return None
        [(is_ours, whose, position, is_lost)] = found
        if not is_ours:
            self._session.refuse(
                f"the server has a slot {self._name} that is not of this database, but of {whose}: "
                "give the source's file another name"
            )
        return Slot(position or 0, is_lost or position is None)

    def create_slot(self) -> int:
        """Make the slot; see `Log`."""
        if self.slot():
            self._drop_slot()
        try:
            [(position,)] = self._session.rows(
                "select (lsn - '0/0')::bigint "
                "from pg_create_logical_replication_slot(%s, 'pgoutput')",
                (self._name,),
            )
        except TooSlowError as error:
            raise SourceError(
                f"{self._source_name}: the slot was not made within {STATEMENT_SECONDS} s, as it "
                "waits for every transaction that is open when it begins: see pg_stat_activity "
                "(xact_start) for the oldest, let it end, and pull again"
            ) from error
        return int(position)

    def drop(self) -> list[str]:
        """Remove slot and publication; see `Log`."""
        said = []
        if self.slot():
            self._drop_slot()
            said.append(f"the slot {self._name} is removed")
        else:
            said.append(f"there is no slot {self._name}")
        said.append(self._publication.drop())
        return said

    def end(self) -> int:
        """Return the position behind all that the log has; see `Log`."""
        [(flushed,)] = self._session.rows("select (pg_current_wal_flush_lsn() - '0/0')::bigint")
        return int(flushed) - int(flushed) % _ALIGNED

    def end_of_seen(self) -> int:
        """Return a position behind all that a query has seen; see `Log`.

        What is committed asynchronously is seen before it is in the log that can be read: for up to
        three times `wal_writer_delay`.
        """
        [(written, milliseconds)] = self._session.rows(
            "select (pg_current_wal_insert_lsn() - '0/0')::bigint, "
            "(select setting::bigint from pg_settings where name = 'wal_writer_delay')"
        )
        deadline = time.monotonic() + 3 * milliseconds / 1000 + 0.1
        while (end := self.end()) < written and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_SECONDS)
        return end

    @contextmanager
    def peek(self, until: int, messages: int, rows: int) -> Iterator[Iterator[list[bytes]]]:
        """Let messages be read; see `Log`."""
        # Types and tables are spelled for this path.
        self._session.look_in([SEARCH_PATH])
        query = sql.SQL(
            "select data from pg_logical_slot_peek_binary_changes({}, {}, {}, "
            "'proto_version', '1', 'publication_names', {})"
        ).format(
            sql.Literal(self._name),
            sql.SQL("'0/0'::pg_lsn + {}::numeric").format(sql.Literal(until)),
            sql.Literal(messages),
            sql.Literal(sql.Identifier(self._name).as_string()),
        )
        try:
            with self._session.batches(query, rows, _PEEK_SECONDS) as batches:
                yield batches
        except TooSlowError as error:
            raise SourceError(
                f"{self._source_name}: the log could not be read within {_PEEK_SECONDS // 60} "
                f"minutes: pull again, and if that ends so too, run `retailpulse pull --drop "
                f"{self._source_name}` and pull, which compares the tables in the place of the log"
            ) from error

    def is_visible(self, xids: set[int]) -> bool:
        """Return whether what transactions committed is seen; see `Log`."""
        [(next_xid, running)] = self._session.rows(
            "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint, "
            "array(select xid::text::bigint from pg_snapshot_xip(pg_current_snapshot()) as xid)"
        )
        # The log tells 32 bits of each. What is not before the snapshot's end is not listed.
        unended = {xid % _XIDS for xid in running}
        return not any(
            xid in unended or not 0 < (next_xid - xid) % _XIDS < _XIDS // 2 for xid in xids
        )

    def advance(self, position: int) -> None:
        """Let what is before a position go; see `Log`."""
        slot = self.slot()
        if slot and not slot.is_lost and slot.position < position:
            # It reads again all that is let go.
            self._session.waited_for(
                "select pg_replication_slot_advance(%s, '0/0'::pg_lsn + %s::numeric)",
                (self._name, position),
                _PEEK_SECONDS,
            )

    def lag(self) -> Lag:
        """Return how much is kept; see `Log`."""
        found = self._session.rows(_LAG, (self._name,))
        return Lag(*found[0]) if found else Lag(0, None)

    def array_types(self, relation: Relation) -> Mapping[int, str]:
        """Return the types that are arrays; see `Log`."""
        types = sorted({column.type_oid for column in relation.columns})
        return dict(
            self._session.rows(
                "select oid::bigint, format_type(oid, null) from pg_type "
                "where oid = any(%s::bigint[]::oid[]) and typcategory = 'A'",
                (types,),
            )
        )

    def computed(self, layout: Layout, rows: Sequence[Texts]) -> Sequence[Computed]:
        """Return what the database makes of rows; see `Log`."""
        arrays = layout.arrays
        try:
            found = self._of_texts(layout, arrays, rows)
        except UnfitValueError:
            if not arrays:
                raise
            # A type has changed since: the value of an enum has another name now.
            found = self._of_texts(layout, dict.fromkeys(arrays, "text[]"), rows)
        if not arrays:
            none: Mapping[int, bytes | None] = {}
            return [Computed(of_key.encode(), of_row.encode(), none) for of_key, of_row in found]
        return [
            Computed(
                of_key.encode(),
                of_row.encode(),
                dict(zip(arrays, (text and text.encode() for text in texts), strict=True)),
            )
            for of_key, of_row, *texts in found
        ]

    def key_hashes(self, layout: Layout, keys: Sequence[Texts]) -> Sequence[bytes]:
        """Return the hashes of keys; see `Log`."""
        names = [layout.columns[place] for place in layout.key]
        query = queries.of_texts(names, range(len(names)), {})
        found = self._session.of_texts(query, _by_column(keys))
        return [of_key.encode() for of_key, _ in found]

    def _of_texts(
        self, layout: Layout, arrays: Mapping[int, str], rows: Sequence[Texts]
    ) -> list[Any]:
        query = queries.of_texts(layout.columns, layout.key, arrays)
        return self._session.of_texts(query, _by_column(rows))

    def _drop_slot(self) -> None:
        self._session.rows("select pg_drop_replication_slot(%s)", (self._name,))


def _by_column(rows: Sequence[Texts]) -> list[TextArray]:
    return [TextArray(texts) for texts in zip(*rows, strict=True)]
