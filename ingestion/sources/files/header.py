"""Which cell of a file's rows is which field, by its header. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.sources.errors import SourceError
from ingestion.sources.field_names import field_of, normalised
from ingestion.sources.files.feeds import Column, Feed


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

    Names are compared in lower case, with `_` for what is no letter or digit.

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
        normalised(name): column
        for column in feed.columns
        for name in (column.name, *column.aliases)
    }
    columns = tuple(by_name.get(normalised(cell)) for cell in cells)
    missing = [
        column.name for column in feed.columns if not column.is_optional and column not in columns
    ]
    if missing:
        raise HeaderError(
            f"the header has no column {', '.join(missing)}, but "
            f"{', '.join(cell for cell in cells if cell.strip()) or 'nothing'}. If the file calls "
            f"it otherwise, give the column that alias in ingestion/feeds/{feed.name}.yml; if "
            "files may do without it, say `optional: true`"
        )
    fields = tuple(
        column.name if column else _field_of_unknown(cell, at)
        for at, (cell, column) in enumerate(zip(cells, columns, strict=True))
    )
    if twice := sorted({field for field in fields if fields.count(field) > 1}):
        raise HeaderError(f"the header has more than one column {', '.join(twice)}")
    return Header(fields, columns)


def _field_of_unknown(cell: str, at: int) -> str:
    return field_of(cell) if cell.strip() else f"column_{at + 1}"
