"""What a lakehouse holds on either engine, and how two of them differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ingestion.contract_generator.contract_reader import read_contracts
from tests.support.road.lakehouse import PROJECT, Lakehouse, Rows

# The keys of what is written by hand, by which rows are told apart.
_BY_HAND: Final[Mapping[str, Sequence[str]]] = {
    "retailpulse_silver.reject_reasons": ("reject_reason",),
    "retailpulse_silver.quarantine_closings": ("reject_reason", "received_until"),
    "retailpulse_silver.conformed_cart_abandonments": ("system", "cart_id", "product_id"),
    "retailpulse_silver.conformed_customers": ("system", "customer_id"),
    "retailpulse_silver.conformed_customers_history": ("system", "customer_id", "valid_from"),
    "retailpulse_silver.conformed_order_items": ("system", "order_id", "line_number"),
    "retailpulse_silver.conformed_orders": ("system", "order_id"),
    "retailpulse_silver.conformed_payments": ("system", "customer_id", "payment_id"),
    "retailpulse_silver.conformed_products": ("system", "product_id"),
    "retailpulse_silver.conformed_products_history": ("system", "product_id", "valid_from"),
    "retailpulse_silver.ordered_products": ("system", "product_id"),
    "retailpulse_silver.orders": ("system", "order_id"),
    "retailpulse_silver.refunds": ("system", "refund_id"),
    "retailpulse_silver.operations_quarantined": ("received_at", "message_id"),
    "retailpulse_silver.quarantined_events": ("received_at", "message_id"),
    "retailpulse_silver.quarantined_events_status": ("received_at", "message_id"),
    "retailpulse_silver.event_conservation": ("domain", "arrival_hour"),
    "retailpulse_silver.run_windows": ("model_name",),
    "retailpulse.fact_orders": ("system", "order_id"),
    "retailpulse.fact_order_items": ("system", "order_id", "line_number"),
    "retailpulse.fact_refunds": ("system", "refund_id"),
    "retailpulse.agg_daily_revenue": ("event_date", "currency_code"),
    "retailpulse.agg_order_status": ("status", "currency_code"),
    "retailpulse.agg_abandoned_carts": ("event_date", "currency_code"),
    "retailpulse.agg_abandonment_by_product": ("system", "product_id", "currency_code"),
    "retailpulse.agg_abandonment_rate": ("event_date", "system", "product_id"),
    "retailpulse.agg_city_performance": ("city", "currency_code"),
    "retailpulse.agg_customer_abandoned_products": (
        *("system", "customer_id", "currency_code", "product_rank"),
    ),
    "retailpulse.agg_department_sales": ("system", "department_id", "currency_code"),
    "retailpulse.agg_overdue_references": ("reference", "system", "reference_id"),
    "retailpulse.agg_product_reorders": ("system", "product_id"),
    "retailpulse.agg_product_sales": ("system", "product_id", "currency_code"),
    "retailpulse.dim_customers": ("system", "customer_id"),
    "retailpulse.dim_customers_history": ("system", "customer_id", "valid_from"),
    "retailpulse.dim_dates": ("date_day",),
    "retailpulse.dim_departments": ("system", "department_id"),
    "retailpulse.dim_employees": ("system", "employee_id"),
    "retailpulse.dim_offices": ("system", "office_id"),
    "retailpulse.dim_products": ("system", "product_id"),
    "retailpulse.dim_products_history": ("system", "product_id", "valid_from"),
    "retailpulse.fact_cart_abandonments": ("system", "cart_id", "product_id"),
    "retailpulse.fact_payments": ("system", "customer_id", "payment_id"),
}


def keys_of(project: Path) -> dict[str, Sequence[str]]:
    """The key of every table and view of silver and gold, in a project or in a copy of it."""
    keys = dict(_BY_HAND)
    for contract in read_contracts(project / "ingestion" / "contracts"):
        keys[f"retailpulse_silver.{contract.quarantine_model}"] = ("received_at", "message_id")
        keys[f"retailpulse_silver.{contract.accepted_model}"] = ("source", "event_id")
        if contract.entity:
            key = ("system", *contract.key)
            keys[f"retailpulse_silver.{contract.entity}"] = key
            keys[f"retailpulse_silver.{contract.entity}_history"] = (*key, "valid_from")
    return keys


KEYS: Final = keys_of(PROJECT)
"""The keys of the project's own tables and views."""

# dbt's own number of a run: the one column that no two runs share.
_UNSHARED: Final = {"invocation_id"}

# What Athena calls the types that DuckDB's tables have. A type that is missing here is none that
# the models should have.
_ATHENA_TYPES: Final = {
    "VARCHAR": "varchar",
    "BOOLEAN": "boolean",
    "BIGINT": "bigint",
    "DATE": "date",
    "TIMESTAMP": "timestamp(6)",
    "DECIMAL(18,4)": "decimal(18,4)",
    "DECIMAL(38,4)": "decimal(38,4)",
    "DECIMAL(38,9)": "decimal(38,9)",
}

