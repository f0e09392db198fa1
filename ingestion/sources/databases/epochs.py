"""When the positions of a table begin anew, and when it is compared with what has landed."""

from __future__ import annotations

from datetime import timedelta

from ingestion.sources.databases.positions import reading_of
from ingestion.sources.databases.reading import Puller, TableReading
from ingestion.sources.databases.state import TableState, Watermark


def new_epoch(reading: TableReading, server: str, mode: str, now: Watermark) -> TableState:
    """Return the state of a table whose positions begin anew; it is not written yet.

    What has changed until now only a comparison can tell, which is due then. A table of which
    nothing has landed yet, or that was read by another key, is loaded from its beginning.

    Args:
        reading: The table.
        server: Which server it is read from.
        mode: How it is read from here on.
        now: What has been committed by now.
    """
    state, key, cursor = reading.state, reading.table.key, reading.table.cursor
    last_epoch = reading.keys.last_epoch() if state is None else state.epoch
    epoch = max(last_epoch + 1, int(reading.puller.clock().timestamp()))
    if state is not None and state.key != key:
        # The rows of before are told apart by something else.
        reading.keys.forget()
        state = None
    if state is None:
        return TableState(epoch=epoch, server=server, key=key, cursor=cursor, mode=mode)
    reads = range(state.walk.first_read, state.read + 1) if state.walk else ()
    unended = [reading_of(state.epoch, read) for read in reads]
    return TableState(
        epoch=epoch,
        server=server,
        watermark=state.watermark and now,
        base=state.base,
        buckets=state.buckets,
        unsure=(*state.unsure, *unended),
        pulled_at=state.pulled_at,
        key=key,
        cursor=cursor,
        mode=mode,
    )


def is_due(puller: Puller, state: TableState) -> bool:
    """Return whether a table is to be compared with all that has landed of it."""
    hours = timedelta(hours=puller.source.reconcile_hours)
    return state.reconciled_at is None or puller.clock() - state.reconciled_at >= hours
