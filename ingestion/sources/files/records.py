"""The records of a delimited text, one physical line at a time. Pure, and a hot path.

Python's own `csv` reads a record from as many lines as it needs. One that is no row gives up its
first line alone, and reading goes on at the next: an open quote costs one row and not the rest of
the file. (A cell has 131,072 characters at most, `csv`'s own limit, so no quote is looked for
beyond.) Each record knows its number and where it begins, so that reading can go on at any.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, Protocol

from ingestion.sources.errors import SourceError

LONGEST_LINE: Final = 1_048_576
"""Bytes. What is longer is no row: it is given up in pieces of this size, as memory is limited."""


class Lines(Protocol):
    """A text whose physical lines are read one by one."""

    def readline(self, size: int, /) -> bytes:
        """Return the next line with its end, or `size` bytes of it; nothing at the end."""

    def peek(self, size: int = 0, /) -> bytes:
        """Return what is at hand of what follows, and leave it there; nothing at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A physical line that is no row.

    Attributes:
        row: Its number among the records of the text, from 0 on.
        offset: Where it begins, in bytes.
        line: Its bytes, without the end of the line.
    """

    row: int
    offset: int
    line: bytes


@dataclass(slots=True)
class Batch:
    """Some records that follow each other.

    Attributes:
        cells: The cells of those that can be read.
        rows: Of each of these its number among the records of the text, from 0 on.
        offsets: Of each of these where it begins, in bytes.
        unreadable: The lines that are none.
        size: How many bytes all of it takes.
        is_last: Whether the text ends behind it.
    """

    cells: list[list[str]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    size: int = 0
    is_last: bool = False


class Records:
    """Reads the records of a text in UTF-8, from one of them on.

    Attributes:
        row: The number of the record that is read next, from 0 on.
        offset: Where it begins, in bytes.
        is_within_a_long_line: Whether that is within a line that is too long for a row.
    """

    def __init__(
        self,
        lines: Lines,
        delimiter: str,
        is_row: Callable[[list[str]], bool] = lambda _: True,
        width: int | None = None,
        row: int = 0,
        offset: int = 0,
        is_within_a_long_line: bool = False,
    ) -> None:
        """Begin to read.

        Args:
            lines: The text, from the record on.
            delimiter: What stands between cells.
            is_row: Says whether a record can be one, by its cells.
            width: How many cells nearly all records have; None if nobody knows.
            row: The record's number.
            offset: Where it begins, in bytes.
            is_within_a_long_line: Whether that is within a line that is too long for a row.
        """
        self._lines = lines
        self._delimiter = delimiter
        self._is_row = is_row
        self._width = width
        # Before this offset the records are read one by one.
        self._unusual_until = 0
        self.row = row
        self.offset = offset
        # Lines that were read and belong to no record yet, and those of the record that is read.
        self._given_back: deque[bytes] = deque()
        self._taken: list[bytes] = []
        self.is_within_a_long_line = is_within_a_long_line
        self._failure: SourceError | None = None
        self._reader = self._new_reader()

    def read(self, most_rows: int, most_bytes: int) -> Batch:
        """Return the next records: so many, or as many as begin within so many bytes.

        Raises:
            SourceError: The text cannot be read any further. What comes before has been returned.
        """
        if self._failure:
            raise self._failure
        batch = Batch()
        begin = self.offset
        try:
            self._read(batch, most_rows, most_bytes)
        except SourceError as error:
            if self.offset == begin:
                raise
            self._failure = error
        batch.size = self.offset - begin
        return batch

    def _read(self, batch: Batch, most_rows: int, most_bytes: int) -> None:
        taken, is_row = self._taken, self._is_row
        cells, rows, offsets = batch.cells.append, batch.rows.append, batch.offsets.append
        most, end = self.row + most_rows, self.offset + most_bytes
        while self.row < most and self.offset < end:
            if self._read_block(batch, most - self.row):
                continue
            try:
                record = next(self._reader)
            except StopIteration:
                batch.is_last = True
                break
            except (csv.Error, _UnfitLineError, UnicodeDecodeError):
                batch.unreadable.append(self._give_up())
                continue
            if not is_row(record):
                batch.unreadable.append(self._give_up())
                continue
            cells(record)
            rows(self.row)
            offsets(self.offset)
            self.row += 1
            self.offset += len(taken[0]) if len(taken) == 1 else sum(map(len, taken))
            taken.clear()

    def _read_block(self, batch: Batch, most_rows: int) -> bool:
        """Read what is at hand at once, if each line of it is a record; say whether it was.

        One by one a record takes three times as long. Nearly every block is of such lines.
        """
        if self._width is None or self.offset < self._unusual_until or self._given_back:
            return False
        block = self._lines.peek()
        block = block[: block.rfind(b"\n") + 1]
        lines = block.split(b"\n", most_rows)
        rest = lines.pop()
        if not lines:
            return False
        block = block[: len(block) - len(rest)]
        records = self._records_of(block, len(lines))
        if records is None:
            self._unusual_until = self.offset + len(block)
            return False
        self._lines.read(len(block))
        offsets = list(accumulate((len(line) + 1 for line in lines), initial=self.offset))
        batch.cells += records
        batch.rows += range(self.row, self.row + len(records))
        self.offset = offsets.pop()
        batch.offsets += offsets
        self.row += len(records)
        return True

    def _records_of(self, block: bytes, count: int) -> list[list[str]] | None:
        """Return the records of lines, if each is one of the usual width."""
        if b"\0" in block or self.is_within_a_long_line:
            return None
        try:
            lines = block.decode().split("\n")[:-1]
            records = list(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except (UnicodeDecodeError, csv.Error):
            return None
        is_usual = len(records) == count and {*map(len, records)} == {self._width}
        return records if is_usual else None

    def _give_up(self) -> Unreadable:
        """Take the first line of what is no row for itself, and go on behind it."""
        first, *others = self._taken
        self._taken.clear()
        self._given_back.extendleft(reversed(others))
        self.is_within_a_long_line = _is_cut(first)
        unreadable = Unreadable(self.row, self.offset, first.rstrip(b"\r\n"))
        self.row += 1
        self.offset += len(first)
        self._reader = self._new_reader()
        return unreadable

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._texts(), delimiter=self._delimiter, strict=True)

    def _texts(self) -> Iterator[str]:
        readline, given_back, taken = self._lines.readline, self._given_back, self._taken
        while True:
            line = given_back.popleft() if given_back else readline(LONGEST_LINE)
            if not line:
                return
            taken.append(line)
            if b"\0" in line or _is_cut(line) or self.is_within_a_long_line:
                raise _UnfitLineError
            yield line.decode()


class _UnfitLineError(Exception):
    """A line is too long for a row, or has a byte that no text has."""


def _is_cut(line: bytes) -> bool:
    return len(line) == LONGEST_LINE and not line.endswith(b"\n")
