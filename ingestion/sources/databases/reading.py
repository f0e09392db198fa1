"""The reading of a table: its number, its pages as they land, and its state, written by condition.

A reading first takes a number there, by which the rows that it lands are ordered, and its end is
written there last. Of two pullers at once one alone gets to the end; what the other has landed was
read before, and is ordered before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ingestion.envelope import Line
from ingestion.ingester import Ingester, utc_now
from ingestion.sources.databases.database import Database, Page, Shape
from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.databases.landed_keys import LandedKeys
from ingestion.sources.databases.positions import prefix_before, prefix_of, reading_of
from ingestion.sources.databases.row_lines import UPSERT, RowLines, RowType
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.state import TableState, decode_state, encode_state, state_name
from ingestion.sources.errors import SourceError, TransientError
from ingestion.sources.field_names import field_of
from ingestion.sources.packing import packed
from ingestion.sources.state_store import StateMovedError, StateStore

_SECONDS_FOR_A_PAGE: Final = 60.0


class Activity(StrEnum):
    """What a pull is doing."""

    FIRST_LOAD = "first load"
    CHANGES = "changes"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the pull of a table is.

    Attributes:
        activity: What is being done.
        rows: Rows read in that so far, of a first load by killed pulls before this one, too.
        rows_here: Of these, those of this one.
        expected_rows: About how many there will be; 0 where nobody knows.
        seconds: Since it began.
    """

    activity: Activity
    rows: int
    rows_here: int
    expected_rows: int
    seconds: float


@dataclass(slots=True)
class Puller:
    """What pulling the tables of a source takes.

    Attributes:
        source: The source.
        database: A session with it.
        ingester: What lands the rows.
        states: Where it is kept how far each table has been read.
        tell: Called with each page.
        clock: Gives the time, with a time zone.
        sleep: Waits for a number of seconds.
        monotonic: Gives seconds that only grow.
        scratch: Where keys are put while a table is compared; where the system has its temporary
            files, if it is not said.
    """

    source: Source
    database: Database
    ingester: Ingester
    states: StateStore
    tell: Callable[[Progress], None] = lambda _: None
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    scratch: Path | None = None

    def land(self, lines: Callable[[datetime], list[Line]], what: str) -> int:
        """Land a page of lines; return the size of its objects, as stored.

        Args:
            lines: Makes them for the time of their arrival.
            what: What they are of, for people.

        Raises:
            TransientError: Some did not land.
        """
        deadline = self.monotonic() + _SECONDS_FOR_A_PAGE
        landed = self.ingester.land_lines(lines, lambda: deadline - self.monotonic(), packed)
        if landed.failed_message_ids:
            raise TransientError(
                f"{self.source.name}: {len(landed.failed_message_ids):,} rows of {what} did not "
                "land: see that the raw zone can be written, and pull again, which goes on from "
                "there"
            )
        return landed.bytes_written

    def pace(self, rows: int, started: float) -> None:
        """Wait, so that no more rows are read a second than the source allows."""
        if limit := self.source.rows_per_second:
            self.sleep(max(0.0, rows / limit - (self.monotonic() - started)))


class Told:
    """Tells how far an activity is, since it was made."""

    def __init__(self, puller: Puller, activity: Activity, expected: int) -> None:
        """Begin.

        Args:
            puller: Who is told.
            activity: The activity.
            expected: About how many rows there will be; 0 where nobody knows.
        """
        self._puller = puller
        self._activity = activity
        self._expected = expected
        self._started = puller.monotonic()

    def tell(self, rows: int, rows_here: int) -> None:
        """Tell how many rows there are so far, and how many of them are of this pull."""
        seconds = self._puller.monotonic() - self._started
        self._puller.tell(Progress(self._activity, rows, rows_here, self._expected, seconds))


class TableReading:
    """The readings of one table.

    Attributes:
        puller: What they take.
        table: The table.
        shape: What the database says of it.
        keys: The keys of what has landed.
        state: How far it has been read; None before anything was.
        log_position: What was committed before this position of the log is seen; None if there is
            no log to tell what comes after.
        bytes_written: The size of the objects that landed, as stored.
    """

    def __init__(self, puller: Puller, table: Table) -> None:
        """Look at a table and its state.

        Raises:
            SourceError: It cannot be followed.
            StorageError: Its state cannot be read.
        """
        self.puller = puller
        self.table = table
        self.shape: Shape = puller.database.follow(table)
        self.keys = LandedKeys(puller.states, table.event_type)
        self._state_name = state_name(table)
        stored = puller.states.read(self._state_name)
        self._tag = stored.tag if stored else None
        self.state = decode_state(stored.body, self._state_name) if stored else None
        self.log_position: int | None = None
        self.bytes_written = 0
        self._epoch = self._read = self._row = self._note = 0

    def write(self, state: TableState) -> TableState:
        """Keep a state in the place of the one that was read or written last.

        Raises:
            PullerMovedError: Another puller has written one.
            StorageError: It may have been written or not.
        """
        try:
            stored = self.puller.states.write(self._state_name, encode_state(state), self._tag)
        except StateMovedError as error:
            raise PullerMovedError(
                f"{self.puller.source.name}: another puller has read {self.table.label} "
                "meanwhile: nothing is lost, and one is enough"
            ) from error
        self._tag = stored.tag
        self.state = state
        return state

    def known(self) -> TableState:
        """Return the state of a table that has one."""
        if self.state is None:
            raise SourceError(f"{self.table.label} has no state yet")
        return self.state

    def begin(self, state: TableState) -> TableState:
        """Take the number of a new reading."""
        state = self.write(replace(state, read=state.read + 1))
        self._epoch, self._read = state.epoch, state.read
        self._row = self._note = 0
        return state

    def _prefix(self) -> str:
        if self.log_position is None:
            return prefix_of(self._epoch, self._read)
        return prefix_before(self._epoch, self.log_position, self._read)

    def name(self) -> str:
        """Return the name of the reading, which grows with each."""
        return reading_of(self._epoch, self._read)

    def row_type(self, columns: Sequence[str]) -> RowType:
        """Return what rows of some columns become."""
        return RowType(
            self.puller.source.name, self.table.event_type, tuple(map(field_of, columns))
        )

    def note(self, fingerprints: Iterable[bytes]) -> None:
        """Note what is going to land, or has."""
        self.keys.note(self.name(), self._note, fingerprints)
        self._note += 1

    def land(self, page: Page) -> None:
        """Note a page's rows, and land them."""
        self.note(row.fingerprint for row in page.rows)
        self.land_rows([row.copied for row in page.rows], page.read_at)

    def land_rows(
        self,
        copied: Sequence[bytes],
        read_at: datetime,
        op: str = UPSERT,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Land rows that have been noted.

        Args:
            copied: Of each the columns, in COPY's text format.
            read_at: The database's time when they were read.
            op: `upsert` or `delete`.
            columns: The names of the columns; all of the table, if not given.

        Raises:
            TransientError: They did not land.
        """
        prefix = self._prefix()
        started, first = self.puller.monotonic(), self._row
        names = [column.name for column in self.shape.columns] if columns is None else columns
        row_type = self.row_type(names)

        def lines(received_at: datetime) -> list[Line]:
            of_page = RowLines(row_type, prefix, read_at, received_at)
            return [of_page.line(row, first + place, op) for place, row in enumerate(copied)]

        self.bytes_written += self.puller.land(lines, self.table.label)
        self._row += len(copied)
        self.puller.pace(len(copied), started)
