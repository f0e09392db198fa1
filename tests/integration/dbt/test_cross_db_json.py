"""The macros of macros/cross_db for JSON, on DuckDB over edge values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from ingestion.contract_generator.contract_reader import MOST_ITEMS
from tests.support.dbt.macro_calls import results

NUMBERS = [
    *("0", "-0", "-0.0", "0.00", "1", "-1", "1.10", "19.99", "-0.01", "0.01", "0.001", "10.005"),
    *("1e2", "1E2", "1e+2", "1e-2", "1e-3", "1.5e1", "1.234e2", "1.2345e2", "123e-2", "123e-3"),
    *("0.1" + "0" * 20, "100.000", "9999999999999.99", "9999999999999.9"),
    *("-9999999999999.99", "9999999999999.999", "10000000000000", "9999999999999", "1e13", "1e12"),
    *(
        "1234567890123456789",
        "9007199254740993",
        "12345678901234567890123",
        "1e308",
        "-1e308",
        "1e400",
    ),
    *(
        "9" * 100,
        "0.005",
        "0.015",
        "1.005",
        "1234567890123.45",
        "4503599627370.49",
        "99999.9",
        "9999.9",
    ),
    *("9999.95", "-9999.9", "10000.0", "0.30000000000000004", "5e-324"),
    # At the edges of decimal(18, 4) and of 15 digits.
    *("10.0001", "10.00005", "99999999999.9999", "100000000000.001", "100000000000.0001"),
    *(
        "999999999999.999",
        "9999999999999.99",
        "99999999999999.9",
        "99999999999999.99",
        "99999999999999",
    ),
    *("123456789012.3456", "12345678901234.56", "100000000000000", "-99999999999.9999", "1e14"),
    # And of the whole numbers that a double holds.
    *("9007199254740991", "-9007199254740991", "9007199254740992", "-9007199254740992", "5.0"),
    *("9007199254740990", "-9007199254740993", "5e-1", "50e-1", "1e15", "1e16", "1.5"),
]
STRINGS = [
    *(
        '""',
        '"a"',
        '" "',
        '"null"',
        '"5"',
        '"1.10"',
        '"true"',
        '"{}"',
        '"a\\"b"',
        '"a\\\\b"',
        '"\\/"',
    ),
    *(
        '"\\u0041"',
        '"\\u00e9"',
        '"é"',
        '"日本"',
        '"\\ud83d\\ude00"',
        '"💶"',
        '"a\\nb"',
        '"\\b\\f\\r\\t"',
    ),
    # Decimal texts, and texts beside them.
    *('"0"', '"19.99"', '"0.0001"', '"0.00001"', '"00000000000001.5"', '"99999999999999.9999"'),
    *('"100000000000000"', '"-1"', '"+1"', '"1e2"', '"1."', '".5"', '"1,5"', '" 1"', '"1\\n"'),
    *('"\\u0031"', '"\\u0661"', '"1_0"', '"0x1"', '"NaN"', '"Infinity"'),
    *('"a\\u0000b"', '"\\u0000"', '"\\u007f"', '"\\u2028"', '"' + "x" * 1000 + '"', '"\\""'),
]
OTHERS = [
    None,
    "null",
    "true",
    "false",
    "{}",
    '{"a": "x"}',
    "[]",
    '["a"]',
    "[1, 2]",
    '[[], {"b": null}]',
]
STEP = Decimal("0.0001")
JSON_VALUES = [*NUMBERS, *STRINGS, *OTHERS]


def members(on_duckdb: dict[str, str], values: Sequence[str | None]) -> list[str | None]:
    """Values as a model meets them: taken out of a document by json_extract_all."""
    documents = [[None if v is None else f'{{"a": {v}}}'] for v in values]
    return [
        None if found is None else found[0]
        for found in results(on_duckdb["member"], documents, "value varchar")
    ]


def assert_json_agrees(
    on_duckdb: dict[str, str],
    macro: str,
    values: Sequence[str | None],
    expected: Callable[[Any], Any],
) -> None:
    found = results(on_duckdb[macro], [[v] for v in members(on_duckdb, values)], "value varchar")
    pairs = [(v, got, expected(v)) for v, got in zip(values, found, strict=True)]
    assert [pair for pair in pairs if pair[1] != pair[2]] == []


def test_json_extract_all_gives_the_first_value_at_each_path(on_duckdb: dict[str, str]) -> None:
    documents = {
        None: None,
        "{}": [None, None, None],
        '{"a": {"b": 1}, "é": "x", "l": [1, {"b": null}]}': ["1", '"x"', '[1,{"b":null}]'],
        '{"a": 5, "é": null, "l": false}': [None, "null", "false"],
        '{"a": {"b": 1}, "a": {"b": 2}, "l": 1, "l": 2}': ["1", None, "1"],
        '{"a": [{"b": 1}], "a.b": 2}': [None, None, None],
        ' { "a" : { "b" : { "c" : "d e" } } } ': ['{"c":"d e"}', None, None],
        '{"a": {"b": "a\\u0000\\"\\\\"}}': ['"a\\u0000\\"\\\\"', None, None],
        '{"a": {"b": 1}': None,
        "not json": None,
        "": None,
    }
    found = results(on_duckdb["json_extract_all"], [[d] for d in documents], "value varchar")
    assert found == list(documents.values())


def test_json_extract_all_hands_on_what_a_value_is(on_duckdb: dict[str, str]) -> None:
    # Python reads 1e400 as infinity.
    values = [v for v in JSON_VALUES if v is not None and v != "1e400"]
    for value, member in zip(values, members(on_duckdb, values), strict=True):
        assert member is not None
        assert json.loads(member) == json.loads(value)
        assert (member[0], member[:1] == '"') == (
            json.dumps(json.loads(value))[0],
            value[:1] == '"',
        )


def test_json_items_gives_each_item_and_the_first_value_at_each_path(
    on_duckdb: dict[str, str],
) -> None:
    lists: dict[str | None, list[list[str | None]] | None] = {
        None: None,
        "null": None,
        "5": None,
        '"[1]"': None,
        '{"a": [1]}': None,
        "[]": [],
        '[{"a": "x", "b": null}, {"b": [1, {}]}]': [
            ['{"a":"x","b":null}', '"x"', "null"],
            ['{"b":[1,{}]}', None, "[1,{}]"],
        ],
        '[{"a": 1, "a": 2}]': [['{"a":1,"a":2}', "1", None]],
        '[null, 5, "x", [{"a": 1}], {}]': [
            [value, None, None] for value in ("null", "5", '"x"', '[{"a":1}]', "{}")
        ],
    }
    found = results(on_duckdb["json_items"], [[value] for value in lists], "value varchar")
    assert found == list(lists.values())


def test_json_items_reads_as_many_as_a_contract_can_allow(on_duckdb: dict[str, str]) -> None:
    for count in (MOST_ITEMS, MOST_ITEMS + 1):
        value = json.dumps(list(range(count)))
        [items] = results(on_duckdb["json_items"], [[value]], "value varchar")
        assert [item[0] for item in items] == [str(number) for number in range(MOST_ITEMS)]


def test_json_is_string_tells_strings_from_the_rest(on_duckdb: dict[str, str]) -> None:
    assert_json_agrees(
        on_duckdb, "json_is_string", JSON_VALUES, lambda v: None if v is None else v in STRINGS
    )


def test_json_is_given_is_false_for_null_and_nothing(on_duckdb: dict[str, str]) -> None:
    assert_json_agrees(on_duckdb, "json_is_given", JSON_VALUES, lambda v: v not in (None, "null"))


def test_json_string_escapes_what_must_be_and_nothing_else(on_duckdb: dict[str, str]) -> None:
    values = members(on_duckdb, STRINGS)
    found = results(on_duckdb["json_string"], [[value] for value in values], "value varchar")
    # Python writes its hexadecimal digits small.
    for value, text in zip(STRINGS, found, strict=True):
        again = json.dumps(json.loads(value), ensure_ascii=False).encode()
        assert text.encode().lower() == again.lower()


def test_json_text_is_the_string_and_nothing_else(on_duckdb: dict[str, str]) -> None:
    assert_json_agrees(
        on_duckdb, "json_text", JSON_VALUES, lambda v: json.loads(v) if v in STRINGS else None
    )


def test_json_scalar_is_the_text_of_a_string_or_a_boolean(on_duckdb: dict[str, str]) -> None:
    scalars = [None, "null", "true", "false", *STRINGS]
    assert_json_agrees(
        on_duckdb,
        "json_scalar",
        scalars,
        lambda v: v if v in ("true", "false") else json.loads(v or "null"),
    )


def test_json_scalar_of_a_number_is_its_value(on_duckdb: dict[str, str]) -> None:
    found = results(on_duckdb["json_scalar"], [[v] for v in NUMBERS], "value varchar")
    assert [float(text) for text in found] == [float(v) for v in NUMBERS]


def test_json_decimal_of_a_number_is_exact_or_null(on_duckdb: dict[str, str]) -> None:
    def exact(value: str | None) -> Decimal | None:
        if value not in NUMBERS:
            return None
        number = Decimal(value).normalize()
        # At most 15 digits: what a double holds.
        if number.adjusted() > 13 or len(number.as_tuple().digits) > 15:
            return None
        return number.quantize(STEP) if number % STEP == 0 else None

    numbers = [value for value in JSON_VALUES if value not in STRINGS]
    assert_json_agrees(on_duckdb, "json_decimal", numbers, exact)
    assert exact("1e2") == 100
    assert exact("10.0001") == Decimal("10.0001")


def test_json_decimal_of_a_text_is_exact_or_null(on_duckdb: dict[str, str]) -> None:
    def exact(value: str) -> Decimal | None:
        text = json.loads(value)
        if not re.fullmatch(r"[0-9]{1,14}(\.[0-9]{1,4})?", text, re.ASCII):
            return None
        return Decimal(text).quantize(STEP)

    assert_json_agrees(on_duckdb, "json_decimal", STRINGS, exact)
    assert exact('"99999999999999.9999"') == Decimal("99999999999999.9999")


def test_json_integer_is_a_whole_number_that_a_double_holds(on_duckdb: dict[str, str]) -> None:
    def whole(value: str | None) -> int | None:
        if value not in NUMBERS:
            return None
        number = Decimal(value)
        return int(number) if abs(number) < 2**53 and number % 1 == 0 else None

    assert_json_agrees(on_duckdb, "json_integer", JSON_VALUES, whole)
    assert (whole("1e2"), whole("9007199254740991")) == (100, 2**53 - 1)


def test_json_boolean_is_true_or_false_and_nothing_else(on_duckdb: dict[str, str]) -> None:
    assert_json_agrees(on_duckdb, "json_boolean", JSON_VALUES, {"true": True, "false": False}.get)
