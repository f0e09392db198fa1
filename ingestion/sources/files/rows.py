"""Which records of a file are rows, and which are none and no fault either. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.sources.files.feeds import Feed


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


def rules_of(feed: Feed, header: Sequence[str] | None) -> RowRules:
    """Return what the records of a file look like.

    Args:
        feed: The file's feed.
        header: The cells of its header; None if it has none.
    """
    width = len(feed.columns) if header is None else len(header)
    return RowRules(width, None if header is None else tuple(header), feed.footer)
