"""From a table of a database to the contract of its rows, and how the two differ later. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.contract_generator.contract_reader import REFERENCE
from ingestion.sources.databases.database import Column, Shape
from ingestion.sources.databases.settings import Source, Table

# Everything else is text: enums, ranges, JSON, arrays, addresses, money in the server's spelling.
_TYPES: Final = {
    "smallint": "row_integer",
    "integer": "row_integer",
    "bigint": "row_integer",
    "numeric": "row_decimal",
    "real": "row_double",
    "double precision": "row_double",
    "boolean": "row_boolean",
    "timestamp with time zone": "row_instant",
    "timestamp without time zone": "row_local_time",
    "date": "row_day",
    # MySQL's and MariaDB's, where they are called otherwise.
    "tinyint": "row_integer",
    "mediumint": "row_integer",
    "int": "row_integer",
    "bigint unsigned": "row_decimal",
    "year": "row_integer",
    "decimal": "row_decimal",
    "float": "row_double",
    "double": "row_double",
    "timestamp": "row_instant",
    "datetime": "row_local_time",
}


def contract_of(
    source: Source, table: Table, shape: Shape, former: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the contract of a table's rows, as ingestion/contracts has it.

    Args:
        source: The source that the table is in.
        table: The table.
        shape: What the database says of it.
        former: The contract of before. What people have written there stays: texts, cadence, and
            which columns say something about a person.
    """
    kept = former or {}
    known = kept.get("properties", {})
    keys = [shape.column(name).field for name in table.key]
    return {
        "title": kept.get("title", f"Row of {table.label} in {source.name}"),
        "description": kept.get(
            "description",
            f"A row of the table {table.label} in the database {source.name}, as it is from now "
            "on, or that it was deleted.",
        ),
        "x-kind": "row",
        "x-entity": table.event_type,
        "x-source": source.name,
        "x-key": keys,
        "x-cadence": kept.get("x-cadence", "fast"),
        "required": keys,
        "properties": {
            column.field: _property(
                column, known.get(column.field, {}), is_key=column.field in keys
            )
            for column in shape.columns
        },
        # The first is shown flat, the second as a CloudEvent.
        "examples": [dict.fromkeys(keys, "1"), dict.fromkeys(keys, "2")],
    }


def _property(column: Column, former: Mapping[str, Any], *, is_key: bool) -> dict[str, Any]:
    described = former.get("description") or f"The column {column.name}, {column.full_type}."
    personal = {"x-personal": True} if former.get("x-personal") else {}
    return {"$ref": REFERENCE + _type(column, is_key=is_key), "description": described, **personal}


def _type(column: Column, *, is_key: bool) -> str:
    return "identifier" if is_key else _TYPES.get(column.type, "row_text")


def changes(table: Table, shape: Shape, contract: Mapping[str, Any]) -> Iterator[str]:
    """Say how a table differs from its contract: a sentence for each column."""
    properties = contract.get("properties", {})
    fields = {column.field: column for column in shape.columns}
    keys = [shape.column(name).field for name in table.key]
    for name, column in fields.items():
        type_ = _type(column, is_key=name in keys)
        if name not in properties:
            yield f"the column {column.name} ({column.full_type}) came"
        elif properties[name].get("$ref") != REFERENCE + type_:
            yield f"the column {column.name} is of type {column.full_type} now"
    for name in properties:
        if name not in fields:
            yield f"the column {name} went"
