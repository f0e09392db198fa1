from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from retailpulse.formats import table_of, write_csv, write_json

COLUMNS = ("day", "amount", "note", "at", "nested")
ROWS = [
    (
        date(2026, 1, 14),
        Decimal("123.00"),
        'a "b",\nc',
        datetime(2026, 1, 14, 20),
        {"list": [Decimal("1.50"), None, True]},
    ),
    (None, Decimal("1E+3"), "[bold]\x1b[31m", None, float("nan")),
]


def test_csv_has_a_header_all_digits_and_nothing_for_null() -> None:
    stream = io.StringIO()
    write_csv(COLUMNS, ROWS, stream)
    read = list(csv.reader(io.StringIO(stream.getvalue())))
    nested = '{"list": [1.50, null, true]}'
    assert read[0] == list(COLUMNS)
    assert read[1] == ["2026-01-14", "123.00", 'a "b",\nc', "2026-01-14T20:00:00", nested]
    assert read[2][:2] == ["", "1000"]


def test_json_is_an_array_of_objects_whose_decimals_keep_their_digits() -> None:
    stream = io.StringIO()
    write_json(COLUMNS, ROWS, stream)
    first, second = json.loads(stream.getvalue(), parse_float=str)
    assert first["amount"] == "123.00"
    assert first["nested"] == {"list": ["1.50", None, True]}
    assert (first["day"], second["day"], second["nested"]) == ("2026-01-14", None, None)


def test_json_of_no_rows_is_an_empty_array() -> None:
    stream = io.StringIO()
    write_json(COLUMNS, [], stream)
    assert json.loads(stream.getvalue()) == []


def test_a_table_shows_null_and_lets_nothing_act_on_the_terminal() -> None:
    console = Console(file=io.StringIO(), width=200, force_terminal=False)
    console.print(table_of(COLUMNS, ROWS))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "123.00" in text
    assert "NULL" in text
    assert "[bold]\\x1b[31m" in text
    assert "\x1b" not in text


def shown(columns: Sequence[str], rows: Sequence[Sequence[object]], width: int) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width, force_terminal=False).print(table_of(columns, rows))
    lines = stream.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    return lines


@pytest.mark.parametrize("width", [80, 120])
def test_columns_that_do_not_fit_stand_one_below_the_other(width: int) -> None:
    values = [f"value {number:02d} of an order" for number in range(13)]
    lines = shown([f"column_{number:02d}" for number in range(13)], [values, values], width)
    for number, value in enumerate(values):
        assert sum(line.split() == [f"column_{number:02d}", *value.split()] for line in lines) == 2


@pytest.mark.parametrize("width", [80, 120])
def test_text_is_folded_and_an_id_is_not(width: int) -> None:
    key = "2f1d4f6e-8c5b-4d0e-9a54-0f6d2c1b7a93"
    lines = shown(["event_id", "payload"], [[key, "words " * 60]], width)
    assert sum(key in line for line in lines) == 1
    assert sum(line.count("words") for line in lines) == 60
    assert "event_id" in lines[0]
    assert "payload" in lines[0]
