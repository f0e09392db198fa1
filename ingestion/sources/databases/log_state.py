"""How far the log of a source has been read: one small JSON object a source. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct, field

from ingestion.sources.errors import SourceError


class LogState(Struct, frozen=True, kw_only=True):
    """How far a log has been read.

    Attributes:
        server: Which database server it is of, and which of its timelines.
        publication: The number of its publication.
        position: All that was committed before this position of the log has landed.
        changes: Of the transaction that was committed there, how many changes have landed.
        tables: Of which tables, by the types of their events, that is true, and how each is
            published: of another one nobody knows what the log did not tell.
        read_at: When it was last read to where it ended, by the puller's clock.
    """

    server: str
    publication: int
    position: int
    changes: int = 0
    tables: Mapping[str, str] = field(default_factory=dict)
    read_at: datetime | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(LogState).decode


def log_state_name(source: str) -> str:
    """Return the name of the state of a source's log; no event type has a folder of its name."""
    return f"log/{source}.json"


def encode_log_state(state: LogState) -> bytes:
    """Return a state as JSON."""
    return _encode(state)


def decode_log_state(body: bytes, name: str) -> LogState:
    """Return the state that JSON says.

    Raises:
        SourceError: It says none.
    """
    try:
        return _decode(body)
    except msgspec.MsgspecError as error:
        raise SourceError(
            f"the state {name} cannot be read ({error}): delete it, and the log begins anew with a "
            "comparison"
        ) from error
