"""A first draft of a contract, from the events that landed without one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingestion.column_names import field_name_fault
from ingestion.contract_generator.contract_reader import REFERENCE
from retailpulse.local.inferred_fields import SeenField

# Made up: what producers sent may say something about a person.
_EXAMPLES: Final[Mapping[str, Any]] = {
    "identifier": "example-1",
    "text": "an example",
    "amount": "12.50",
    "currency": "EUR",
    "instant": "2026-01-14T20:00:00Z",
    "boolean": True,
    "integer": 1,
    "day": "2026-01-14",
}


def proposal(
    name: str, count: int, seen: Mapping[str, SeenField]
) -> tuple[dict[str, Any], list[str]]:
    """Draft a contract whose descriptions are empty, which the generator refuses.

    Args:
        name: The event type.
        count: How many events were seen.
        seen: What was seen of each of their fields.

    Returns:
        The contract, and for each field that it leaves out a sentence that begins with its name.
    """
    notes = []
    types: dict[str, str] = {}
    for field, each in seen.items():
        fault = field_name_fault(field) or each.fault(field)
        type_ = each.type_of(field)
        if fault or type_ is None:
            notes.append(f"{field} is left out: {fault}")
        else:
            types[field] = type_
    required = [field for field in types if seen[field].count == count]
    ids = [field for field in required if types[field] == "identifier" and field.endswith("_id")]
    return {
        "title": name.replace("_", " ").capitalize(),
        "description": "",
        "x-kind": "event",
        "x-key": ids[:1],
        "x-cadence": "fast",
        "required": required,
        "properties": {
            field: {"$ref": f"{REFERENCE}{type_}", "description": ""}
            for field, type_ in types.items()
        },
        "examples": [{field: _EXAMPLES[type_] for field, type_ in types.items()}],
    }, notes
