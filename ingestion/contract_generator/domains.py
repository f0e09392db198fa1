"""The models of each accepted table: its arrivals, its quarantine, the entity made of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ingestion.contract_generator.contract import Contract, Field
from ingestion.contract_generator.model_files import (
    business_column,
    documented_column,
    model_sql,
    model_yaml,
)
from ingestion.contract_generator.staging import AFTER, BEFORE, OF_A_ROW, staging_column

# Name, type, whether it may be NULL: models/silver/_silver.md.
_LINEAGE: Final = (
    ("event_at", "timestamp(6)", False),
    ("event_utc_date", "date", False),
    ("timeliness", "varchar", False),
    ("received_at", "timestamp(6)", False),
    ("message_id", "varchar", False),
    ("replayed_from", "varchar", True),
    ("processed_at", "timestamp(6)", False),
)


def domain_models(contracts: Iterable[Contract]) -> Iterator[tuple[str, str, str]]:
    """Return each model of each accepted table: its path without suffix, its SQL and its YAML."""
    tables: dict[str, list[Contract]] = {}
    for contract in contracts:
        tables.setdefault(contract.accepted_model, []).append(contract)
    for own in tables.values():
        yield _arrivals(own)
        yield _accepted(own)
        yield _quarantine(own[0])
        if own[0].entity:
            yield _latest_state(own[0], own[0].entity)
            yield _history(own[0], own[0].entity)


def _arrivals(contracts: Sequence[Contract]) -> tuple[str, str, str]:
    first = contracts[0]
    columns = [
        *map(staging_column, (*BEFORE, *(OF_A_ROW if first.is_row else ()))),
        *(business_column(field, description) for field, description in _columns(contracts)),
        *map(staging_column, AFTER),
    ]
    description = (
        f"What has arrived for {first.accepted_model}: parsed and judged once, for the run that "
        "makes it. Grain: one row per raw line; no key (redeliveries repeat)."
    )
    return (
        f"models/staging/{first.event_type.domain}/{first.arrivals_model}",
        model_sql(_call("judged_versions", "judged_arrivals", first)),
        model_yaml(first.arrivals_model, description, columns),
    )


def _accepted(contracts: Sequence[Contract]) -> tuple[str, str, str]:
    first = contracts[0]
    table, domain, is_row = first.accepted_model, first.event_type.domain, first.is_row
    columns = [
        *(_column(name) for name in ("source", "event_id", "event_type", "system")),
        *(_column(name) for name in (OF_A_ROW if is_row else ())),
        *(
            business_column(field, description, is_not_null=field.name in _always_there(contracts))
            for field, description in _columns(contracts)
        ),
        *(_column(name, data_type, may_be_null=null) for name, data_type, null in _LINEAGE),
    ]
    what = (
        f"Every version of {first.entity}, as their source sent them"
        if is_row
        else f"Every accepted event of the domain {domain}"
    )
    description = (
        f"{what}, exactly once. Grain: one event. Key: (source, event_id). Partition: "
        "event_utc_date. Where bodies with one id differ, the first to arrive, by (received_at, "
        f"message_id), is here and the other in {first.quarantine_model}."
    )
    return (
        f"models/silver/{domain}/{table}",
        model_sql(_call("accepted_versions", "accepted_events", first)),
        model_yaml(table, description, columns, [_unique_key(table, ["source", "event_id"])]),
    )


def _latest_state(contract: Contract, entity: str) -> tuple[str, str, str]:
    id_names = ", ".join(contract.key)
    columns = [
        *_state_columns(contract),
        _column("changed_at", "timestamp(6)"),
        _column("first_seen_date", "date"),
        _column("processed_at", "timestamp(6)"),
    ]
    description = (
        f"The latest state of each of {entity}, from {entity}_versions: the version at the last "
        f"position; what its source deleted is not here. Grain: one {id_names} of one system. Key: "
        f"(system, {id_names}). Partition: first_seen_date."
    )
    return (
        f"models/silver/{contract.event_type.domain}/{entity}",
        model_sql(f"latest_state('{entity}')"),
        model_yaml(entity, description, columns, [_unique_key(entity, ["system", *contract.key])]),
    )


def _history(contract: Contract, entity: str) -> tuple[str, str, str]:
    name, id_names = f"{entity}_history", ", ".join(contract.key)
    columns = [
        *_state_columns(contract),
        _column("valid_from", "timestamp(6)"),
        _column("valid_to", "timestamp(6)"),
        _column("is_current", "boolean"),
        _column("is_first_known", "boolean"),
    ]
    description = (
        f"Every state that each of {entity} has had, and from when to when (type 2): a view over "
        f"{entity}_versions. Grain: one state of one {id_names} of one system. Key: "
        f"(system, {id_names}, valid_from)."
    )
    key = _unique_key(name, ["system", *contract.key, "valid_from"])
    return (
        f"models/silver/{contract.event_type.domain}/{name}",
        model_sql(f"history('{entity}')"),
        model_yaml(name, description, columns, [key]),
    )


def _state_columns(contract: Contract) -> Iterator[dict[str, Any]]:
    yield _column("system")
    for field in contract.fields:
        yield business_column(field, field.description, is_not_null=field.is_required)


def _quarantine(contract: Contract) -> tuple[str, str, str]:
    name, accepted = contract.quarantine_model, contract.accepted_model
    subject = name.removesuffix("_quarantined")
    columns = [
        _column("source", may_be_null=True),
        _column("event_id", may_be_null=True),
        _quarantine_column("event_type"),
        _quarantine_column("event_name"),
        _quarantine_column("event_ts"),
        _quarantine_column("reject_reason"),
        _quarantine_column("reject_field"),
        _quarantine_column("reject_value", is_personal=True),
        _quarantine_column("payload_encoding"),
        _quarantine_column("line", is_personal=True),
        _column("received_at", "timestamp(6)", may_be_null=True),
        _column("message_id", may_be_null=True),
        _column("replayed_from", may_be_null=True),
        _quarantine_column("arrival_date", "date"),
        _column("processed_at", "timestamp(6)", may_be_null=True),
    ]
    # Its columns and its key are tested once for all quarantines, in quarantined_events.
    tests: list[dict[str, Any]] = [
        {
            "is_right_where_this_run_wrote": {
                "name": f"{subject}__is_right_where_this_run_wrote",
                "arguments": {"accepted": accepted},
            }
        },
        {
            "arrivals_are_each_accepted_quarantined_or_duplicate": {
                "name": f"{subject}__arrivals_are_each_accepted_quarantined_or_duplicate",
                "arguments": {"accepted": accepted},
            }
        },
    ]
    description = (
        f"Every rejected raw line that landed for {accepted}, with the reason: nothing is dropped. "
        "Grain: one raw line. Key: (received_at, message_id). Partition: arrival_date."
    )
    return (
        f"models/silver/{contract.event_type.domain}/{name}",
        model_sql(_call("quarantined_versions", "quarantined_lines", contract)),
        model_yaml(name, description, columns, tests),
    )


def _call(of_rows: str, of_facts: str, contract: Contract) -> str:
    """Return the call of a generator: of an entity's rows, or of a domain's facts."""
    return (
        f"{of_rows}('{contract.entity}')"
        if contract.is_row
        else f"{of_facts}('{contract.event_type.domain}')"
    )


def _columns(contracts: Iterable[Contract]) -> Iterator[tuple[Field, str]]:
    """Return the business columns of a table of several types, each once, with its meanings."""
    fields: dict[str, Field] = {}
    meanings: dict[str, dict[str, list[str]]] = {}
    for contract in contracts:
        for field in contract.fields:
            fields.setdefault(field.name, field)
            of_field = meanings.setdefault(field.name, {})
            of_field.setdefault(field.description, []).append(contract.event_type.name)
    for name, field in fields.items():
        of_field = meanings[name]
        if len(of_field) == 1:
            yield field, next(iter(of_field))
        else:
            yield (
                field,
                " ".join(f"Of {', '.join(types)}: {text}" for text, types in of_field.items()),
            )


def _always_there(contracts: Sequence[Contract]) -> set[str]:
    """Return the fields that every row of a table has; of a deleted row that is the key alone."""
    if contracts[0].is_row:
        return set(contracts[0].key)
    required = [
        {field.name for field in contract.fields if field.is_required} for contract in contracts
    ]
    return set.intersection(*required)


def _column(name: str, data_type: str = "varchar", *, may_be_null: bool = False) -> dict[str, Any]:
    return documented_column(name, f"silver_{name}", data_type, is_not_null=not may_be_null)


def _quarantine_column(
    name: str, data_type: str = "varchar", *, is_personal: bool = False
) -> dict[str, Any]:
    return documented_column(name, f"quarantine_{name}", data_type, is_personal=is_personal)


def _unique_key(table: str, columns: list[str]) -> dict[str, Any]:
    return {
        "unique_key": {
            "name": f"{table}__key_is_unique",
            "arguments": {"columns": columns},
            "config": {"tags": ["daily"]},
        }
    }
