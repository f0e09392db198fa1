"""The expressions of GetPartitions."""

from __future__ import annotations

import pytest

from local_athena.partition_expressions import parse_expression

KEYS = {"Day": "string", "n": "int", "at": "date"}
PARTITION = {"day": "it's", "n": "10", "at": "2026-01-02"}
NULL = "__HIVE_DEFAULT_PARTITION__"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("day = 'it''s'", True),
        ("(day='it''s') or (day='b')", True),
        ("day='b'", False),
        ("DAY <> 'b'", True),
        # As numbers; as text 9 would be more than 10.
        ("n > 9", True),
        ("n = '10'", True),
        ("n < 9", False),
        ("n in (1, 10)", True),
        ("n not in (1, 10)", False),
        ("n between 1 and 10 and day = 'b'", False),
        ("n = 1 or n = 10 and day = 'b'", False),
        ("(n = 1 or n = 10) and day like '%t''_'", True),
        ("not (n = 10)", False),
        ("at >= DATE '2026-01-02' AND at < '2026-01-03'", True),
        ('"n" is not null', True),
        ("`n` is null", False),
        ("day like 'i_'", False),
        ("((n = 10))", True),
    ],
)
def test_an_expression_picks_a_partition(expression: str, expected: bool) -> None:
    assert parse_expression(expression, KEYS)(PARTITION) is expected


def test_null_is_nothing_but_null() -> None:
    partition = {**PARTITION, "n": NULL}

    assert parse_expression("n is null", KEYS)(partition)
    assert not parse_expression("n = 10", KEYS)(partition)
    assert not parse_expression("n not in (10)", KEYS)(partition)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "day",
        "day =",
        "day = b",
        "other = 1",
        "day = 'a' day",
        "(day = 'a'",
        "n = 'x'",
        "day ~ 1",
    ],
)
def test_what_glue_would_not_take_is_an_error(expression: str) -> None:
    with pytest.raises(ValueError, match=r"Unsupported expression|not a number"):
        parse_expression(expression, KEYS)
