"""The known event types: those of the contracts when `make contracts` last ran.

It writes the list for the ingester in the same moment as the one for dbt: a type that one of them
knew alone would land where the other does not look.
"""

import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

from ingestion.event_type import EventType

FILE: Final = "known_types.json"
"""The list, in this package: `{event type: domain}`."""


def read_known_types(text: str) -> Mapping[str, EventType]:
    """Read the list, in its order: sorted by name."""
    return MappingProxyType(
        {name: EventType(name, domain) for name, domain in json.loads(text).items()}
    )


KNOWN_EVENT_TYPES: Final = read_known_types((resources.files("ingestion") / FILE).read_text())
"""Every known event type by name, in the order of the names."""
