"""What a puller asks of a database's log: its changes in order, and from where on to keep it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ingestion.sources.databases.database import Shape
from ingestion.sources.databases.log_changes import Layout, Texts
from ingestion.sources.databases.pgoutput import Relation
from ingestion.sources.databases.settings import Table


@dataclass(frozen=True, slots=True)
class Slot:
    """What keeps the log for a source.

    Attributes:
        position: What was committed before it is not told any more.
        is_lost: Whether the server has thrown away what was still to be told.
    """

    position: int
    is_lost: bool


@dataclass(frozen=True, slots=True)
class Lag:
    """How much of the log the server keeps for a source.

    Attributes:
        kept_bytes: So many.
        left_bytes: So many more, and the slot is lost; None if nobody can say.
    """

    kept_bytes: int
    left_bytes: int | None


class Computed(NamedTuple):
    """What the database makes of rows' texts.

    Attributes:
        of_key: The hash of the row's key, as digits.
        of_row: The hash of the row, likewise.
        arrays: Its arrays as JSON text, by the places of their columns.
    """

    of_key: bytes
    of_row: bytes
    arrays: Mapping[int, bytes | None]


class Log(Protocol):
    """The log of a source's database. Each method may raise a SourceError."""

    def check(self) -> None:
        """Check that the log can be read, and that what it keeps has an end.

        Raises:
            SourceError: It cannot, or has none; says what to run.
        """

    def publication(self) -> int:
        """Return the number of the source's publication.

        Raises:
            SourceError: There is none, or it leaves something out; says what to run.
        """

    def check_table(self, table: Table, shape: Shape) -> str:
        """Return how a table is published, as a text that changes if that does.

        Raises:
            SourceError: The log does not tell all of its changes; says what to run.
        """

    def slot(self) -> Slot | None:
        """Return the source's slot; None if there is none."""

    def create_slot(self) -> int:
        """Make the slot, in the place of one that is there; return its position."""

    def drop(self) -> list[str]:
        """Remove the slot, and the publication where that is allowed; say what was done."""

    def end(self) -> int:
        """Return the position behind all that the log has by now."""

    def end_of_seen(self) -> int:
        """Return a position behind all that any query has seen by now."""

    def peek(
        self, until: int, messages: int, rows: int
    ) -> AbstractContextManager[Iterator[list[bytes]]]:
        """Let the log's messages be read in batches; what is read stays in the log.

        Args:
            until: Up to this position.
            messages: Up to the end of the transaction in which there are as many as that.
            rows: How many messages a batch has at most.
        """

    def is_visible(self, xids: set[int]) -> bool:
        """Return whether every query from now on sees what these transactions have committed."""

    def advance(self, position: int) -> None:
        """Let the server throw away what was committed before a position."""

    def lag(self) -> Lag:
        """Return how much is kept."""

    def array_types(self, relation: Relation) -> Mapping[int, str]:
        """Return those of a table's types that are arrays, by their numbers."""

    def computed(self, layout: Layout, rows: Sequence[Texts]) -> Sequence[Computed]:
        """Return what the database makes of rows, one by one."""

    def key_hashes(self, layout: Layout, keys: Sequence[Texts]) -> Sequence[bytes]:
        """Return the hashes of keys, as digits."""
