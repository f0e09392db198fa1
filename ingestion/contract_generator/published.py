"""The published form of a contract: a JSON Schema of the whole event, for producers."""

import json
from collections.abc import Mapping
from typing import Any, Final

from ingestion.contract_generator.contract import Contract, Field, FieldType, Items, all_fields
from ingestion.contract_generator.examples import check_examples
from ingestion.contract_generator.marker import MARKER

_EVENT_ID: Final = (
    "The producer's id of this event, unique within its source. Sent again, an event keeps its id. "
    "Null or left out, the SHA-256 of the event's bytes stands in, so that two events that are "
    "alike to the byte count once."
)
_EVENT_TS: Final = (
    "When it happened at the producer. Not refused here but rejected on arrival: more than 24 "
    "hours after it was received, or before 2000-01-01T00:00:00Z."
)
_OP: Final = (
    "What became of the row: upsert (it is as the fields say) or delete (it was deleted; of the "
    "fields only the key is needed)."
)
_SEQUENCE: Final = (
    "Where the version stands among those of its row: text, compared byte by byte; the greatest "
    "counts."
)
_COMMENT: Final = (
    "A key counts once. Where it is repeated, the first value of a business field counts, an event "
    "with two different ids or times is rejected (repeated_key), and of a type or a source the "
    "last counts. Judges the event as it is sent to the queue by itself. Behind EventBridge the "
    "type may be left out of the event: DetailType then names it."
)
_SPECVERSION: Final = {
    "description": (
        "The CloudEvents version, 1.0; a text here is what makes the object a CloudEvent."
    ),
    "type": "string",
    "examples": ["1.0"],
}
_SOURCE: Final = {
    "description": (
        "Who produced the event, a URI reference; events are told apart by source and id. Left out "
        "or not text, EventBridge's Source or the feed's name stands in."
    ),
    "examples": ["https://shop.example/checkout"],
}
_FLAT: Final = (
    "The flat form: the envelope's fields beside the business fields. Further fields are allowed."
)
_CLOUDEVENT: Final = (
    "The CloudEvents 1.0 form: an object with a text specversion. As lenient as the flat form: id "
    "may be left out. Further attributes are allowed."
)
_MOMENTS: Final = ("2026-01-14T20:00:00Z", "2026-01-14T21:00:00.250+01:00", "20260114T2000Z")
_SEQUENCES: Final = ("0000000001/0000000000000042/000001", "0000000001/0000000000000042/000002")
_NULL: Final = {"type": "null"}


def published_path(contract: Contract) -> str:
    """Return where it lies in the project."""
    return f"docs/contracts/{contract.event_type.domain}/{contract.event_type.name}.json"


def published_json(contract: Contract, types: Mapping[str, FieldType]) -> str:
    """Return the text of the published form.

    Raises:
        ContractError: It refuses one of the contract's examples.
    """
    schema = published_schema(contract, types)
    check_examples(contract, schema)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def published_schema(contract: Contract, types: Mapping[str, FieldType]) -> dict[str, Any]:
    """Return the JSON Schema of the whole event, in either form.

    Args:
        contract: What the event type is.
        types: All types by name, for those of the envelope.
    """
    used = {field.type.name for field in all_fields(contract)} | {"identifier", "instant"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:retailpulse:contract:{contract.event_type.name}",
        "title": contract.title,
        "description": contract.description,
        "$comment": f"{MARKER} {_COMMENT}",
        "type": "object",
        "if": {"required": ["specversion"], "properties": {"specversion": {"type": "string"}}},
        "then": {"$ref": "#/$defs/cloudevent"},
        "else": {"$ref": "#/$defs/flat"},
        "examples": [_example(contract, number) for number in range(len(contract.examples))],
        "$defs": {
            "flat": _flat(contract),
            "cloudevent": _cloudevent(contract),
            "fields": {
                "description": "The business fields.",
                "type": "object",
                "required": list(contract.key if contract.is_row else _required(contract)),
                "properties": {
                    field.name: _property(field, can_be_null=_can_be_null(contract, field))
                    for field in contract.fields
                },
            },
            **({"upserted": _upserted(contract)} if contract.is_row else {}),
            "event_id": {
                "description": _EVENT_ID,
                "anyOf": [{"$ref": "#/$defs/identifier"}, _NULL],
            },
            "event_ts": {
                "description": _EVENT_TS,
                "$ref": "#/$defs/instant",
                "examples": list(_MOMENTS),
            },
            **{name: dict(types[name].schema) for name in types if name in used},
        },
    }


