"""Pulling a source by its log: what the log tells, first loads, comparisons.

The log is peeked at, what it tells lands, the state says so, and only then the server is told that
it may let go. Why no row is lost, and none is ordered wrongly, is told in docs/decisions/0015.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from msgspec.structs import replace

from ingestion.raw_zone import StorageError
from ingestion.sources.databases.epochs import is_due, new_epoch
from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.databases.first_load import first_load
from ingestion.sources.databases.log import Lag, Log
from ingestion.sources.databases.log_reading import LogReading
from ingestion.sources.databases.log_state import LogState
from ingestion.sources.databases.log_table import LogTable
from ingestion.sources.databases.pull import Pulled
from ingestion.sources.databases.reading import Puller, TableReading
from ingestion.sources.databases.reconciliation import reconcile
from ingestion.sources.databases.settings import LOG, Table
from ingestion.sources.databases.state import Watermark
from ingestion.sources.errors import SourceError


@dataclass(frozen=True, slots=True)
class LogPulled:
    """What came of a source.

    Attributes:
        tables: What came of each of its tables.
        refused: Tables that could not be followed, or not to their end, and why.
        lag: How much of the log the server keeps for the source behind it.
    """

    tables: list[Pulled]
    refused: list[tuple[Table, SourceError | StorageError]]
    lag: Lag


def pull_log(puller: Puller, log: Log, *, compare: bool = False) -> LogPulled:
    """Land what has changed in the tables of a source since the pull before; at first, all of them.

    Args:
        puller: What it takes.
        log: The log of its database.
        compare: Compare all tables with what has landed, also where that is not due yet.

    Raises:
        SourceError: The log cannot be read as it is, or rows could not be landed.
        PullerMovedError: Another puller reads the same log.
        StorageError: A state could not be read or written.
    """
    log.check()
    return _LogPull(puller, log).run(compare=compare)


class _LogPull:
    def __init__(self, puller: Puller, log: Log) -> None:
        self._puller = puller
        self._log = log
        self._server = puller.database.server()
        self._reading = LogReading(puller, log)
        self._tables: list[LogTable] = []
        self._pulled: dict[str, Pulled] = {}
        self._refused: list[tuple[Table, SourceError | StorageError]] = []

    def run(self, *, compare: bool) -> LogPulled:
        state = self._begun(self._log.publication())
        for table in self._puller.source.tables:
            with self._told(table):
                self._tables.append(self._followed(table, state))
        self._reading.read(self._tables, self._log.end())
        for each in self._tables:
            if not each.is_told:
                self._begin(each)
        unloaded = [each for each in self._tables if each.reading.known().watermark is None]
        for each in unloaded:
            with self._told(each.reading.table):
                self._load(each)
        if unloaded:
            self._reading.read(self._tables, self._log.end())
        for each in self._tables:
            state_of_table = each.reading.known()
            is_loaded = state_of_table.watermark is not None
            if is_loaded and (compare or is_due(self._puller, state_of_table)):
                with self._told(each.reading.table):
                    self._compare(each)
        return LogPulled(self._results(), self._refused, self._log.lag())

    @contextmanager
    def _told(self, table: Table) -> Iterator[None]:
        """What is wrong with one table keeps none of the others."""
        try:
            yield
        except PullerMovedError:
            raise
        except (SourceError, StorageError) as error:
            self._refused.append((table, error))

    def _begun(self, publication: int) -> LogState:
        """The state of the log; with a new slot where it does not tell all that it should."""
        state, slot = self._reading.state, self._log.slot()
        if (
            state is not None
            and slot is not None
            and not slot.is_lost
            # Else somebody else has read it, or it was made anew.
            and slot.position <= state.position
            and (state.server, state.publication) == (self._server, publication)
        ):
            return state
        position = self._log.create_slot()
        return self._reading.write(
            LogState(server=self._server, publication=publication, position=position)
        )

    def _followed(self, table: Table, log_state: LogState) -> LogTable:
        reading = TableReading(self._puller, table)
        published = self._log.check_table(table, reading.shape)
        state = reading.state
        is_told = (
            state is not None
            and (state.mode, state.server, state.key) == (LOG, self._server, table.key)
            and log_state.tables.get(table.event_type) == published
        )
        self._pulled[table.event_type] = Pulled(
            table, reading.shape, pulled_before=log_state.read_at
        )
        return LogTable(reading, published, is_told)

    def _begin(self, table: LogTable) -> None:
        """Let the log tell of a table from here on; what was before, a comparison finds."""
        reading = table.reading
        reading.write(new_epoch(reading, self._server, LOG, self._now()))
        table.is_told = True
        state = self._reading.known()
        tables = {**state.tables, table.event_type: table.published}
        self._reading.write(replace(state, tables=tables))

    def _now(self) -> Watermark:
        return Watermark(None, self._puller.clock(), self._reading.known().position)

    def _load(self, table: LogTable) -> None:
        reading, state = table.reading, table.reading.known()
        self._puller.database.follow(reading.table)
        begun = state.walk.watermark if state.walk else self._now()
        reading.log_position = begun.log_position
        _, rows = first_load(reading, state, begun)
        self._pulled[table.event_type].first_load_rows = rows

    def _compare(self, table: LogTable) -> None:
        reading = table.reading

        def look() -> None:
            self._puller.database.follow(reading.table)
            reading.log_position = self._reading.known().position

        def catch_up() -> None:
            self._reading.read(self._tables, self._log.end_of_seen())
            look()

        look()
        found = reconcile(reading, reading.known(), catch_up)
        self._pulled[table.event_type].reconciled = found

    def _results(self) -> list[Pulled]:
        for table in self._tables:
            pulled = self._pulled[table.event_type]
            pulled.changed_rows = table.rows
            pulled.bytes_written = table.reading.bytes_written
        return list(self._pulled.values())
