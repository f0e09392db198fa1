"""Pulling a table: what has changed is read, lands, and only then is known to have been read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from msgspec.structs import replace

from ingestion.sources.databases.database import Page, Row, Shape
from ingestion.sources.databases.epochs import is_due, new_epoch
from ingestion.sources.databases.first_load import first_load
from ingestion.sources.databases.landed_keys import KNOWN_AT_MOST, parsed
from ingestion.sources.databases.positions import reading_of
from ingestion.sources.databases.reading import Activity, Puller, TableReading, Told
from ingestion.sources.databases.reconciliation import Reconciled, reconcile
from ingestion.sources.databases.settings import POLL, Table
from ingestion.sources.databases.state import TableState, Walk, Watermark

# A row tells 32 bits of its transaction's number: of a reading that is longer ago nobody can say
# what came after it.
_MOST_TRANSACTIONS: Final = 2**31


@dataclass(slots=True)
class Pulled:
    """What came of a table.

    Attributes:
        table: The table.
        shape: What the database says of it.
        first_load_rows: Rows that its first load landed here.
        changed_rows: Rows that may have changed since the pull before, landed.
        reconciled: What a comparison with the whole table found; None if it was not due.
        bytes_written: The size of the objects, as stored.
        pulled_before: When the pull before came to its end; None if there was none.
    """

    table: Table
    shape: Shape
    first_load_rows: int = 0
    changed_rows: int = 0
    reconciled: Reconciled | None = None
    bytes_written: int = 0
    pulled_before: datetime | None = None

    @property
    def rows(self) -> int:
        """All rows that landed."""
        found = self.reconciled.rows if self.reconciled else 0
        return self.first_load_rows + self.changed_rows + found


def pull(puller: Puller, table: Table, *, compare: bool = False) -> Pulled:
    """Land what has changed in a table since the pull before; at first, all of it.

    Args:
        puller: What it takes.
        table: The table.
        compare: Compare all of it with what has landed, also where that is not due yet.

    Raises:
        SourceError: The table cannot be read as it is, or rows could not be landed.
        PullerMovedError: Another puller reads the same table.
        StorageError: Its state could not be read or written.
    """
    reading = TableReading(puller, table)
    pulled_before = reading.state.pulled_at if reading.state else None
    pulled = Pulled(table, reading.shape, pulled_before=pulled_before)
    state = _begun(reading)
    since = state.watermark
    if since is None:
        begun = state.walk.watermark if state.walk else puller.database.watermark()
        state, pulled.first_load_rows = first_load(reading, state, begun)
        since = begun
    if table.cursor:
        state = _changes(reading, state, since, pulled)
        if compare or is_due(puller, state):
            pulled.reconciled = reconcile(reading, state)
    else:
        pulled.reconciled = reconcile(reading, state)
        reading.write(replace(reading.known(), pulled_at=puller.clock()))
    pulled.bytes_written = reading.bytes_written
    return pulled


def _begun(reading: TableReading) -> TableState:
    """The state to go on from; a new epoch where there is none that holds still."""
    puller, state = reading.puller, reading.state
    server, now = puller.database.server(), puller.database.watermark()
    if (
        state is not None
        and (state.mode, state.key) == (POLL, reading.table.key)
        and (state.server, state.cursor) == (server, reading.table.cursor)
    ):
        read = state.watermark or (state.walk and state.walk.watermark) or now
        if _is_recent(read, now):
            return state
    return new_epoch(reading, server, POLL, now)


def _is_recent(read: Watermark, now: Watermark) -> bool:
    if read.snapshot_xmin is None or now.snapshot_xmin is None:
        return True
    return 0 <= now.snapshot_xmin - read.snapshot_xmin < _MOST_TRANSACTIONS


def _changes(
    reading: TableReading, state: TableState, since: Watermark, pulled: Pulled
) -> TableState:
    puller, source = reading.puller, reading.puller.source
    progress = Told(puller, Activity.CHANGES, 0)
    walk = state.walk or Walk(puller.database.watermark(), first_read=state.read + 1)
    begins_after = walk.after
    # What killed readings of this walk have noted may have landed or not.
    is_resumed = state.read >= walk.first_read
    landed: dict[bytes, bytes] | None = None
    unchanged: list[bytes] = []
    is_begun = False
    while True:
        started = puller.monotonic()
        page = puller.database.changed(
            reading.table,
            reading.shape,
            since,
            source.overlap_seconds,
            walk.after,
            source.page_rows,
        )
        if page.last is None:
            break
        if landed is None:
            landed = _landed_last(reading, state, walk, since)
        fresh = _fresh(page, landed)
        fingerprints = [row.fingerprint for row in page.rows]
        if (fresh or is_resumed) and not is_begun:
            begun = replace(walk, after=begins_after)
            state, is_begun = reading.begin(replace(state, walk=begun)), True
            if unchanged:
                reading.note(unchanged)
                state = reading.write(replace(state, walk=walk))
        if is_begun:
            # What is unchanged, too: the next pull may find it once more.
            reading.note(fingerprints)
        else:
            unchanged += fingerprints
        if fresh:
            reading.land_rows([row.copied for row in fresh], page.read_at)
            # A row whose cursor changes meanwhile is met twice.
            landed.update(_versions(fresh) if landed else ())
        puller.pace(len(page.rows), started)
        walk = replace(walk, after=page.last, rows=walk.rows + len(fresh))
        pulled.changed_rows += len(fresh)
        progress.tell(walk.rows, pulled.changed_rows)
        if len(page.rows) < source.page_rows:
            break
        if is_begun:
            state = reading.write(replace(state, walk=walk))
    has_read = state.read >= walk.first_read
    return reading.write(
        replace(
            state,
            watermark=walk.watermark,
            walk=None,
            last_reads=(walk.first_read, state.read) if has_read else state.last_reads,
            pulled_at=puller.clock(),
        )
    )


def _landed_last(
    reading: TableReading, state: TableState, walk: Walk, since: Watermark
) -> dict[bytes, bytes]:
    """What has landed last, where rows do not tell that they have been read.

    It is what the pull before noted, but for what killed readings since then have noted otherwise.
    """
    if since.snapshot_xmin is not None or state.last_reads is None:
        return {}
    first, last = state.last_reads
    if state.base is not None and reading_of(state.epoch, first) < state.base:
        # A comparison may have landed something since.
        return {}
    landed = dict(islice(_noted(reading, state, first, last), KNOWN_AT_MOST))
    for key, of_row in _noted(reading, state, walk.first_read, state.read):
        if landed.get(key) != of_row:
            landed.pop(key, None)
    return landed


def _noted(
    reading: TableReading, state: TableState, first: int, last: int
) -> Iterator[tuple[bytes, bytes]]:
    names = (reading_of(state.epoch, read) for read in range(first, last + 1))
    return reading.keys.noted(names)


def _fresh(page: Page, landed: Mapping[bytes, bytes]) -> Sequence[Row]:
    """The rows of a page that are not as they landed last."""
    if not landed:
        return page.rows
    return [
        row
        for row, (key, of_row) in zip(page.rows, _versions(page.rows), strict=True)
        if landed.get(key) != of_row
    ]


def _versions(rows: Iterable[Row]) -> Iterator[tuple[bytes, bytes]]:
    """The key of each row, and its hash."""
    for row in rows:
        key, (_, of_row) = parsed(row.fingerprint)
        yield key, of_row
