"""Trino's type names."""

from __future__ import annotations

import pytest

from local_athena.trino_types import TrinoType, parse_type

BIGINT = TrinoType("bigint")
VARCHAR = TrinoType("varchar")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bigint", BIGINT),
        ("varchar(10)", TrinoType("varchar", (10,))),
        ("decimal(15,2)", TrinoType("decimal", (15, 2))),
        ("timestamp(6) with time zone", TrinoType("timestamp with time zone", (6,))),
        ("interval day to second", TrinoType("interval day to second")),
        ("array(varchar)", TrinoType("array", children=((None, VARCHAR),))),
        (
            "map(varchar, array(bigint))",
            TrinoType(
                "map",
                children=((None, VARCHAR), (None, TrinoType("array", children=((None, BIGINT),)))),
            ),
        ),
        (
            "row(id bigint, name varchar)",
            TrinoType("row", children=(("id", BIGINT), ("name", VARCHAR))),
        ),
        ('row("a, (b" bigint)', TrinoType("row", children=(("a, (b", BIGINT),))),
        ('row("q""x" bigint)', TrinoType("row", children=(('q"x', BIGINT),))),
        ("row(bigint, varchar)", TrinoType("row", children=((None, BIGINT), (None, VARCHAR)))),
        (
            "row(interval day to second, at timestamp(3) with time zone)",
            TrinoType(
                "row",
                children=(
                    (None, TrinoType("interval day to second")),
                    ("at", TrinoType("timestamp with time zone", (3,))),
                ),
            ),
        ),
    ],
)
def test_a_type_is_read(text: str, expected: TrinoType) -> None:
    assert parse_type(text) == expected


def test_a_parenthesis_that_is_not_closed_is_an_error() -> None:
    with pytest.raises(ValueError, match="not closed"):
        parse_type("array(bigint")
