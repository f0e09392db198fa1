"""From a cell's text to the JSON value of its column's type. Pure, and a hot path.

What cannot be read as the type stays the text that it is: dbt rejects the row for it, with the
field and the value, and no other row is held back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from ingestion.sources.files.feeds import Feed
from ingestion.sources.files.header import Header

Cell = str | int | bool | None
Convert = Callable[[str], Cell]

_MOST_DIGITS: Final = 19
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
_WITHOUT_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,6})?)?")


def conversions(feed: Feed, header: Header) -> tuple[tuple[int, Convert], ...]:
    """Return which cells of a row become something else than their text, and what does it."""
    number = _number(feed)
    by_type: dict[str, Convert] = {
        "integer": partial(_integer, number, feed.thousands_separator),
        "amount": partial(_amount, number, feed.decimal_separator, feed.thousands_separator),
        "boolean": _boolean,
        "instant": partial(_instant, ZoneInfo(feed.time_zone)),
        "day": str.strip,
        "identifier": str.strip,
    }
    return tuple(
        (at, by_type[column.type])
        for at, column in enumerate(header.columns)
        if column is not None and column.type in by_type
    )


def converted(
    rows: Sequence[Sequence[str]], conversions: Sequence[tuple[int, Convert]]
) -> list[Sequence[Cell]]:
    """Return the values of rows, column by column; of an empty cell NULL.

    Args:
        rows: The cells of each, as many in each.
        conversions: Which cells become what.
    """
    columns: list[Sequence[Cell]] = []
    by_place = dict(conversions)
    for at, cells in enumerate(zip(*rows, strict=True)):
        if convert := by_place.get(at):
            columns.append(
                [convert(cell) if cell and not cell.isspace() else None for cell in cells]
            )
        else:
            columns.append([cell or None for cell in cells] if "" in cells else cells)
    return columns


def _integer(number: re.Pattern[str], thousands: str, cell: str) -> Cell:
    text = cell.strip()
    found = number.fullmatch(text)
    if not found or found["decimals"]:
        return cell
    digits = text.replace(thousands, "") if thousands else text
    return int(digits) if len(digits) <= _MOST_DIGITS else cell


def _amount(number: re.Pattern[str], decimal: str, thousands: str, cell: str) -> Cell:
    text = cell.strip()
    if not number.fullmatch(text):
        return cell
    if thousands:
        text = text.replace(thousands, "")
    return text.replace(decimal, ".") if decimal != "." else text


def _number(feed: Feed) -> re.Pattern[str]:
    """A number as a feed writes it: of grouped digits, or of digits alone."""
    decimals = rf"(?P<decimals>{re.escape(feed.decimal_separator)}[0-9]+)?"
    thousands = re.escape(feed.thousands_separator)
    grouped = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|" if thousands else ""
    return re.compile(rf"[+-]?(?:{grouped}[0-9]+){decimals}")


def _boolean(cell: str) -> Cell:
    return _BOOLEANS.get(cell.strip().lower(), cell)


def _instant(zone: ZoneInfo, cell: str) -> Cell:
    text = cell.strip()
    if not _WITHOUT_OFFSET.fullmatch(text):
        return text
    if zone.key == "UTC":
        return f"{text}Z"
    try:
        moment = datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return text
    return moment.replace(tzinfo=zone).isoformat()
