"""The lists of the known event types: for the ingester, and for dbt.

For dbt it is a macro: its Jinja cannot read files while it parses.
"""

import json
from collections.abc import Iterable
from textwrap import indent
from typing import Final

from ingestion.contract_generator.contract import Contract, Field
from ingestion.contract_generator.marker import MARKER

FILE: Final = "ingestion/known_types.json"
MACRO_FILE: Final = "macros/generated/known_event_types.sql"

_TEMPLATE: Final = """\
{{#-
    The known event types, sorted by name: a list of what each contract says.

    event_type      its name
    domain          the folder of its contract
    kind            `event` or `row`
    cadence         `fast` or `hourly`
    entity          of a row, what the rows are, in the plural; none of an event
    source          of a database's table or a feed, the source that it is in; none of all else
    system          of such a one, whose ids are in it; none of all else
    key             the fields that name the thing it is about
    staging_model   the model that reads it
    accepted_model  the silver table of its accepted events
    columns         its business fields: name, type (of types.json, or `list`), data_type, required,
                    personal, past (of a time, whether it has to have come), values (the texts it
                    can be; none for any); of a list also most (how many items there can be) and
                    fields, as these of each item

    {marker}
-#}}
{{% macro known_event_types() %}}
    {{{{ return([
{rows}
    ]) }}}}
{{% endmacro %}}
"""

_ROW: Final = """\
        {{
            'event_type': '{event_type}',
            'domain': '{domain}',
            'kind': '{kind}',
            'cadence': '{cadence}',
            'entity': {entity},
            'source': {source},
            'system': {system},
            'key': [{key}],
            'staging_model': '{staging_model}',
            'accepted_model': '{accepted_model}',
            'columns': [
{columns}
            ],
        }},"""

_COLUMN: Final = """\
{{
    'name': '{name}',
    'type': '{type}',
    'data_type': '{data_type}',
    'required': {required},
    'personal': {personal},
    'past': {past},
    'values': {values},{items}
}},"""

_ITEMS: Final = """
    'most': {most},
    'fields': [
{fields}
    ],"""


def known_types_json(contracts: Iterable[Contract]) -> str:
    """Return the text of the ingester's list: `{event type: domain}`."""
    domains = {contract.event_type.name: contract.event_type.domain for contract in contracts}
    return json.dumps(domains, indent=2) + "\n"


def known_types_macro(contracts: Iterable[Contract]) -> str:
    """Return the text of the macro `known_event_types()`."""
    return _TEMPLATE.format(marker=MARKER, rows="\n".join(map(_row, contracts)))


def _row(contract: Contract) -> str:
    known = contract.event_type
    return _ROW.format(
        event_type=known.name,
        domain=known.domain,
        kind=contract.kind,
        cadence=contract.cadence,
        entity=_literal(contract.entity),
        source=_literal(contract.source),
        system=_literal(contract.system),
        key=", ".join(map(_literal, contract.key)),
        staging_model=known.staging_model,
        accepted_model=contract.accepted_model,
        columns=_columns(contract.fields, 16 * " "),
    )


def _columns(fields: Iterable[Field], margin: str) -> str:
    return indent("\n".join(map(_column, fields)), margin)


def _items(field: Field) -> str:
    if field.items is None:
        return ""
    return _ITEMS.format(most=field.items.most, fields=_columns(field.items.fields, 8 * " "))


def _column(field: Field) -> str:
    values = "none" if field.values is None else f"[{', '.join(map(_literal, field.values))}]"
    return _COLUMN.format(
        name=field.name,
        type=field.type.name,
        data_type=field.type.data_type,
        required=str(field.is_required).lower(),
        personal=str(field.is_personal).lower(),
        past=str(field.is_past).lower(),
        values=values,
        items=_items(field),
    )


def _literal(text: str | None) -> str:
    """A text in Jinja; the reader has let no quote through."""
    return "none" if text is None else f"'{text}'"
