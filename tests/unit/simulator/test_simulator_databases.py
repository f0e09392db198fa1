"""The web shop and the wholesaler: what they do is what a database would take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.databases.rows import SCHEMAS, RowChange, Value
from simulator.databases.webshop import Webshop, resumed
from simulator.databases.wholesale import Wholesale

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2026, 1, 31, tzinfo=UTC)
STATUSES = {"PENDING", "SHIPPED", "DELIVERED", "CANCELLED"}
# What a column of one table names in another.
REFERENCES = {
    "fact_sales": {"user_id": "dim_users", "product_id": "dim_products"},
    "employees": {"office_code": "offices", "reports_to": "employees"},
    "customers": {"sales_employee_number": "employees"},
    "products": {"product_line": "product_lines"},
    "orders": {"customer_number": "customers"},
    "order_details": {"order_number": "orders", "product_code": "products"},
    "payments": {"customer_number": "customers"},
}

Key = tuple[Value, ...]


class Tables:
    """Tables in memory, which refuse what a database would."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Key, dict[str, Value]]] = {}

    def apply(self, changes: Iterable[RowChange]) -> None:
        for change in changes:
            rows, key = self.rows.setdefault(change.table, {}), tuple(change.key.values())
            self._check_references(change)
            if change.op == "insert":
                assert key not in rows, change
                rows[key] = {**change.key, **change.values}
            elif change.op == "update":
                assert change.values.keys() <= self._columns(change.table), change
                rows[key].update(change.values)
            else:
                del rows[key]
                self._check_is_not_named(change.table, key)

    def query(self, sql: str) -> list[Key]:
        """The rows of the queries that `resumed` asks."""
        sales = self.rows.get("fact_sales", {})
        answers: Mapping[str, list[Key]] = {
            "select id from dim_users order by id": sorted(self.rows.get("dim_users", {})),
            "select coalesce(max(id), 0) from fact_sales": [max(sales, default=(0,))],
            "select distinct user_id from fact_sales": [
                (row["user_id"],) for row in sales.values()
            ],
            "select id, price from dim_products order by id": [
                (*key, row["price"]) for key, row in self.rows["dim_products"].items()
            ],
            "select id, status from fact_sales "
            "where status in ('PENDING', 'SHIPPED') order by id": [
                (*key, row.get("status", "PENDING"))
                for key, row in sorted(sales.items())
                if row.get("status", "PENDING") in ("PENDING", "SHIPPED")
            ],
        }
        return answers[sql]

    def _columns(self, table: str) -> set[str]:
        return {name for row in self.rows[table].values() for name in row} | {"shipped_date"}

    def _check_references(self, change: RowChange) -> None:
        given = {**change.key, **change.values}
        for column, table in REFERENCES.get(change.table, {}).items():
            named = given.get(column)
            assert named is None or (named,) in self.rows[table], change

    def _check_is_not_named(self, table: str, key: Key) -> None:
        for other, columns in REFERENCES.items():
            for column, named in columns.items():
                if named == table:
                    assert key[0] not in {row[column] for row in self.rows.get(other, {}).values()}


def a_webshop(seed: int) -> tuple[Webshop, Tables]:
    shop, tables = Webshop(Random(seed)), Tables()
    tables.apply(shop.opening(30, 50, SINCE, UNTIL))
    return shop, tables


@given(seed=st.integers(0, 2**32))
def test_a_web_shop_does_what_its_tables_take(seed: int) -> None:
    shop, tables = a_webshop(seed)
    tables.apply(shop.next_change() for _ in range(300))
    sales = tables.rows["fact_sales"]
    assert len(sales) > 50
    assert {row.get("status", "PENDING") for row in sales.values()} <= STATUSES
    for row in sales.values():
        assert isinstance(row["amount"], Decimal)
        assert row["amount"] > 0
        assert row["amount"] == row["amount"].quantize(Decimal("0.01"))


@given(seed=st.integers(0, 2**32), changes=st.integers(0, 200))
def test_a_web_shop_is_what_its_tables_say(seed: int, changes: int) -> None:
    shop, tables = a_webshop(seed)
    tables.apply(shop.next_change() for _ in range(changes))
    again = resumed(seed, tables.query)
    assert again.users == shop.users
    assert again.buyers == shop.buyers
    assert again.prices == shop.prices
    assert again.open == shop.open
    assert again.next_sale == shop.next_sale
    tables.apply(again.next_change() for _ in range(100))


def test_sales_of_a_web_shop_come_to_every_status() -> None:
    shop, tables = a_webshop(seed=1)
    tables.apply(shop.next_change() for _ in range(300))
    sales = tables.rows["fact_sales"]
    assert {row.get("status", "PENDING") for row in sales.values()} == STATUSES


def test_a_status_of_the_web_shop_never_goes_back() -> None:
    shop, tables = a_webshop(1)
    next_ones = {"PENDING": {"SHIPPED", "CANCELLED"}, "SHIPPED": {"DELIVERED", "CANCELLED"}}
    for _ in range(2_000):
        change = shop.next_change()
        if change.op == "update" and change.table == "fact_sales":
            before = tables.rows["fact_sales"][tuple(change.key.values())].get("status", "PENDING")
            assert change.values["status"] in next_ones[str(before)]
        tables.apply([change])


@given(seed=st.integers(0, 2**32))
def test_a_wholesaler_does_what_its_tables_take(seed: int) -> None:
    wholesale, tables = Wholesale(Random(seed), date(2026, 2, 1)), Tables()
    tables.apply(wholesale.opening(20, 30))
    tables.apply(wholesale.next_change() for _ in range(300))
    assert len(tables.rows) == 8
    ordered = {key[0] for key in tables.rows["order_details"]}
    *placed, last = list(tables.rows["orders"])
    # The lines of the last may be still to come.
    assert {key[0] for key in placed} <= ordered <= {key[0] for key in (*placed, last)}


@pytest.mark.parametrize("business", ["webshop", "wholesale"])
def test_the_same_seed_is_the_same_business(business: str) -> None:
    def run() -> list[RowChange]:
        if business == "webshop":
            shop = Webshop(Random(7))
            changes = list(shop.opening(30, 50, SINCE, UNTIL))
            return changes + [shop.next_change() for _ in range(200)]
        wholesale = Wholesale(Random(7), date(2026, 2, 1))
        changes = list(wholesale.opening(20, 30))
        return changes + [wholesale.next_change() for _ in range(200)]

    first = run()
    assert first == run()
    assert (SCHEMAS / f"{business}.sql").is_file()
