"""Reading the log of a source: transaction by transaction it lands, and then the log may go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.databases.log import Log
from ingestion.sources.databases.log_changes import (
    UntoldError,
    changes_of,
    layout_of,
)
from ingestion.sources.databases.log_page import LogPage, empty
from ingestion.sources.databases.log_state import (
    LogState,
    decode_log_state,
    encode_log_state,
    log_state_name,
)
from ingestion.sources.databases.log_table import LogTable
from ingestion.sources.databases.pgoutput import (
    CHANGES,
    Begin,
    Commit,
    Relation,
    RowChange,
    Truncate,
    parse,
)
from ingestion.sources.databases.reading import Activity, Puller, Told
from ingestion.sources.errors import SourceError
from ingestion.sources.state_store import StateMovedError

MESSAGES_AT_ONCE: Final = 500_000
"""How many messages a peek asks for; it ends with the end of a transaction behind that.

Each begins to read where the oldest transaction began that is open, so they are not small.
"""

_SECONDS_TO_BE_SEEN: Final = 60.0
_LOOK_EVERY_SECONDS: Final = 0.05


class LogReading:
    """Reads the log of a source.

    Attributes:
        state: How far it has been read; None before there was one.
    """

    def __init__(self, puller: Puller, log: Log) -> None:
        """Look how far the log had been read.

        Raises:
            SourceError: The state says nothing.
            StorageError: It cannot be read.
        """
        self._puller = puller
        self._log = log
        self._name = log_state_name(puller.source.name)
        stored = puller.states.read(self._name)
        self._tag = stored.tag if stored else None
        self.state = decode_log_state(stored.body, self._name) if stored else None
        self._page = LogPage(puller, log)
        self._by_name: Mapping[tuple[str, str], LogTable] = {}
        self._by_oid: dict[int, LogTable] = {}
        self._begin: Begin | None = None
        self._number = 0
        self._skipped = 0
        self._landed = 0

    def write(self, state: LogState) -> LogState:
        """Keep a state in the place of the one that was read or written last.

        Raises:
            PullerMovedError: Another puller has written one.
            StorageError: It may have been written or not.
        """
        try:
            stored = self._puller.states.write(self._name, encode_log_state(state), self._tag)
        except StateMovedError as error:
            raise PullerMovedError(
                f"{self._puller.source.name}: another puller has read the log meanwhile: nothing "
                "is lost, and one is enough"
            ) from error
        self._tag = stored.tag
        self.state = state
        return state

    def read(self, tables: Iterable[LogTable], until: int) -> None:
        """Land what the log tells of tables, up to a position of the log.

        Whatever it told is seen by every query from then on.

        Args:
            tables: The tables.
            until: The position.

        Raises:
            SourceError: The log cannot be read, or rows did not land.
            PullerMovedError: Another puller reads the same log.
            StorageError: A state could not be written.
        """
        told = [table for table in tables if table.is_told]
        self._by_name = {(t.reading.table.schema, t.reading.table.name): t for t in told}
        self._landed = 0
        progress = Told(self._puller, Activity.CHANGES, 0)
        while self._read_once(until, progress):
            pass
        for table in told:
            table.end()

    def _read_once(self, until: int, progress: Told) -> bool:
        """Read what a peek tells; return whether there may be more."""
        self._by_oid = {}
        self._begin = None
        source = self._puller.source
        rows = min(source.page_rows, source.rows_per_second or source.page_rows)
        xids: set[int] = set()
        messages = end = 0
        with self._log.peek(until, MESSAGES_AT_ONCE, rows) as batches:
            for batch in batches:
                messages += len(batch)
                for message in batch:
                    if message[0] in CHANGES:
                        self._take_change(message)
                        if len(self._page) >= rows:
                            self._land(self._number + 1)
                            progress.tell(self._landed, self._landed)
                        continue
                    match parse(message):
                        case Begin() as begin:
                            xids.add(begin.xid)
                            self._enter(begin)
                        case Commit() as commit:
                            end = commit.end_lsn
                            self._begin = None
                        case Relation() as relation:
                            self._lay_out(relation)
        self._land(0)
        progress.tell(self._landed, self._landed)
        is_more = messages >= MESSAGES_AT_ONCE
        self._wait_until_seen(xids)
        state = self.known()
        position = max(end, state.position, 0 if is_more else until)
        read_at = state.read_at if is_more else self._puller.clock()
        told = self._told(state)
        self.write(replace(state, position=position, changes=0, tables=told, read_at=read_at))
        self._log.advance(position)
        return is_more

    def known(self) -> LogState:
        """Return the state of a log that has one."""
        if self.state is None:
            raise SourceError(f"the log of {self._puller.source.name} has no state yet")
        return self.state

    def _told(self, state: LogState) -> dict[str, str]:
        """The tables that are told of still."""
        told = {t.event_type: t.published for t in self._by_name.values() if t.is_told}
        return {name: told[name] for name in state.tables if name in told}

    def _enter(self, begin: Begin) -> None:
        """Begin a transaction; what has landed of it is left out."""
        state = self.known()
        self._begin, self._number, self._skipped = begin, -1, 0
        if begin.commit_lsn < state.position:
            self._begin = None
        elif begin.commit_lsn == state.position:
            self._skipped = state.changes

    def _lay_out(self, relation: Relation) -> None:
        table = self._by_name.get((relation.schema, relation.name))
        if table is None:
            self._by_oid.pop(relation.oid, None)
            return
        self._by_oid[relation.oid] = table
        try:
            arrays = self._log.array_types(relation)
            table.layout = layout_of(relation, table.reading.table.key, arrays)
        except UntoldError:
            table.is_told = False

    def _take_change(self, message: bytes) -> None:
        begin = self._begin
        self._number += 1
        if begin is None or self._number < self._skipped:
            return
        change = parse(message)
        if isinstance(change, RowChange):
            table = self._by_oid.get(change.relation)
            if table is None or not table.is_told or table.layout is None:
                return
            try:
                for event in changes_of(change, table.layout):
                    self._page.add(table, table.layout, begin, self._number, event)
            except UntoldError:
                table.is_told = False
        elif isinstance(change, Truncate):
            for oid in change.relations:
                if (table := self._by_oid.get(oid)) and table.is_told:
                    self._land(self._number)
                    self._landed += empty(self._puller, table, begin, self._number)

    def _land(self, done: int) -> None:
        """Land the page.

        Args:
            done: How many changes of the transaction have landed then.
        """
        if not self._page:
            return
        self._landed += len(self._page)
        self._page.land()
        if begin := self._begin:
            state = self.known()
            self.write(
                replace(state, position=begin.commit_lsn, changes=done, tables=self._told(state))
            )

    def _wait_until_seen(self, xids: set[int]) -> None:
        """Wait until queries see what the log has told.

        A commit is in the log a moment before it is seen, and with a synchronous standby only once
        that has answered. A row that is read meanwhile is older than what has landed.
        """
        end = self._puller.monotonic() + _SECONDS_TO_BE_SEEN
        while not self._log.is_visible(xids):
            if self._puller.monotonic() > end:
                raise SourceError(
                    f"{self._puller.source.name}: transactions that are in the log are not seen "
                    f"for {_SECONDS_TO_BE_SEEN:.0f} s, as where a synchronous standby does not "
                    "answer: pull again when it does"
                )
            self._puller.sleep(_LOOK_EVERY_SECONDS)
