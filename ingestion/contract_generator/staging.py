"""The staging model of a contract, and the YAML that describes it."""

from typing import Any, Final

import yaml

from ingestion.contract_generator.contract import Contract, Field
from ingestion.contract_generator.marker import MARKER

_SQL: Final = """\
{{#- {marker}
    Without this comment the model is yours, and is left alone. -#}}
{{{{ staged_events('{event_type}') }}}}
"""

# Columns that every staging model has around the business fields: models/staging/_staging.md.
_BEFORE: Final = (
    *("source", "event_id", "event_type", "event_name", "event_ts", "payload_encoding"),
    *("received_at", "message_id", "replayed_from", "dt", "hour", "line", "event_at"),
)
_OF_A_ROW: Final = ("op", "sequence")
_AFTER: Final = ("reject_reason", "reject_field", "reject_value")
_PERSONAL: Final = ("line", "reject_value")
_TYPES: Final = {"received_at": "timestamp(6)", "event_at": "timestamp(6)"}


def staging_path(contract: Contract) -> str:
    """Return where the model lies in the project, without the suffix."""
    known = contract.event_type
    return f"models/staging/{known.domain}/{known.staging_model}"


def staging_sql(contract: Contract) -> str:
    """Return the text of the model."""
    return _SQL.format(marker=MARKER, event_type=contract.event_type.name)


def staging_yaml(contract: Contract) -> str:
    """Return the text of the YAML beside the model."""
    known = contract.event_type
    around = (*_BEFORE, *(_OF_A_ROW if contract.is_row else ()))
    model = {
        "name": known.staging_model,
        "description": (
            f"{contract.title}, as producers sent it: typed, judged, neither joined nor "
            f"deduplicated. Grain: one row per raw line of type {known.name}; no key (redeliveries "
            f"repeat). A field that is missing or cannot be read is NULL. {contract.description}"
        ),
        "columns": [
            *map(_common_column, around),
            *map(_business_column, contract.fields),
            *map(_common_column, _AFTER),
        ],
    }
    text = yaml.safe_dump(
        {"version": 2, "models": [model]}, sort_keys=False, allow_unicode=True, width=100
    )
    return f"# {MARKER}\n{text}"


def _common_column(name: str) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": name,
        "description": f'{{{{ doc("staging_{name}") }}}}',
        "data_type": _TYPES.get(name, "varchar"),
    }
    return _personal(column) if name in _PERSONAL else column


def _business_column(field: Field) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": field.name,
        "description": f"{field.description} {field.type.description}",
        "data_type": field.type.data_type,
    }
    return _personal(column) if field.is_personal else column


def _personal(column: dict[str, Any]) -> dict[str, Any]:
    return column | {"config": {"meta": {"pii": True}}}
