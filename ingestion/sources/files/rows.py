"""Which records of a file are rows, and which are none and no fault either. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.sources.files.feeds import Feed
from ingestion.sources.files.records import Batch


@dataclass(frozen=True, slots=True)
class RowRules:
    """What a feed's records look like.

    Attributes:
        width: How many cells a row has.
        header: The cells of the header, which files repeat that were put together; None without.
        footer: What the first cell of a summary line begins with; empty if there is none.
    """

    width: int
    header: tuple[str, ...] | None
    footer: str

    def is_expected(self, cells: Sequence[str]) -> bool:
        """Say whether a record is a row or may be skipped; else its line is no row."""
        return (
            len(cells) == self.width
            or self.is_skipped(cells)
            # Of a spreadsheet that counts one column more.
            or (len(cells) > self.width and not any(cells[self.width :]))
        )

    def is_skipped(self, cells: Sequence[str]) -> bool:
        """Say whether a record is a blank line, the header once more, or a summary."""
        if not cells or not cells[0].strip():
            return not any(cell.strip() for cell in cells)
        return bool(
            (self.header and cells[0] == self.header[0] and tuple(cells) == self.header)
            or (self.footer and cells[0].startswith(self.footer))
        )

    def rows_of(self, batch: Batch) -> tuple[list[list[str]], list[int], list[int]]:
        """Return the rows among a batch's records: their cells, numbers and offsets."""
        found = batch.cells, batch.rows, batch.offsets
        if self._are_rows(batch.cells):
            return found
        kept = [
            (cells[: self.width], row, offset)
            for cells, row, offset in zip(*found, strict=True)
            if not self.is_skipped(cells)
        ]
        return [each[0] for each in kept], [each[1] for each in kept], [each[2] for each in kept]

    def _are_rows(self, records: Sequence[Sequence[str]]) -> bool:
        """Say whether all of them are rows, for little: nearly always they are."""
        if {*map(len, records)} != {self.width}:
            return False
        first = [cells[0] for cells in records]
        return (
            all(map(str.strip, first))
            and not (self.header and self.header[0] in first)
            and not (self.footer and any(cell.startswith(self.footer) for cell in first))
        )


def rules_of(feed: Feed, header: Sequence[str] | None) -> RowRules:
    """Return what the records of a file look like.

    Args:
        feed: The file's feed.
        header: The cells of its header; None if it has none.
    """
    width = len(feed.columns) if header is None else len(header)
    return RowRules(width, None if header is None else tuple(header), feed.footer)
