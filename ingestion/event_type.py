"""What an event type is, and what it can be called."""

import re
from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = "unknown"

# The last three are the JSON text of values that are not text.
RESERVED: Final = frozenset({UNKNOWN, "true", "false", "null"})

# An event type becomes part of an object's key and of a partition's value.
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What an event type or a domain can be called."""


def can_be_event_type(name: str) -> bool:
    """Whether an event type can be called so."""
    return NAME.fullmatch(name) is not None and name not in RESERVED


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type.

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
