"""A call of every macro of macros/cross_db, and how to see on DuckDB what it makes of values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import duckdb

# One call of each macro, over the columns of the table that its test makes.
CALLS = {
    "business_date": "{{ business_date('value') }}",
    "divide_amount": "{{ divide_amount('amount', 'count') }}",
    "iso8601_date": "{{ iso8601_date('value') }}",
    "iso8601_timestamp": "{{ iso8601_timestamp('value') }}",
    "iso_day_of_week": "{{ iso_day_of_week('value') }}",
    "json_extract_all": "{{ json_extract_all('value', ['$.a.b', '$.é', '$.l']) }}",
    "json_items": "{{ json_items('value', ['$.a', '$.b']) }}",
    "json_is_given": "{{ json_is_given('value') }}",
    "json_is_string": "{{ json_is_string('value') }}",
    "json_scalar": "{{ json_scalar('value') }}",
    "json_string": "{{ json_string('value') }}",
    "json_text": "{{ json_text('value') }}",
    "json_decimal": "{{ json_decimal('value') }}",
    "json_integer": "{{ json_integer('value') }}",
    "json_boolean": "{{ json_boolean('value') }}",
    "join_texts": "{{ join_texts('value', '+') }}",
    "transform_list": "{{ transform_list('value', 'text', 'length(text)') }}",
    "same_value": "{{ same_value('value', 'other') }}",
    "member": "{{ json_extract_all('value', ['$.a']) }}",
    "currency": "{{ regexp_like('value', '^[A-Z]{3}\\\\z') }}",
    "control": "{{ regexp_like('value', '[\\\\x00-\\\\x1f\\\\x7f]') }}",
    "type_timestamp6": "cast(value as {{ type_timestamp6() }})",
}


def results(expression: str, rows: Iterable[Sequence[Any]], columns: str) -> list[Any]:
    """The values of an expression over rows, in their order; `columns` is a column list."""
    with duckdb.connect() as connection:
        connection.execute(f"create table edges (row_number integer, {columns})")
        for number, row in enumerate(rows):
            marks = ", ".join("?" * (len(row) + 1))
            connection.execute(f"insert into edges values ({marks})", [number, *row])
        # All rows in one vector, as in a model: a macro must guard its casts there too.
        query = f"select {expression} from edges order by row_number"
        return [row[0] for row in connection.execute(query).fetchall()]


def assert_agrees(
    expression: str, values: Sequence[Any], expected: Callable[[Any], Any], type_: str = "varchar"
) -> None:
    found = results(expression, [[value] for value in values], f"value {type_}")
    differing = [
        (value, got, expected(value))
        for value, got in zip(values, found, strict=True)
        if (got, type(got)) != (expected(value), type(expected(value)))
    ]
    assert differing == []