def _required(contract: Contract) -> list[str]:
    return [field.name for field in contract.fields if field.is_required]


def _flat(contract: Contract) -> dict[str, Any]:
    return {
        "description": _FLAT,
        "$ref": "#/$defs/fields",
        "required": ["event_type", "event_ts", *_row_attributes(contract)],
        "properties": {
            "event_id": {"$ref": "#/$defs/event_id"},
            "event_type": _type(contract),
            "event_ts": {"$ref": "#/$defs/event_ts"},
            **_row_attributes(contract),
        },
        **_unless_deleted(contract, {"$ref": "#/$defs/upserted"}),
    }


def _cloudevent(contract: Contract) -> dict[str, Any]:
    return {
        "description": _CLOUDEVENT,
        "type": "object",
        "required": ["specversion", "type", "time", *_row_attributes(contract), "data"],
        "properties": {
            "specversion": _SPECVERSION,
            "id": {"$ref": "#/$defs/event_id"},
            "type": _type(contract),
            "time": {"$ref": "#/$defs/event_ts"},
            "source": _SOURCE,
            **_row_attributes(contract),
            "data": {"$ref": "#/$defs/fields"},
        },
        **_unless_deleted(contract, {"properties": {"data": {"$ref": "#/$defs/upserted"}}}),
    }


def _type(contract: Contract) -> dict[str, Any]:
    return {"description": "The type of the event.", "const": contract.event_type.name}


def _row_attributes(contract: Contract) -> dict[str, Any]:
    """What each version of a row says beside its fields: CloudEvents' extension attributes."""
    if not contract.is_row:
        return {}
    return {
        "op": {"description": _OP, "enum": ["upsert", "delete"], "examples": ["upsert"]},
        "sequence": {
            "description": _SEQUENCE,
            "type": "string",
            "pattern": "^[0-9A-Za-z._:/-]{1,128}$",
            "not": {"type": "string", "pattern": "[\\u0000-\\u001f\\u007f]"},
            "examples": list(_SEQUENCES),
        },
    }


def _unless_deleted(contract: Contract, rule: dict[str, Any]) -> dict[str, Any]:
    if not contract.is_row:
        return {}
    return {"if": {"required": ["op"], "properties": {"op": {"const": "delete"}}}, "else": rule}


def _upserted(contract: Contract) -> dict[str, Any]:
    needed = [name for name in _required(contract) if name not in contract.key]
    return {
        "description": "A row that is there has what a deleted one need not have.",
        "type": "object",
        "required": needed,
        "properties": {name: {"description": "Not null.", "not": _NULL} for name in needed},
    }


def _can_be_null(contract: Contract, field: Field) -> bool:
    return field.name not in contract.key if contract.is_row else not field.is_required


def _property(field: Field, *, can_be_null: bool) -> dict[str, Any]:
    type_: dict[str, Any] = {"$ref": f"#/$defs/{field.type.name}"}
    if field.items is not None:
        type_ = _list(field.items)
    if field.values is not None:
        type_["enum"] = list(field.values)
    if can_be_null:
        type_ = {"anyOf": [type_, _NULL]}
    examples = {"examples": list(field.examples)} if field.examples else {}
    return {"description": field.description, **type_, **examples}


def _list(items: Items) -> dict[str, Any]:
    return {
        "type": "array",
        "maxItems": items.most,
        "items": {
            "type": "object",
            "required": [field.name for field in items.fields if field.is_required],
            "properties": {
                field.name: _property(field, can_be_null=not field.is_required)
                for field in items.fields
            },
        },
    }


def _example(contract: Contract, number: int) -> dict[str, Any]:
    """The first example flat, the second as a CloudEvent, and so on."""
    name, fields = contract.event_type.name, dict(contract.examples[number])
    event_id = f"{name}-{number + 1}"
    row = {"op": "upsert", "sequence": _SEQUENCES[number % 2]} if contract.is_row else {}
    if number % 2 == 0:
        envelope = {"event_id": event_id, "event_type": name, "event_ts": _MOMENTS[0]}
        return envelope | row | fields
    return {
        "specversion": "1.0",
        "id": event_id,
        "type": name,
        "source": "https://shop.example/checkout",
        "time": _MOMENTS[1],
        "datacontenttype": "application/json",
        **row,
        "data": fields,
    }
