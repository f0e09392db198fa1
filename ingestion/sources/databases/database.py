"""What a puller asks of a database, whatever its engine: its tables, and their rows in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from ingestion.sources.databases.settings import Table
from ingestion.sources.databases.state import Watermark


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: As the database spells it.
        field: What it is called in the event.
        type: Its type, without length or scale: `numeric`.
        full_type: With them: `numeric(12,2)`.
        is_array: Whether it is read as JSON text.
        is_given: Whether it is never NULL.
    """

    name: str
    field: str
    type: str
    full_type: str
    is_array: bool
    is_given: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What the database says of a table.

    Attributes:
        columns: Its columns, in their order.
        key: The names of those that tell its rows apart, in the order by which they are read.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """Return a column that is there."""
        return next(column for column in self.columns if column.name == name)


def key_of(table: Table, shape: Shape) -> list[Column]:
    """Return the columns of a table's key, in the order of the source's file."""
    return [shape.column(name) for name in table.key]


def by_key(shape: Shape) -> list[Column]:
    """Return the columns of a table's key, in the order of its index, by which it is read."""
    return [shape.column(name) for name in shape.key]


def by_cursor(table: Table, shape: Shape) -> list[Column]:
    """Return the columns by which changed rows are read: the cursor, and the key."""
    keys = [key for key in by_key(shape) if key.name != table.cursor]
    return [shape.column(table.cursor), *keys]


class Row(Struct, frozen=True):
    """A row as it was at one moment.

    Attributes:
        fingerprint: Which row it is, and what is in it; see `landed_keys`.
        copied: Its columns in COPY's text format, without a line feed.
    """

    fingerprint: bytes
    copied: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, as they were at one moment.

    Attributes:
        rows: The rows.
        read_at: The database's time then.
        last: Of the last row, the texts of the columns it is read by; None if there is none.
    """

    rows: Sequence[Row]
    read_at: datetime
    last: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The rows of some keys that follow each other in the database's order.

    Attributes:
        after: The key before the first, as texts; None from the beginning on.
        until: The last key; None to the end.
    """

    after: tuple[str, ...] | None
    until: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Checksum:
    """What tells whether two sets of rows are the same.

    Attributes:
        rows: How many they are.
        sum: The sum of their hashes.
    """

    rows: int = 0
    sum: int = 0

    def __add__(self, other: Checksum) -> Checksum:
        return Checksum(self.rows + other.rows, self.sum + other.sum)


class Database(Protocol):
    """A session that reads and never writes. Each method may raise a SourceError."""

    def server(self) -> str:
        """Return which server this is, and its timeline: one of them changes at a fail-over."""

    def check(self) -> None:
        """Check that this account may see what pulling goes by.

        Raises:
            SourceError: It may not; says what it has to be granted.
        """

    def follow(self, table: Table) -> Shape:
        """Return what a table is; all that is asked then, until the next, is of this one.

        Raises:
            SourceError: It cannot be followed by its key and cursor; says what to add.
        """

    def watermark(self) -> Watermark:
        """Return what has been committed by now."""

    def row_estimate(self, table: Table, shape: Shape) -> int:
        """Return about how many rows a table has; 0 where nobody has counted."""

    def by_key(self, table: Table, shape: Shape, after: Sequence[str] | None, rows: int) -> Page:
        """Return the next rows by the key, from the beginning on."""

    def changed(
        self,
        table: Table,
        shape: Shape,
        since: Watermark,
        overlap_seconds: int,
        after: Sequence[str] | None,
        rows: int,
    ) -> Page:
        """Return the next of the rows that may have been committed since a watermark.

        Args:
            table: The table.
            shape: What it is.
            since: The watermark.
            overlap_seconds: How far an application's clock may be behind the database's.
            after: Where to go on; None for the beginning.
            rows: How many at most.
        """

    def of_keys(self, table: Table, shape: Shape, keys: Sequence[bytes]) -> Page:
        """Return the rows that have one of some keys, as `landed_keys` has them.

        A key that does not fit the types of today is none that a row has.
        """

    def key_range(
        self, table: Table, shape: Shape, after: tuple[str, ...] | None, rows: int
    ) -> KeyRange:
        """Return the range of the next keys, of so many rows at most."""

    def checksums(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int
    ) -> Mapping[int, Checksum]:
        """Return the checksum of a range's rows, by bucket.

        Args:
            table: The table.
            shape: What it is.
            keys: The range.
            buckets: How many buckets there are, a power of two: a row's is its key's hash by that.

        Raises:
            TooSlowError: They are too many at once.
        """

    def fingerprints(
        self, table: Table, shape: Shape, keys: KeyRange, buckets: int, wanted: Sequence[int]
    ) -> Sequence[bytes]:
        """Return the fingerprints of a range's rows that are in one of the wanted buckets.

        Raises:
            TooSlowError: They are too many at once.
        """
