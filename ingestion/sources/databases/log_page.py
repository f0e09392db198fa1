"""A page of what a log tells: events in its order, which land at once. A puller's hot path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ingestion.envelope import Line
from ingestion.sources.databases.landed_keys import DELETED, UNKNOWN, fingerprint
from ingestion.sources.databases.log import Log
from ingestion.sources.databases.log_changes import PLACES_OF_A_CHANGE, Change, Layout, Texts
from ingestion.sources.databases.log_table import LogTable
from ingestion.sources.databases.pgoutput import Begin
from ingestion.sources.databases.positions import place
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.row_lines import DELETE, UPSERT, RowLines, copied


class _Event(NamedTuple):
    """Something that becomes of a row.

    Attributes:
        table: Whose row.
        layout: How the log sent it.
        begin: The transaction.
        row: The event's place in it.
        op: `upsert` or `delete`.
        values: The texts of the row's columns, or of its key's.
    """

    table: LogTable
    layout: Layout
    begin: Begin
    row: int
    op: str
    values: Texts


class LogPage:
    """Takes events until they land."""

    def __init__(self, puller: Puller, log: Log) -> None:
        """Begin a page."""
        self._puller = puller
        self._log = log
        self._events: list[_Event] = []

    def __len__(self) -> int:
        return len(self._events)

    def add(
        self, table: LogTable, layout: Layout, begin: Begin, number: int, change: Change
    ) -> None:
        """Take an event.

        Args:
            table: Whose row.
            layout: How the log sent it.
            begin: The transaction.
            number: Which of its changes it is.
            change: What becomes of the row.
        """
        op, values, place_of_event = change
        row = PLACES_OF_A_CHANGE * number + place_of_event
        self._events.append(_Event(table, layout, begin, row, op, values))

    def land(self) -> None:
        """Note the events, and land them; the page is empty then.

        Raises:
            SourceError: They did not land.
        """
        if not self._events:
            return
        started = self._puller.monotonic()
        noted: dict[int, list[bytes]] = {}
        tables: dict[int, LogTable] = {}
        rows: list[bytes] = []
        for event, (of_event, row) in zip(self._events, self._computed(), strict=True):
            tables[id(event.table)] = event.table
            noted.setdefault(id(event.table), []).append(of_event)
            rows.append(row)
        for each, table in tables.items():
            table.note(noted[each])
        label = ", ".join(table.reading.table.label for table in tables.values())
        first = next(iter(tables.values()))
        first.reading.bytes_written += self._puller.land(lambda at: self._lines(at, rows), label)
        for each, table in tables.items():
            table.rows += len(noted[each])
        self._puller.pace(len(self._events), started)
        self._events.clear()

    def _lines(self, received_at: datetime, rows: Sequence[bytes]) -> list[Line]:
        makers: dict[tuple[int, str], tuple[RowLines, Begin]] = {}
        lines = []
        for (table, layout, begin, row, op, _), of_row in zip(self._events, rows, strict=True):
            kind = id(layout), op
            known = makers.get(kind)
            if known is None or known[1] is not begin:
                prefix = table.prefix(begin.commit_lsn)
                if known is None:
                    maker = RowLines(
                        table.row_type(layout, op), prefix, begin.committed_at, received_at
                    )
                else:
                    maker = known[0]
                    maker.move(prefix, begin.committed_at)
                makers[kind] = maker, begin
            else:
                maker = known[0]
            lines.append(maker.line(of_row, row, op))
        return lines

    def _computed(self) -> list[tuple[bytes, bytes]]:
        """Of each event the fingerprint, and its row in COPY's text format."""
        groups: dict[tuple[int, str], list[int]] = {}
        for at, event in enumerate(self._events):
            groups.setdefault((id(event.layout), event.op), []).append(at)
        found: list[tuple[bytes, bytes]] = [(b"", b"")] * len(self._events)
        for (_, op), places in groups.items():
            first = self._events[places[0]]
            values = [self._events[at].values for at in places]
            of_group = self._upserts if op == UPSERT else self._deletes
            for at, each in zip(places, of_group(first.layout, values), strict=True):
                found[at] = each
        return found

    def _upserts(self, layout: Layout, rows: Sequence[Texts]) -> list[tuple[bytes, bytes]]:
        found = []
        of_rows = self._log.computed(layout, rows)
        for values, (of_key, of_row, arrays) in zip(rows, of_rows, strict=True):
            key = copied([values[at] for at in layout.key])
            if arrays:
                values = list(values)
                for at, text in arrays.items():
                    values[at] = text
            found.append((fingerprint(key, of_key, of_row), copied(values)))
        return found

    def _deletes(self, layout: Layout, keys: Sequence[Texts]) -> list[tuple[bytes, bytes]]:
        hashes = self._log.key_hashes(layout, keys)
        rows = [copied(key) for key in keys]
        return [
            (fingerprint(row, of_key, DELETED), row)
            for of_key, row in zip(hashes, rows, strict=True)
        ]


def empty(puller: Puller, table: LogTable, begin: Begin, number: int) -> int:
    """Land the deletion of all rows of a table that have landed; return how many.

    Args:
        puller: What it takes.
        table: The table, which was truncated.
        begin: The transaction.
        number: Which of its changes that is.

    Raises:
        SourceError: They did not land.
        StorageError: What has landed cannot be read.
    """
    reading = table.reading
    read = table.begin()
    change = place(PLACES_OF_A_CHANGE * number)
    prefix = f"{table.prefix(begin.commit_lsn)}{change}.{place(read)}."
    row_type = reading.row_type(reading.table.key)
    deleted = 0

    def land(keys: Sequence[tuple[bytes, bytes]]) -> None:
        def lines(received_at: datetime) -> list[Line]:
            maker = RowLines(row_type, prefix, begin.committed_at, received_at)
            return [maker.line(key, deleted + at, DELETE) for at, (key, _) in enumerate(keys)]

        # Whoever is killed behind this comes back to the same log, and to these keys.
        reading.note(fingerprint(key, of_key, UNKNOWN) for key, of_key in keys)
        reading.bytes_written += puller.land(lines, reading.table.label)
        reading.note(fingerprint(key, of_key, DELETED) for key, of_key in keys)

    with TemporaryDirectory(prefix="emptied-", dir=puller.scratch) as folder:
        for keys in reading.keys.landed(reading.name(), reading.known(), Path(folder)):
            for first in range(0, len(keys), puller.source.page_rows):
                page = keys[first : first + puller.source.page_rows]
                land(page)
                deleted += len(page)
    table.rows += deleted
    return deleted
