"""Every macro of macros/cross_db, executed on DuckDB over edge values, against plain Python.

What each renders to for Athena is parsed, not executed: tests/athena does that on a real Trino.
The macros of times and of JSON have files of their own.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
import sqlglot
from sqlglot import exp

from tests.support.dbt.macro_calls import CALLS, assert_agrees, results
from tests.support.dbt.rendering import PROJECT, Rendering

LIST = "value varchar[]"
FOURTH_PLACE = Decimal("0.0001")
AMOUNTS = [
    *("0", "0.01", "0.02", "0.03", "0.04", "0.05", "0.10", "1.00", "19.99", "100", "1234567.89"),
    *("0.0001", "0.0002", "0.0003", "0.0005", "0.1999", "1234567.8901"),
    *("99999999999999.9999", "199999999999999.9997", "9999999999999999999999999999.9999"),
]
COUNTS = [None, 0, 1, 2, 3, 4, 6, 7, 8, 200, 10**6, 10**12]


TEXTS = [
    *(
        None,
        "",
        "EUR",
        "eur",
        "EURO",
        "EU",
        " EUR",
        "EUR\n",
        "EUR\0",
        "ÄÖÜ",
        "\uff25\uff35\uff32",
        "A1B",
    ),
    *("a b", "a\tb", "\x1f", "\x20", "\x7e", "\x7f", "\x80", "\u2028", "é", "💶", "\0"),
]


def test_every_macro_file_is_tested() -> None:
    defined = {
        name
        for path in (PROJECT / "macros/cross_db").glob("*.sql")
        for name in re.findall(r"{% macro (\w+)\(", path.read_text())
        if not name.startswith(("duckdb__", "athena__"))
    }
    called = set(re.findall(r"\b(\w+)\(", " ".join(CALLS.values())))
    # Parts of iso8601_timestamp, business_date and json_extract_all.
    parts = {
        "business_timezone",
        "iso8601_from_parts",
        "iso8601_digits",
        "iso8601_matches",
        "iso8601_midnight",
        "iso8601_minutes_in_utc",
        "iso8601_number",
        "iso8601_part",
        "with_finite_numbers",
    }
    assert defined - parts <= called


def test_the_athena_form_of_every_macro_parses_as_athena_sql(athena_project: Rendering) -> None:
    for name, sql in athena_project.render(CALLS).items():
        for dialect in ("athena", "trino"):
            tree = sqlglot.parse_one(f"select {sql} as x from edges", read=dialect)
            assert isinstance(tree, exp.Select), name
            assert len(tree.expressions) == 1, name


def test_join_texts_leaves_null_out(on_duckdb: dict[str, str]) -> None:
    lists = {
        "a+b": ["a", None, "b"],
        "a": ["a"],
        "+": ["", ""],
        "": [None, None],
        None: None,
    }
    found = results(on_duckdb["join_texts"], [[texts] for texts in lists.values()], LIST)
    assert found == list(lists)
    assert results(on_duckdb["join_texts"], [[[]]], LIST) == [""]


def test_transform_list_keeps_the_order(on_duckdb: dict[str, str]) -> None:
    lists = [["abc", None, ""], [], None]
    found = results(on_duckdb["transform_list"], [[texts] for texts in lists], LIST)
    assert found == [[3, None, 0], [], None]


def test_two_values_are_the_same_where_both_are_null(on_duckdb: dict[str, str]) -> None:
    rows = [("a", "a"), ("a", "b"), ("a", None), (None, "a"), (None, None), ("", None)]
    found = results(on_duckdb["same_value"], rows, "value varchar, other varchar")
    assert found == [one == other for one, other in rows]


def test_divide_amount_rounds_half_up_to_four_places(on_duckdb: dict[str, str]) -> None:
    def quotient(amount: Decimal | None, count: int | None) -> Decimal | None:
        if amount is None or not count:
            return None
        with localcontext(prec=60):
            return (amount / count).quantize(FOURTH_PLACE, ROUND_HALF_UP)

    rows = [
        (amount, count)
        for amount in [None, *map(Decimal, AMOUNTS)]
        for count in COUNTS
        # An average is decimal(18, 4), and no sum of orders has a larger one.
        if (quotient(amount, count) or 0) < 10**14
    ]
    found = results(on_duckdb["divide_amount"], rows, "amount decimal(38, 4), count bigint")
    assert found == [quotient(amount, count) for amount, count in rows]
    assert Decimal("0.0003") == quotient(Decimal("0.0005"), 2)


@pytest.mark.parametrize(
    ("name", "pattern"), [("currency", r"^[A-Z]{3}\Z"), ("control", "[\\x00-\\x1f\\x7f]")]
)
def test_regexp_like_finds_a_match_anywhere(
    on_duckdb: dict[str, str], name: str, pattern: str
) -> None:
    assert_agrees(
        on_duckdb[name], TEXTS, lambda t: None if t is None else re.search(pattern, t) is not None
    )
