"""The one list of known event types: the contracts in `ingestion/contracts/`.

A contract's file is `<domain>/<event_type>.json`. Here only these names are read, which is all that
the ingester needs; what a contract says is read by `ingestion.contract_generator`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

UNKNOWN: Final = "unknown"

# The last three are the JSON text of values that are not text.
_RESERVED: Final = frozenset({UNKNOWN, "true", "false", "null"})

# An event type becomes part of an object's key and of a partition's value.
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What an event type or a domain can be called."""


class ContractError(ValueError):
    """A file in the contracts folder cannot be used as a contract."""


def can_be_event_type(name: str) -> bool:
    """Whether an event type can be called so."""
    return NAME.fullmatch(name) is not None and name not in _RESERVED


@dataclass(frozen=True, slots=True)
class EventType:
    """One known event type.

    Attributes:
        name: The event type, e.g. `order_created`.
        domain: The silver and gold domain it belongs to, e.g. `orders`.
    """

    name: str
    domain: str

    @property
    def staging_model(self) -> str:
        """The dbt model that reads it, e.g. `stg_orders__order_created`."""
        return f"stg_{self.domain}__{self.name}"


def read_event_types(folder: Traversable) -> Mapping[str, EventType]:
    """Read the event types that a folder of contracts declares, sorted by name.

    Raises:
        ContractError: A file's or a folder's name cannot be used, or two contracts are of one type.
    """
    event_types: dict[str, EventType] = {}
    for subfolder in folder.iterdir():
        if not subfolder.is_dir():
            continue
        domain = subfolder.name
        if not NAME.fullmatch(domain):
            raise ContractError(f"{domain}/: the folder's name must be a domain, {NAME.pattern}")
        for file in subfolder.iterdir():
            if not file.name.endswith(".json"):
                continue
            name = file.name.removesuffix(".json")
            if not can_be_event_type(name):
                raise ContractError(
                    f"{domain}/{file.name}: the file's name must be an event type, "
                    f"{NAME.pattern}.json, and none of {', '.join(sorted(_RESERVED))}"
                )
            if name in event_types:
                domains = " and ".join(sorted([domain, event_types[name].domain]))
                raise ContractError(f"{name}.json is in {domains}: delete one of the two")
            event_types[name] = EventType(name, domain)
    return MappingProxyType(dict(sorted(event_types.items())))


KNOWN_EVENT_TYPES: Final = read_event_types(resources.files("ingestion") / "contracts")
"""Every known event type by name, in the order of the names."""
