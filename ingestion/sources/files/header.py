"""Which cell of a file's rows is which field, by its header. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ingestion.sources.errors import SourceError
from ingestion.sources.field_names import compared, field_of
from ingestion.sources.files.feeds import Column, Feed

_MOST_SHOWN: Final = 50


class HeaderError(SourceError):
    """A file's header is not one of its feed's, so that none of its rows can be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the cells of a row are.

    Attributes:
        fields: The field of each cell, in the order of the file.
        columns: Of each cell the feed's column; None of one that the feed does not know.
    """

    fields: tuple[str, ...]
    columns: tuple[Column | None, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The fields that the feed does not know: they land, and nothing reads them."""
        return tuple(
            field for field, column in zip(self.fields, self.columns, strict=True) if column is None
        )


def header_of(feed: Feed, cells: Sequence[str] | None) -> Header:
    """Return what the cells of a file's rows are.

    Names are compared without case, space and punctuation. A column that the feed does not know has
    a field that no other has.

    Args:
        feed: The file's feed.
        cells: The cells of its header; None if it has none.

    Raises:
        HeaderError: A column is missing, or there twice.
    """
    if cells is None:
        names = tuple(column.name for column in feed.columns)
        return Header(names, feed.columns)
    by_name = {
        compared(name): column for column in feed.columns for name in (column.name, *column.aliases)
    }
    columns = tuple(by_name.get(compared(cell)) if cell.strip() else None for cell in cells)
    found = Counter(column.name for column in columns if column)
    missing = [
        column.name
        for column in feed.columns
        if not column.is_optional and column.name not in found
    ]
    if missing:
        raise HeaderError(
            f"the header has no column {', '.join(missing)}, but "
            f"{_shown(cells) or 'nothing'}. If the file calls "
            f"it otherwise, give the column that alias in ingestion/feeds/{feed.name}.yml; if "
            "files may do without it, say `optional: true`"
        )
    if twice := [name for name, count in found.items() if count > 1]:
        raise HeaderError(f"the header has more than one column {', '.join(twice)}")
    taken = {*(column.name for column in feed.columns), *feed.constants}
    fields = tuple(
        column.name if column else _field_of_unknown(cell, at, taken)
        for at, (cell, column) in enumerate(zip(cells, columns, strict=True), start=1)
    )
    return Header(fields, columns)


def _field_of_unknown(cell: str, at: int, taken: set[str]) -> str:
    """A field that is not taken yet; it is now."""
    field = field_of(cell) if cell.strip() else f"column_{at}"
    if field in taken:
        field = f"{field}_{at}"
    taken.add(field)
    return field


def _shown(cells: Sequence[str]) -> str:
    names = [re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", cell) for cell in cells if cell.strip()]
    return ", ".join(names[:_MOST_SHOWN]) + (" …" if len(names) > _MOST_SHOWN else "")
