"""A query's result as text: a table for people, CSV or JSON for programs."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, Final, Protocol, TextIO

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

Row = Sequence[Any]

# Ids, amounts and times are shorter and stay in one piece; text is folded.
_FOLDED_FROM: Final = 37
# Around a column, and around the table.
_PADDING: Final = 2


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


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Rows below the names of their columns; where they are too wide for that, one below the other.

    Attributes:
        columns: The columns' names, printable.
        rows: The cells' text, printable.
        numbers: Whether each column holds numbers, which go to the right.
        title: A line above.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]
    title: str | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose the form by the width there is."""
        widths = [
            max(len(column), *(Text(row[index]).cell_len for row in self.rows), 0)
            for index, column in enumerate(self.columns)
        ]
        needed = sum(min(width, _FOLDED_FROM) + _PADDING for width in widths) + _PADDING
        if needed <= options.max_width or not self.rows:
            yield self._table(widths)
            return
        if self.title:
            yield Text(self.title, style="bold")
        for number, row in enumerate(self.rows, start=1):
            yield Rule(f"{number:,}", align="left", style="dim")
            yield self._record(row)

    def _table(self, widths: Sequence[int]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, title=self.title, title_justify="left")
        table.title_style = "bold"
        for column, width, is_number in zip(self.columns, widths, self.numbers, strict=True):
            table.add_column(
                Text(column),
                justify="right" if is_number else "left",
                overflow="fold",
                no_wrap=width < _FOLDED_FROM,
            )
        for row in self.rows:
            table.add_row(*map(Text, row))
        return table

    def _record(self, row: Sequence[str]) -> Table:
        record = Table.grid(padding=(0, 2))
        record.add_column(style="bold", no_wrap=True)
        record.add_column(overflow="fold")
        for column, cell in zip(self.columns, row, strict=True):
            record.add_row(Text(column), Text(cell))
        return record


def table_of(columns: Sequence[str], rows: Iterable[Row], title: str | None = None) -> ResultTable:
    """Return a table for people: numbers to the right, NULL as `NULL`."""
    kept = [tuple(row) for row in rows]
    return ResultTable(
        columns=tuple(map(printable, columns)),
        rows=tuple(tuple(map(_cell, row)) for row in kept),
        numbers=tuple(any(_is_number(row[i]) for row in kept) for i in range(len(columns))),
        title=title,
    )


def printable(text: str) -> str:
    """Escape what a terminal would act upon."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _cell(value: Any) -> str:
    return "NULL" if value is None else printable(cell_text(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
