"""From a feed to the contract of its rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingestion.contract_generator.contract_reader import REFERENCE
from ingestion.sources.files.feeds import Feed

_EXAMPLES: Final[Mapping[str, Any]] = {
    "identifier": "1",
    "text": "text",
    "integer": 1,
    "amount": "1.00",
    "currency": "EUR",
    "boolean": True,
    "instant": "2026-01-14T09:30:00Z",
    "day": "2026-01-14",
}


def contract_of(feed: Feed, former: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the contract of a feed's rows, as ingestion/contracts has it.

    Args:
        feed: The feed.
        former: The contract of before. What people have written there stays: title, description and
            cadence. The rest is the feed's.
    """
    kept = former or {}
    others = [column.name for column in feed.columns if column.is_required]
    required = [*feed.key, *(name for name in others if name not in feed.key)]
    types = {column.name: column.type for column in feed.columns}
    constants = {name: "currency" if name == "currency_code" else "text" for name in feed.constants}
    return {
        "title": kept.get("title", f"Row of {feed.files}"),
        "description": kept.get(
            "description", f"A row of the files {feed.files}, as it is from this delivery on."
        ),
        "x-kind": "row",
        "x-entity": feed.event_type,
        "x-source": feed.name,
        **({"x-system": feed.system} if feed.system != feed.name else {}),
        "x-key": list(feed.key),
        "x-cadence": kept.get("x-cadence", "fast"),
        "required": required,
        "properties": {
            column.name: {
                "$ref": REFERENCE + column.type,
                "description": column.means,
                **({"x-past": True} if column.is_past else {}),
                **({"x-personal": True} if column.is_personal else {}),
            }
            for column in feed.columns
        }
        | {
            name: {"$ref": REFERENCE + type_, "description": f"{feed.constants[name]}, always."}
            for name, type_ in constants.items()
        },
        # The first is shown flat, the second as a CloudEvent.
        "examples": [{name: _EXAMPLES[types[name]] for name in required}] * 2,
    }
