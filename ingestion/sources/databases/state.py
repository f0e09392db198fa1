"""How far a table has been read: one small JSON object a table. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from ingestion.sources.databases.settings import POLL, Table
from ingestion.sources.errors import SourceError


class Watermark(Struct, frozen=True):
    """What had been committed at some moment.

    Attributes:
        snapshot_xmin: PostgreSQL's: every transaction before this one had ended, of 64 bits; None
            where rows do not tell which transaction wrote them.
        since: What is committed later and sets the time of its change by the database's clock, sets
            none before this one.
        log_position: What was committed before this position of the log; None where it is polled.
    """

    snapshot_xmin: int | None
    since: datetime
    log_position: int | None = None


class Walk(Struct, frozen=True):
    """A reading of a table that has not come to its end.

    Attributes:
        watermark: What is known to have been read once it has.
        after: Where it goes on, as the database's own texts of the columns that it goes by; None at
            the beginning.
        rows: How many rows have landed.
        first_read: The first of its readings; each that was killed is followed by another.
    """

    watermark: Watermark
    after: tuple[str, ...] | None = None
    rows: int = 0
    first_read: int = 0


class TableState(Struct, frozen=True, kw_only=True):
    """How far a table has been read.

    Attributes:
        epoch: When it was last begun, in seconds since 1970: positions of one epoch compare.
        server: Which database server it was read from, and which of its timelines.
        read: The last number that a reading of it took, in this epoch.
        watermark: What the last complete reading saw; None while the first load has not ended.
        walk: The reading that is under way.
        last_reads: The first and the last reading of the last pull that found changed rows; None if
            none has.
        reconciled_at: When a comparison with all of the table last began that came to its end, by
            the puller's clock; None if there was none in this epoch.
        base: The reading of what had landed when it began (`landed_keys`); None before the first.
        buckets: How many buckets it has.
        unsure: Readings of former epochs that never came to their end: it is not known whether the
            rows of their last page have landed.
        pulled_at: When a pull of it last came to its end, by the puller's clock.
        key: The columns that tell its rows apart, as it was read by.
        cursor: The column that grows when a row changes, likewise; empty where there is a log.
        mode: How it was read.
    """

    epoch: int
    server: str
    read: int = 0
    watermark: Watermark | None = None
    walk: Walk | None = None
    last_reads: tuple[int, int] | None = None
    reconciled_at: datetime | None = None
    base: str | None = None
    buckets: int = 1
    unsure: tuple[str, ...] = ()
    pulled_at: datetime | None = None
    key: tuple[str, ...]
    cursor: str
    mode: str = POLL


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(TableState).decode


def state_name(table: Table) -> str:
    """Return the name of a table's state."""
    return f"{table.event_type}.json"


def encode_state(state: TableState) -> bytes:
    """Return a state as JSON."""
    return _encode(state)


def decode_state(body: bytes, name: str) -> TableState:
    """Return the state that JSON says.

    Raises:
        SourceError: It says none.
    """
    try:
        return _decode(body)
    except msgspec.MsgspecError as error:
        raise SourceError(
            f"the state of {name} cannot be read ({error}): delete it, and the table is loaded "
            "from its beginning again"
        ) from error
