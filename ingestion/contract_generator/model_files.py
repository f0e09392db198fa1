"""What generated models have in common: their SQL of one line, and the form of their YAML."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from ingestion.contract_generator.contract import Field
from ingestion.contract_generator.marker import MARKER

_SQL: Final = """\
{{#- {marker}
    Without this comment the model is yours, and is left alone. -#}}
{{{{ {call} }}}}
"""


_NEVER_NULL: Final = "never_null"


def model_sql(call: str) -> str:
    """Return the text of a model that is one call of a macro, e.g. `staged_events('x')`."""
    return _SQL.format(marker=MARKER, call=call)


def model_yaml(
    name: str,
    description: str,
    columns: Sequence[Mapping[str, Any]],
    tests: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the text of the YAML beside a model.

    What is never NULL is one test of all these columns: each is a statement, and is billed.
    """
    never_null = [column["name"] for column in columns if column.get(_NEVER_NULL)]
    if never_null:
        test = {"name": f"{name}__columns_are_not_null", "arguments": {"columns": never_null}}
        tests = [*tests, {"columns_are_not_null": test}]
    model: dict[str, Any] = {"name": name, "description": description}
    if tests:
        model["data_tests"] = list(tests)
    model["columns"] = [
        {keyword: value for keyword, value in column.items() if keyword != _NEVER_NULL}
        for column in columns
    ]
    text = yaml.safe_dump(
        {"version": 2, "models": [model]}, sort_keys=False, allow_unicode=True, width=100
    )
    return f"# {MARKER}\n{text}"


def documented_column(
    name: str, block: str, data_type: str, *, is_personal: bool = False, is_not_null: bool = False
) -> dict[str, Any]:
    """Return a column whose meaning is in a docs block."""
    column: dict[str, Any] = {
        "name": name,
        "description": f'{{{{ doc("{block}") }}}}',
        "data_type": data_type,
    }
    return _with_properties(column, is_personal=is_personal, is_not_null=is_not_null)


def business_column(field: Field, description: str, *, is_not_null: bool = False) -> dict[str, Any]:
    """Return the column of a contract's field."""
    column = {"name": field.name, "description": description, "data_type": field.type.data_type}
    return _with_properties(column, is_personal=field.is_personal, is_not_null=is_not_null)


def _with_properties(
    column: dict[str, Any], *, is_personal: bool, is_not_null: bool
) -> dict[str, Any]:
    if is_personal:
        column["config"] = {"meta": {"pii": True}}
    if is_not_null:
        column[_NEVER_NULL] = True
    return column
