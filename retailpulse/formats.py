"""A query's result as text: a table for people, CSV or JSON for programs."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Protocol, TextIO

from rich import box
from rich.table import Table
from rich.text import Text

Row = Sequence[Any]


class WriteRows(Protocol):
    """Writes a result as it comes, with flat memory."""

    def __call__(self, columns: Sequence[str], rows: Iterable[Row], stream: TextIO) -> None:
        """Write all rows to a text stream."""


def cell_text(value: Any) -> str:
    """Return a value as text: dates in ISO 8601, decimals with all their digits, NULL empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    return str(value)


def json_text(value: Any) -> str:
    """Return a value as JSON; a decimal is a number with the digits that it has."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    if isinstance(value, dict):
        members = (f"{json_text(cell_text(key))}: {json_text(item)}" for key, item in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(json_text(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(cell_text(value), ensure_ascii=False)


def write_csv(columns: Sequence[str], rows: Iterable[Row], stream: TextIO) -> None:
    """Write a header and the rows as CSV; NULL is an empty field."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell_text(value) for value in row] for row in rows)


def write_json(columns: Sequence[str], rows: Iterable[Row], stream: TextIO) -> None:
    """Write an array with an object for each row, a row on a line."""
    names = [json.dumps(column, ensure_ascii=False) for column in columns]
    separator = "[\n"
    for row in rows:
        members = (f"{name}: {json_text(value)}" for name, value in zip(names, row, strict=True))
        stream.write(f"{separator}  {{{', '.join(members)}}}")
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def table_of(columns: Sequence[str], rows: Iterable[Row], title: str | None = None) -> Table:
    """Return a table for people: numbers to the right, NULL as `NULL`."""
    kept = [tuple(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for index, column in enumerate(columns):
        is_number = any(_is_number(row[index]) for row in kept)
        table.add_column(
            Text(printable(column)), justify="right" if is_number else "left", overflow="fold"
        )
    for row in kept:
        table.add_row(
            *(Text("NULL" if value is None else printable(cell_text(value))) for value in row)
        )
    return table


def printable(text: str) -> str:
    """Escape what a terminal would act upon."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
