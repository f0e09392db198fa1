"""Contracts of 26 event types in 8 domains of their own, beside the project's or in their place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ingestion.contract_generator.__main__ import main
from tests.support.project.followed import disable

DOMAINS: Final = tuple(f"area_{number}" for number in range(1, 9))

_FACTS: Final = 22
_ROWS: Final = 4

_TYPES_OF_FIELDS: Final[Mapping[str, str]] = {
    "account_id": "identifier",
    "amount": "amount",
    "currency_code": "currency",
    "remark": "text",
    "is_first": "boolean",
    "due_on": "day",
}


def facts_of(domain: str) -> tuple[str, ...]:
    """The types of facts of one of DOMAINS: three in most, two in the last two."""
    place = DOMAINS.index(domain)
    return tuple(f"thing_{number:02d}_happened" for number in range(place, _FACTS, len(DOMAINS)))


COUNT: Final = _FACTS + _ROWS
"""How many types there are."""


def remove_others(project: Path) -> None:
    """Delete from a copy of the project its own event types and what is by hand of them."""
    contracts = project / "ingestion" / "contracts"
    gold = (project / "models/gold").iterdir()
    silver = (project / "models/silver/orders", project / "models/silver/conformed")
    for folder in (*contracts.iterdir(), *gold, *silver):
        if folder.is_dir() and folder.name != "calendar":
            shutil.rmtree(folder)
    disable(project, [])
    shutil.rmtree(project / "tests/dbt/singular")
    (project / "models/gold/exposures.yml").unlink()
    for unit_tests in (project / "models").rglob("*_unit_tests.yml"):
        unit_tests.unlink()


def add_many_types(project: Path, count: int = COUNT) -> None:
    """Write the contracts to a copy of the project, and what follows from them.

    Args:
        project: The copy.
        count: How many of the types: the facts first, domain by domain in turn.
    """
    contracts = {**_facts(), **_rows()}
    for path in list(contracts)[:count]:
        file = project / "ingestion" / "contracts" / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(contracts[path]), encoding="utf-8")
    assert main([], project) == 0


def fact(event_type: str, event_id: str, at: str) -> bytes:
    """A valid event of a fact's type that happened at a time (RFC 3339)."""
    event = {"event_id": event_id, "event_type": event_type, "event_ts": at}
    return json.dumps(event | {f"{_thing(event_type)}_id": event_id, **_VALUES}).encode()


_VALUES: Final[Mapping[str, object]] = {
    "account_id": "a1",
    "amount": 10,
    "currency_code": "EUR",
    "remark": "None.",
    "is_first": True,
    "due_on": "2026-03-31",
}


def _thing(event_type: str) -> str:
    return event_type.rpartition("_")[0]


def _facts() -> dict[str, dict[str, Any]]:
    names = (f"thing_{number:02d}_happened" for number in range(_FACTS))
    return {
        f"{DOMAINS[number % len(DOMAINS)]}/{name}.json": _contract(name) | {"x-kind": "event"}
        for number, name in enumerate(names)
    }


def _rows() -> dict[str, dict[str, Any]]:
    return {
        f"{DOMAINS[number]}/holder_{number}_changed.json": _contract(f"holder_{number}_changed")
        | {"x-kind": "row", "x-entity": f"holders_{number}"}
        for number in range(_ROWS)
    }


def _contract(event_type: str) -> dict[str, Any]:
    """Seven fields: its own key, and six that all have."""
    key = f"{_thing(event_type)}_id"
    types = {key: "identifier", **_TYPES_OF_FIELDS}
    return {
        "title": event_type.replace("_", " ").capitalize(),
        "description": "One of many.",
        "x-key": [key],
        "x-cadence": "fast",
        "required": [key, "amount"],
        "properties": {
            name: {"$ref": f"types.json#/$defs/{type_}", "description": f"Its {name}."}
            for name, type_ in types.items()
        },
        "examples": [{key: "example-1", **_VALUES}],
    }
