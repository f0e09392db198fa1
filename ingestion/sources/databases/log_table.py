"""A table that a log tells of, while the log is read: how it is laid out, and its readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from ingestion.sources.databases.log_changes import Layout
from ingestion.sources.databases.positions import prefix_of
from ingestion.sources.databases.reading import TableReading
from ingestion.sources.databases.row_lines import DELETE, RowType
from ingestion.sources.databases.state import TableState, Walk


@dataclass(slots=True)
class LogTable:
    """A table, and what the log has told of it.

    Attributes:
        reading: Its readings.
        published: How it is published.
        is_told: Whether all of its changes have been told since its epoch began.
        layout: How the log sends it; None before it said so.
        rows: How many rows have landed.
    """

    reading: TableReading
    published: str
    is_told: bool = False
    layout: Layout | None = None
    rows: int = 0
    _begun: TableState | None = None

    @property
    def event_type(self) -> str:
        """The type of its events."""
        return self.reading.table.event_type

    def row_type(self, layout: Layout, op: str) -> RowType:
        """Return what a row that the log sent becomes."""
        return self.reading.row_type(self.reading.table.key if op == DELETE else layout.columns)

    def prefix(self, commit_lsn: int) -> str:
        """Return what the positions of a transaction's changes begin with."""
        return prefix_of(self._begin().epoch, commit_lsn)

    def note(self, fingerprints: Sequence[bytes]) -> None:
        """Note what is going to land."""
        self._begin()
        self.reading.note(fingerprints)

    def begin(self) -> int:
        """Begin a reading, if there is none; return its number."""
        return self._begin().read

    def _begin(self) -> TableState:
        if self._begun is None:
            state = self.reading.known()
            # Of a first load the walk has another end.
            walk = state.walk
            if walk is None and state.watermark is not None:
                walk = Walk(state.watermark, first_read=state.read + 1)
            self._begun = self.reading.begin(replace(state, walk=walk))
        return self._begun

    def end(self) -> None:
        """Say that all that was noted has landed."""
        if self._begun is not None:
            if self._begun.watermark is not None:
                self.reading.write(replace(self._begun, walk=None))
            self._begun = None
