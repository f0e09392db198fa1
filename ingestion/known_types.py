"""The one list of known event types: the contracts in `ingestion/contracts/`.

A contract is a JSON Schema whose file stem is the event type. Two extension keywords say
where its events go: `x-domain` (e.g. `orders`) and `x-staging-model` (a dbt model's name).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

UNKNOWN: Final = "unknown"

# The last three are the JSON text of values that are not text.
_RESERVED = frozenset({UNKNOWN, "true", "false", "null"})

# An event type becomes part of an object's key and of a partition's value.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class ContractError(ValueError):
    """A file in the contracts folder cannot be used as a contract."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One known event type.

    Attributes:
        name: The event type, e.g. `order_created`.
        domain: The silver and gold domain it belongs to, e.g. `orders`.
        staging_model: The dbt model that reads it, e.g. `stg_orders__order_created`.
    """

    name: str
    domain: str
    staging_model: str


def read_contracts(folder: Traversable) -> Mapping[str, EventType]:
    """Read the event types that a folder of contracts declares, sorted by name.

    Raises:
        ContractError: A file's name is no event type, or it lacks an extension keyword.
    """
    event_types = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".json"):
            continue
        name = file.name.removesuffix(".json")
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise ContractError(
                f"{file.name}: the file's name must be an event type, {_NAME.pattern}.json, "
                f"and none of {', '.join(sorted(_RESERVED))}"
            )
        event_types[name] = _event_type(name, file.read_text(encoding="utf-8"))
    return MappingProxyType(event_types)


def _event_type(name: str, text: str) -> EventType:
    try:
        contract = json.loads(text)
    except ValueError as error:
        raise ContractError(f"{name}.json is not JSON: {error}") from error
    keywords = []
    for keyword in ("x-domain", "x-staging-model"):
        value = contract.get(keyword) if isinstance(contract, dict) else None
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise ContractError(f"{name}.json: {keyword} must be text like {_NAME.pattern}")
        keywords.append(value)
    domain, staging_model = keywords
    return EventType(name, domain, staging_model)


KNOWN_EVENT_TYPES: Final = read_contracts(resources.files("ingestion") / "contracts")
"""Every known event type by name, in the order of the names."""
