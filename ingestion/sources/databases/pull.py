"""Pulling a table: what has changed is read, lands, and only then is known to have been read.

A table's state is written by condition. A reading first takes a number there, by which the rows
that it lands are ordered, and its end is written there last. Of two pullers at once one alone gets
to the end; what the other has landed was read before, and is ordered before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from ingestion.envelope import Line
from ingestion.ingester import Ingester, utc_now
from ingestion.sources.databases.errors import PullerMovedError, SourceError
from ingestion.sources.databases.positions import prefix_of
from ingestion.sources.databases.postgresql import Page, Postgresql, Shape
from ingestion.sources.databases.row_lines import RowLines, RowType
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.state import (
    TableState,
    Walk,
    Watermark,
    decode_state,
    encode_state,
)
from ingestion.sources.databases.state_store import StateMovedError, StateStore

_SECONDS_FOR_A_PAGE: Final = 60.0
# A row tells 32 bits of its transaction's number: of a reading that is longer ago nobody can say
# what came after it.
_MOST_TRANSACTIONS: Final = 2**31


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the pull of a table is.

    Attributes:
        table: The table's name for people.
        is_first_load: Whether it is read from its beginning.
        rows: Rows landed so far, by killed pulls before this one, too.
        rows_here: Of these, those of this one.
        expected_rows: About how many there will be; 0 where nobody knows.
        seconds: Since this one began.
    """

    table: str
    is_first_load: bool
    rows: int
    rows_here: int
    expected_rows: int
    seconds: float


@dataclass(slots=True)
class Pulled:
    """What came of a table.

    Attributes:
        table: The table.
        shape: What the database says of it.
        first_load_rows: Rows that its first load landed here.
        changed_rows: Rows that may have changed since the pull before, landed.
        bytes_written: The size of their objects, as stored.
    """

    table: Table
    shape: Shape
    first_load_rows: int = 0
    changed_rows: int = 0
    bytes_written: int = 0

    @property
    def rows(self) -> int:
        """All rows that landed."""
        return self.first_load_rows + self.changed_rows


@dataclass(slots=True)
class Puller:
    """Pulls the tables of a source.

    Attributes:
        source: The source.
        database: A session with it.
        ingester: What lands the rows.
        states: Where it is kept how far each table has been read.
        tell: Called with each page.
        clock: Gives the time, with a time zone.
        sleep: Waits for a number of seconds.
        monotonic: Gives seconds that only grow.
    """

    source: Source
    database: Postgresql
    ingester: Ingester
    states: StateStore
    tell: Callable[[Progress], None] = lambda _: None
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic

    def pull(self, table: Table) -> Pulled:
        """Land what has changed in a table since the pull before; at first, all of it.

        Raises:
            SourceError: The table cannot be read as it is, or rows could not be landed.
            PullerMovedError: Another puller reads the same table.
            StorageError: Its state could not be read or written.
        """
        return _TablePull(self, table).run()


