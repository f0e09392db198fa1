"""The staging model of a contract, and the YAML that describes it."""

from typing import Any, Final

from ingestion.contract_generator.contract import Contract
from ingestion.contract_generator.model_files import (
    business_column,
    documented_column,
    model_sql,
    model_yaml,
)

# Columns that every staging model has around the business fields: models/staging/_staging.md.
BEFORE: Final = (
    *("source", "event_id", "event_type", "event_name", "event_ts", "payload_encoding"),
    *("received_at", "message_id", "replayed_from", "dt", "hour", "line", "event_at"),
)
OF_A_ROW: Final = ("op", "sequence")
AFTER: Final = ("reject_reason", "reject_field", "reject_value")
_PERSONAL: Final = ("line", "reject_value")
_TYPES: Final = {"received_at": "timestamp(6)", "event_at": "timestamp(6)"}


def staging_path(contract: Contract) -> str:
    """Return where the model lies in the project, without the suffix."""
    known = contract.event_type
    return f"models/staging/{known.domain}/{known.staging_model}"


def staging_sql(contract: Contract) -> str:
    """Return the text of the model."""
    return model_sql(f"staged_events('{contract.event_type.name}')")


def staging_yaml(contract: Contract) -> str:
    """Return the text of the YAML beside the model."""
    known = contract.event_type
    return model_yaml(
        known.staging_model,
        f"{contract.title}, as producers sent it: typed, judged, neither joined nor "
        f"deduplicated. Grain: one row per raw line of type {known.name}; no key (redeliveries "
        f"repeat). A field that is missing or cannot be read is NULL. {contract.description}",
        [
            *map(staging_column, (*BEFORE, *(OF_A_ROW if contract.is_row else ()))),
            *(
                business_column(field, f"{field.description} {field.type.description}")
                for field in contract.fields
            ),
            *map(staging_column, AFTER),
        ],
    )


def staging_column(name: str) -> dict[str, Any]:
    """Return a column that every staging model has."""
    return documented_column(
        name, f"staging_{name}", _TYPES.get(name, "varchar"), is_personal=name in _PERSONAL
    )
