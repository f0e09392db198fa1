"""The published contracts: usable schemas, whose verdicts follow the rules that staging follows."""

import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ingestion.contract_generator.contract import Contract
from ingestion.contract_generator.contract_reader import read_contracts
from ingestion.known_types import KNOWN_EVENT_TYPES

PROJECT = Path(__file__).parents[3]
CONTRACTS: dict[str, Contract] = {
    each.event_type.name: each for each in read_contracts(PROJECT / "ingestion/contracts")
}


def published(name: str) -> dict[str, Any]:
    file = PROJECT / "docs/contracts" / KNOWN_EVENT_TYPES[name].domain / f"{name}.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    return schema


VALIDATORS = {name: Draft202012Validator(published(name)) for name in KNOWN_EVENT_TYPES}


def flat(name: str) -> dict[str, Any]:
    example: dict[str, Any] = deepcopy(published(name)["examples"][0])
    return example


def cloudevent(event: dict[str, Any]) -> dict[str, Any]:
    fields = dict(event)
    attributes = {"specversion": "1.0", "source": "https://shop.example"}
    names = {"event_id": "id", "event_type": "type", "event_ts": "time"}
    names |= {"op": "op", "sequence": "sequence"}
    for flat_name, name in names.items():
        if flat_name in fields:
            attributes[name] = fields.pop(flat_name)
    return {**attributes, "data": fields}


def is_valid(name: str, event: dict[str, Any]) -> bool:
    """Say what the contract says, which must be the same for both forms."""
    verdicts = {VALIDATORS[name].is_valid(form) for form in (event, cloudevent(event))}
    assert len(verdicts) == 1
    return verdicts.pop()


@pytest.mark.parametrize("name", KNOWN_EVENT_TYPES)
def test_schema_is_valid_and_accepts_its_examples(name: str) -> None:
    schema = published(name)
    Draft202012Validator.check_schema(schema)
    forms = ["specversion" in example for example in schema["examples"]]
    assert set(forms) == {False, True}
    for example in schema["examples"]:
        VALIDATORS[name].validate(example)


@pytest.mark.parametrize("name", KNOWN_EVENT_TYPES)
def test_every_example_of_a_field_is_valid(name: str) -> None:
    definitions = published(name)["$defs"]
    described = [*definitions.values()]
    for definition in definitions.values():
        described.extend(definition.get("properties", {}).values())
    examples = [(schema, each) for schema in described for each in schema.get("examples", ())]
    assert len(examples) > 5
    for schema, example in examples:
        Draft202012Validator(schema | {"$defs": definitions}).validate(example)


@pytest.mark.parametrize("name", KNOWN_EVENT_TYPES)
def test_every_property_is_described(name: str) -> None:
    definitions = published(name)["$defs"]
    for definition in definitions.values():
        assert definition["description"]
        for described in definition.get("properties", {}).values():
            described = definitions.get(described.get("$ref", "").rpartition("/")[2], described)
            assert described["description"]


@pytest.mark.parametrize("name", KNOWN_EVENT_TYPES)
def test_every_required_field_is_needed_and_every_other_is_not(name: str) -> None:
    for field in CONTRACTS[name].fields:
        for value in (MISSING, None):
            assert is_valid(name, changed(name, field.name, value)) == (not field.is_required)


MISSING = object()
CREATED, STATUS = "order_created", "order_status_changed"
BAD_IDS = [MISSING, None, "", "x" * 257, "a\nb", "a\n", "\x7f", "\x00", 5, True, ["a"], {}]
ITEM = {"product_id": "p1", "quantity": 2, "unit_price": Decimal("12.30")}
BAD_LISTS: list[Any] = ["[]", 5, True, {}, ITEM, [ITEM] * 501]
BAD_ITEMS: list[Any] = [
    *(None, 5, "p1", [], [ITEM], {}),
    *({other: ITEM[other] for other in ITEM if other != name} for name in ITEM),
    *(ITEM | {name: None} for name in ITEM),
    *(ITEM | {"product_id": value} for value in BAD_IDS[2:]),
    *(ITEM | {"quantity": "2"}, ITEM | {"quantity": 2.5}, ITEM | {"quantity": True}),
    *(ITEM | {"unit_price": -1}, ITEM | {"unit_price": "12,30"}, ITEM | {"unit_price": {}}),
]


