"""The first load of a table: all of it by its key, in short transactions."""

from __future__ import annotations

from msgspec.structs import replace

from ingestion.sources.databases.reading import Activity, TableReading, Told
from ingestion.sources.databases.state import TableState, Walk, Watermark


def first_load(
    reading: TableReading, state: TableState, watermark: Watermark
) -> tuple[TableState, int]:
    """Land the rows of a table, from where a killed load was.

    Args:
        reading: The table.
        state: Its state, in which no load has come to its end.
        watermark: What had been committed when the load began: what was not, is found later.

    Returns:
        The state behind it, and how many rows landed here.

    Raises:
        SourceError: The table cannot be read, or rows did not land.
        PullerMovedError: Another puller reads the same table.
        StorageError: The state could not be written.
    """
    puller, table, shape = reading.puller, reading.table, reading.shape
    progress = Told(puller, Activity.FIRST_LOAD, puller.database.row_estimate(table, shape))
    walk = state.walk or Walk(watermark, first_read=state.read + 1)
    state = reading.begin(replace(state, walk=walk))
    rows = 0
    while True:
        page = puller.database.by_key(table, shape, walk.after, puller.source.page_rows)
        if page.last is None:
            break
        reading.land(page)
        walk = replace(walk, after=page.last, rows=walk.rows + len(page.rows))
        state = reading.write(replace(state, walk=walk))
        rows += len(page.rows)
        progress.tell(walk.rows, rows)
    return reading.write(replace(state, watermark=walk.watermark, walk=None)), rows