class _TablePull:
    def __init__(self, puller: Puller, table: Table) -> None:
        self._puller = puller
        self._table = table
        self._shape: Shape = puller.database.shape(table)
        self._row_type = RowType(
            puller.source.name,
            table.event_type,
            tuple(column.field for column in self._shape.columns),
        )
        stored = puller.states.read(table.event_type)
        self._tag = stored.tag if stored else None
        self._state = decode_state(stored.body, table.event_type) if stored else None
        self._started = puller.monotonic()
        self._pulled = Pulled(table, self._shape)
        self._row = 0

    def run(self) -> Pulled:
        state = self._begun()
        if state.watermark is None:
            state, since = self._first_load(state)
        else:
            since = state.watermark
        self._changes(state, since)
        return self._pulled

    def _begun(self) -> TableState:
        """The state to go on from; a new epoch where there is none that holds still."""
        server, now = self._puller.database.server(), self._puller.database.watermark()
        if self._state is not None and self._state.server == server:
            read = self._state.watermark or (self._state.walk and self._state.walk.watermark) or now
            if 0 <= now.snapshot_xmin - read.snapshot_xmin < _MOST_TRANSACTIONS:
                return self._state
        last = self._state.epoch if self._state else 0
        return TableState(epoch=max(last + 1, int(self._puller.clock().timestamp())), server=server)

    def _first_load(self, state: TableState) -> tuple[TableState, Watermark]:
        database, table = self._puller.database, self._table
        # What is committed from here on is found by the pulls that follow.
        walk = state.walk or Walk(database.watermark())
        state = self._write(replace(state, read=state.read + 1, walk=walk))
        expected = database.row_estimate(self._shape)
        while True:
            page = database.by_key(table, self._shape, walk.after, self._puller.source.page_rows)
            if page.last is None:
                break
            walk = self._landed(page, state, walk)
            state = self._write(replace(state, walk=walk))
            self._pulled.first_load_rows += len(page.rows)
            self._tell(is_first_load=True, rows=walk.rows, expected=expected)
        state = self._write(replace(state, watermark=walk.watermark, walk=None))
        return state, walk.watermark

    def _changes(self, state: TableState, since: Watermark) -> None:
        database, source = self._puller.database, self._puller.source
        walk = state.walk or Walk(database.watermark())
        is_counted = False
        while True:
            page = database.changed(
                self._table,
                self._shape,
                since,
                source.overlap_seconds,
                walk.after,
                source.page_rows,
            )
            if page.last is None:
                break
            if not is_counted:
                state = self._write(replace(state, read=state.read + 1, walk=walk))
                self._row, is_counted = 0, True
            walk = self._landed(page, state, walk)
            self._pulled.changed_rows += len(page.rows)
            self._tell(is_first_load=False, rows=walk.rows, expected=0)
            if len(page.rows) < source.page_rows:
                break
            state = self._write(replace(state, walk=walk))
        self._write(replace(state, watermark=walk.watermark, walk=None))

    def _landed(self, page: Page, state: TableState, walk: Walk) -> Walk:
        """Land a page; return the walk as it is behind it."""
        started = self._puller.monotonic()
        first = self._row

        def lines(received_at: datetime) -> list[Line]:
            of_page = RowLines(
                self._row_type, prefix_of(state.epoch, state.read), page.read_at, received_at
            )
            return [of_page.line(row, first + place) for place, row in enumerate(page.rows)]

        deadline = started + _SECONDS_FOR_A_PAGE
        landed = self._puller.ingester.land_lines(
            lines, lambda: deadline - self._puller.monotonic()
        )
        if landed.failed_message_ids:
            raise SourceError(
                f"{self._puller.source.name}: {len(landed.failed_message_ids):,} rows of "
                f"{self._table.label} did not land: see that the raw zone can be written, and pull "
                "again, which goes on from there"
            )
        self._row += len(page.rows)
        self._pulled.bytes_written += landed.bytes_written
        if limit := self._puller.source.rows_per_second:
            spent = self._puller.monotonic() - started
            self._puller.sleep(max(0.0, len(page.rows) / limit - spent))
        return replace(walk, after=page.last, rows=walk.rows + len(page.rows))

    def _tell(self, *, is_first_load: bool, rows: int, expected: int) -> None:
        self._puller.tell(
            Progress(
                table=self._table.label,
                is_first_load=is_first_load,
                rows=rows,
                rows_here=self._pulled.rows,
                expected_rows=expected,
                seconds=self._puller.monotonic() - self._started,
            )
        )

    def _write(self, state: TableState) -> TableState:
        try:
            stored = self._puller.states.write(
                self._table.event_type, encode_state(state), self._tag
            )
        except StateMovedError as error:
            raise PullerMovedError(
                f"{self._puller.source.name}: another puller has read {self._table.label} "
                "meanwhile: nothing is lost, and one is enough"
            ) from error
        self._tag = stored.tag
        return state