def changed(name: str, field: str, value: object) -> dict[str, Any]:
    event = flat(name)
    event.pop(field, None)
    if value is not MISSING:
        event[field] = value
    return event


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        *((CREATED, "order_id", value) for value in BAD_IDS),
        *((CREATED, "customer_id", value) for value in BAD_IDS),
        *((STATUS, "order_id", value) for value in BAD_IDS),
        *((CREATED, "event_id", value) for value in BAD_IDS[2:]),
        *(
            (CREATED, "amount", value)
            for value in (MISSING, None, True, -1, Decimal("-0.01"), 10**14, [1])
        ),
        *(
            (CREATED, "amount", Decimal(value))
            for value in ("0.00001", "100000000000.0001", "99999999999999.99")
        ),
        *(
            (CREATED, "amount", value)
            for value in ("", "-1", "+1", "1e2", "1.", ".5", "1,5", " 1", "1\n", "\u0661", "1" * 15)
        ),
        *(
            (CREATED, "currency_code", value)
            for value in ("", "eur", "EURO", "EU", "EUR\n", "ÄÖÜ", 978, ["EUR"])
        ),
        *((STATUS, "status", value) for value in (MISSING, None, "", "shipped", "PAID", 1)),
        *((CREATED, "items", value) for value in BAD_LISTS),
        *((CREATED, "items", [ITEM, value]) for value in BAD_ITEMS),
        *((CREATED, "event_type", value) for value in (MISSING, None, STATUS, 1)),
        *(
            (CREATED, "event_ts", value)
            for value in (
                *(MISSING, None, "", 1768420800, "2026-01-14", "2026-01-14T20:00:00"),
                *("2026-01-14T20Z", "20260114 200000Z", "2026-01-14T20:00", "2026-02-29T00:00:00Z"),
                *("2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z"),
                *("2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-14T24:00:01Z"),
                *("2026-01-14T20:60:00Z", "2026-01-14T20:00:61Z", "2026-01-14T20:00:00.Z"),
                *("2026-01-14T20:00,5Z", "2026-01-14T20:00:00+24:00", "20260229T000000Z"),
                *("2026-01-14T20:00:00+01:60", "2026-01-14T20:00:00+1", "0000-01-01T00:00:00Z"),
                *("2026-01-14T20:00:00Z\n", "20260114T20:00:00Z", "٢٠٢٦-01-14T20:00:00Z"),
                *("2026-W03-3T20:00:00Z", "2026-014T20:00:00Z", "2026-01-14T20:00:00Z[UTC]"),
            )
        ),
    ],
)
def test_contract_refuses(name: str, field: str, value: object) -> None:
    assert not is_valid(name, changed(name, field, value))


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        *((CREATED, "event_id", value) for value in (MISSING, None, "x" * 256, "é", " ")),
        *((CREATED, "order_id", value) for value in ("x" * 256, "日本", "a b")),
        *((CREATED, "currency_code", value) for value in (MISSING, None, "XYZ")),
        *((CREATED, "amount", Decimal(v)) for v in ("0", "0.0001", "19.99", "99999999999999.9")),
        *((CREATED, "amount", v) for v in ("0", "19.99", "0007.5", "99999999999999.9999")),
        *(
            (CREATED, "event_ts", value)
            for value in (
                *("2026-01-14T20:00:00.123456789Z", "2026-01-14T20:00:00-23:59"),
                *("2024-02-29T23:59:59Z", "2000-02-29T00:00:00Z", "1999-12-31T00:00:00Z"),
                *("2026-01-14 20:00z", "20260114t200000,5+02", "2016-12-31T23:59:60\u22120230"),
            )
        ),
        *((STATUS, "status", value) for value in ("SHIPPED", "DELIVERED", "CANCELLED")),
        (STATUS, "anything_else", {"a": [None]}),
        *((CREATED, "items", value) for value in ([], [ITEM], [ITEM] * 500)),
        (CREATED, "items", [ITEM | {"unit_price": "19.99", "quantity": -2, "note": [{"a": []}]}]),
    ],
)
def test_contract_accepts(name: str, field: str, value: object) -> None:
    assert is_valid(name, changed(name, field, value))


@pytest.mark.parametrize("value", [MISSING, None, "text", [1]])
def test_cloudevent_needs_data(value: object) -> None:
    event = cloudevent(flat(CREATED))
    del event["data"]
    if value is not MISSING:
        event["data"] = value
    assert not VALIDATORS[CREATED].is_valid(event)


def test_specversion_that_is_not_text_leaves_the_form_flat() -> None:
    assert VALIDATORS[CREATED].is_valid({**flat(CREATED), "specversion": 1})