COLUMNS: Final = (
    "select table_schema, table_name, column_name, data_type from information_schema.columns "
    "where table_schema in ('retailpulse', 'retailpulse_silver') "
    "order by table_schema, table_name, ordinal_position"
)


@dataclass(frozen=True)
class Relation:
    """A table or view.

    Attributes:
        columns: The type of each column, as Athena calls it, in the table's order.
        rows: All rows, in any order.
    """

    columns: dict[str, str]
    rows: Rows


Contents = dict[str, Relation]


def duckdb_contents(lakehouse: Lakehouse) -> Contents:
    """Read everything of an embedded lakehouse."""
    with lakehouse.connect() as connection:
        columns = columns_by_table(
            (schema, table, column, _ATHENA_TYPES[duckdb_type])
            for schema, table, column, duckdb_type in connection.execute(COLUMNS).fetchall()
        )
        return {
            table: Relation(types, connection.execute(select_all(table, types)).fetchall())
            for table, types in columns.items()
        }


def columns_by_table(
    rows: Iterator[tuple[str, str, str, str]],
) -> dict[str, dict[str, str]]:
    """Gather rows of schema, table, column and type by the table's name."""
    found: dict[str, dict[str, str]] = {}
    for schema, table, column, column_type in rows:
        if column not in _UNSHARED:
            found.setdefault(f"{schema}.{table}", {})[column] = column_type
    return found


def select_all(table: str, columns: Mapping[str, str]) -> str:
    """The query for all rows of a table, its columns in order."""
    return f"select {', '.join(columns)} from {table}"


def differences(
    expected: Contents,
    actual: Contents,
    ignored: Sequence[str] = (),
    keys: Mapping[str, Sequence[str]] = KEYS,
) -> list[str]:
    """Say how two lakehouses differ: table, key, column, and both values.

    Args:
        expected: What is right.
        actual: What is compared with it.
        ignored: Columns that may differ.
        keys: The key of each table; see `keys_of`.
    """
    found = [f"{table}: a table without a known key" for table in expected if table not in keys]
    found += [f"{table}: not there" for table in expected if table not in actual]
    found += [f"{table}: not expected" for table in actual if table not in expected]
    for table, key in keys.items():
        if table in expected and table in actual:
            found += _differences(table, key, expected[table], actual[table], set(ignored))
    return found


def repeated_keys(contents: Contents) -> list[str]:
    """Say which keys a table or view holds more than once."""
    return [
        f"{table} {dict(zip(KEYS[table], name, strict=True))}: {len(rows)} rows"
        for table, relation in contents.items()
        for name, rows in _by_key(KEYS[table], list(relation.columns), relation).items()
        if len(rows) > 1
    ]


def _differences(
    table: str, key: Sequence[str], expected: Relation, actual: Relation, ignored: set[str]
) -> Iterator[str]:
    if expected.columns != actual.columns:
        yield f"{table}: columns {actual.columns}, not {expected.columns}"
    columns = [name for name in expected.columns if name in actual.columns and name not in ignored]
    left, right = _by_key(key, columns, expected), _by_key(key, columns, actual)
    for name in sorted(left.keys() | right.keys(), key=repr):
        wanted, seen = left.get(name), right.get(name)
        if wanted == seen:
            continue
        told = f"{table} {dict(zip(key, name, strict=True))}"
        if wanted is None or seen is None or len(wanted) != 1 or len(seen) != 1:
            yield f"{told}: {len(seen or ())} rows, not {len(wanted or ())}: {seen or wanted}"
            continue
        for column, one, other in zip(columns, wanted[0], seen[0], strict=True):
            if one != other:
                yield f"{told}: {column} is {other!r}, not {one!r}"


def _by_key(
    key: Sequence[str], columns: Sequence[str], relation: Relation
) -> dict[tuple[Any, ...], list[tuple[Any, ...]]]:
    at = {name: number for number, name in enumerate(relation.columns)}
    rows: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in relation.rows:
        rows.setdefault(tuple(row[at[name]] for name in key), []).append(
            tuple(
                _refused(row[at[name]]) if name == "reject_value" else row[at[name]]
                for name in columns
            )
        )
    for same_key in rows.values():
        same_key.sort(key=repr)
    return rows


def _refused(value: str | None) -> object:
    """A refused JSON value as what it says: the engines spell one number in different ways."""
    try:
        return None if value is None else json.loads(value)
    except ValueError:
        # It was cut.
        return value


def told(step: str, found: list[str]) -> str:
    """The first differences, one a line."""
    return "\n".join([f"{step}: {len(found)} differences", *found[:20]])
