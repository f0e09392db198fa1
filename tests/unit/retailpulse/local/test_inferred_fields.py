"""What a field's values are taken for, and the draft that comes of it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ingestion.contract_generator.contract_reader import read_types
from retailpulse.local.inferred_fields import SeenField, seen_fields
from retailpulse.local.proposals import proposal

TYPES = read_types(Path(__file__).parents[4] / "ingestion/contracts")
VALIDATORS = {
    name: Draft202012Validator(json.loads(json.dumps(dict(each.schema)), parse_float=Decimal))
    for name, each in TYPES.items()
    # An event says nothing in a database's own text.
    if not each.is_of_a_table
}
NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=300) | st.sampled_from(
    [
        *("", "o1", "EUR", "EUR\n", "19.99", "19.99999", "2026-02-28", "2026-02-29", "x" * 4097),
        *(
            "2026-01-14T20:00:00Z",
            "2026-01-14T20:00:00",
            "20260114T2000+01",
            "\x7f",
            "2026-01-14\n",
        ),
    ]
)


def seen(*values: Any) -> SeenField:
    field = SeenField()
    for value in values:
        field.add(value, TYPES)
    return field


@given(value=NUMBERS | TEXTS | st.booleans() | st.sampled_from([Decimal("1e999999"), 10**400]))
def test_a_value_can_be_what_the_types_say(value: Any) -> None:
    field = seen(value)
    # Of a number without an end the validator takes the remainder.
    if isinstance(value, int | Decimal) and abs(Decimal(value)) > 10**20:
        assert field.type_of("some_name") is None
    else:
        allowed = {name for name, each in VALIDATORS.items() if each.is_valid(value)}
        assert field.type_of("some_name") in (allowed or [None])


@pytest.mark.parametrize(
    ("name", "values", "type_"),
    [
        ("is_new", [True, False], "boolean"),
        ("count", [1, 2], "integer"),
        ("count", [-1, None], "integer"),
        ("count", [Decimal("5.0")], "integer"),
        ("paid", [1, Decimal("2.5")], "amount"),
        ("paid", [1, "2.50"], "amount"),
        ("unit_price", [1, 2], "amount"),
        ("refund_amount", ["1.50"], "amount"),
        ("version", ["1.50"], "text"),
        ("order_id", ["o1", "o2"], "identifier"),
        ("order_id", ["o1", ""], "text"),
        ("order_id", [1], "integer"),
        ("made_on", ["2026-01-14"], "day"),
        ("made_on", ["2026-01-14", "soon"], "text"),
        ("made_at", ["2026-01-14T20:00:00Z"], "instant"),
        ("currency_code", ["EUR", "USD"], "currency"),
        ("status", ["NEW"], "text"),
    ],
)
def test_the_likeliest_type_that_takes_all_values_is_chosen(
    name: str, values: list[Any], type_: str
) -> None:
    field = seen(*values)
    assert field.type_of(name) == type_
    assert field.fault(name) is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([None, None], "it is always null"),
        ([{"a": 1}], "it is an object or a list"),
        (["a", [1]], "it is an object or a list"),
        ([1, "a"], "its values are of no one type"),
        ([Decimal("-1.5")], "its values are of no one type"),
        (["x" * 4097], "its values are of no one type"),
    ],
)
def test_what_no_type_takes_says_why(values: list[Any], told: str) -> None:
    field = seen(*values)
    assert field.type_of("some_name") is None
    assert str(field.fault("some_name")).startswith(told)


def test_a_draft_requires_what_every_event_has_and_copies_no_value() -> None:
    events: list[dict[str, Any]] = [
        {"note": "Jane", "customer_id": "c-jane", "order_id": "o1", "n": 1, "Bad": 1, "line": "x"},
        {"note": None, "order_id": "o2", "n": 2, "items": []},
    ]
    contract, notes = proposal("order_returned", *seen_fields(events, TYPES))
    assert contract["required"] == ["order_id", "n"]
    assert contract["x-key"] == ["order_id"]
    assert list(contract["properties"]) == ["note", "customer_id", "order_id", "n"]
    assert contract["properties"]["n"] == {"$ref": "types.json#/$defs/integer", "description": ""}
    assert contract["title"] == "Order returned"
    assert "ane" not in json.dumps(contract)
    assert [note.partition(" ")[0] for note in notes] == ["Bad", "line", "items"]


def test_a_draft_without_an_id_has_no_key() -> None:
    contract, _ = proposal("pinged", *seen_fields([{"order_id": "o1"}, {"n": 1}], TYPES))
    assert contract["x-key"] == []


def test_every_example_is_of_its_type() -> None:
    texts = {"a_id": "x", "words": "some words", "at": "2026-01-14T20:00:00Z", "day": "2026-01-14"}
    values = {**texts, "price": 1, "price_currency": "EUR", "is_new": True, "piece_count": 1}
    contract, notes = proposal("something", *seen_fields([values], TYPES))
    [example] = contract["examples"]
    types = {
        name: field["$ref"].rpartition("/")[2] for name, field in contract["properties"].items()
    }
    assert notes == []
    assert set(types.values()) == set(VALIDATORS)
    for name, value in example.items():
        VALIDATORS[types[name]].validate(value)
