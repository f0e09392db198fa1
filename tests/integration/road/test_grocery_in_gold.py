"""The files of a grocery: whatever comes first, and however often, gold is what it sold."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from simulator.grocery.business import Grocery, products
from simulator.grocery.files import CART_RECORDS, grocery, write_deliveries
from tests.support.progress import run
from tests.support.project.followed import FEEDS, project_following
from tests.support.road.lakehouse import Lakehouse

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
SEED: Final = 7
ORDERS: Final = 600
MODELS: Final = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

REVENUE: Final = "select event_date, daily_revenue from retailpulse.agg_daily_revenue order by all"
SOLD: Final = "select sum(sold_quantity) from retailpulse.agg_department_sales"
# What says when a file came, or when it was read, is all that may differ.
GOLD: Final = {
    "fact_orders": "* exclude (processed_at)",
    "fact_order_items": "* exclude (processed_at)",
    "fact_cart_abandonments": "* exclude (processed_at)",
    "dim_customers": "* exclude (changed_at)",
    "dim_departments": "*",
    "dim_products": "* exclude (changed_at)",
    **dict.fromkeys(
        (
            *("agg_abandonment_by_product", "agg_abandonment_rate", "agg_product_sales"),
            *("agg_customer_abandoned_products", "agg_daily_revenue", "agg_department_sales"),
            *("agg_overdue_references", "agg_product_reorders"),
        ),
        "*",
    ),
}


class Dropped:
    """A lakehouse that the grocery's files are dropped into."""

    def __init__(self, home: Path, project: Path, files: Path) -> None:
        home.mkdir()
        self.files = files
        self.lakehouse = Lakehouse(home, project)
        self._environment = os.environ | {"PYTHONPATH": str(project)} | self.lakehouse.environment

    def drop(self, *names: str) -> None:
        given = [str(self.files / name) for name in names]
        run(
            [str(Path(sys.executable).with_name("retailpulse")), "drop", *given],
            cwd=self.lakehouse.project,
            env=self._environment,
        )

    def gold(self) -> dict[str, list[Any]]:
        return {
            table: self.lakehouse.query(f"select {columns} from retailpulse.{table} order by all")
            for table, columns in GOLD.items()
        }


@pytest.fixture(name="files", scope="module")
def _files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grocery")
    write_deliveries(folder, SEED, START, ORDERS)
    return folder


def test_whatever_comes_first_gold_is_what_it_sold(files: Path, tmp_path: Path) -> None:
    project = project_following(tmp_path / "project", *FEEDS)
    children = Dropped(tmp_path / "children", project, files)
    children.drop("cart_abandonment_data.csv", "order_items_2.csv", "order_items_1.csv")
    children.lakehouse.build(*MODELS)
    assert children.lakehouse.query("select count(*) from retailpulse.fact_orders") == [(0,)]
    sold = children.lakehouse.query(SOLD)
    children.drop("orders_2.csv", "orders_1.csv")
    children.lakehouse.build("--selector", "fast")
    revenue = children.lakehouse.query(REVENUE)
    [(orphans,)] = children.lakehouse.query(
        "select count(*) from retailpulse.agg_department_sales where department_id = 'unknown'"
    )
    assert orphans == 1
    children.drop("products_2.csv", "products_1.csv")
    children.lakehouse.build()

    assert children.lakehouse.query(REVENUE) == revenue
    assert children.lakehouse.query(SOLD) == sold
    assert children.lakehouse.query("from retailpulse.agg_overdue_references") == []

    parents = Dropped(tmp_path / "parents", project, files)
    parents.drop("products_1.csv", "products_2.csv", "orders_1.csv", "order_items_1.csv")
    parents.drop("orders_2.csv", "orders_2.csv", "order_items_2.csv", "cart_abandonment_data.csv")
    parents.lakehouse.build(*MODELS)
    expected = parents.gold()
    for table, rows in children.gold().items():
        assert rows == expected[table], table

    _is_what_it_sold(parents.lakehouse, grocery(SEED, START))
    _is_quarantined(parents.lakehouse, files)


def _is_what_it_sold(lakehouse: Lakehouse, business: Grocery) -> None:
    orders = list(business.orders(ORDERS))
    carts = list(business.left_items(CART_RECORDS))
    revenue: dict[Any, Decimal] = defaultdict(Decimal)
    for order, _ in orders:
        revenue[order.placed_at.date()] += _dollars(order.total_cents)
    assert lakehouse.query(REVENUE) == sorted(revenue.items())

    sold = Counter(item.product_id for _, items in orders for item in items)
    again = Counter(item.product_id for _, items in orders for item in items if item.reordered)
    assert lakehouse.query(
        "select product_id, line_count, reordered_line_count "
        "from retailpulse.agg_product_reorders order by product_id"
    ) == [(product, sold[product], again[product]) for product in sorted(sold)]
    departments = {product.product_id: product.department for product in products()}
    by_department = Counter(departments[item.product_id] for _, items in orders for item in items)
    assert lakehouse.query(
        "select department_name, sold_quantity from retailpulse.agg_department_sales order by all"
    ) == sorted(by_department.items())

    left: dict[str, Decimal] = defaultdict(Decimal)
    by_customer: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item in carts:
        amount = item.quantity * _dollars(item.price_cents)
        left[item.product_id] += amount
        if item.customer_id:
            by_customer[item.customer_id, item.product_id] += amount
    assert lakehouse.query(
        "select product_id, abandoned_amount from retailpulse.agg_abandonment_by_product "
        "order by product_id"
    ) == sorted(left.items())
    assert lakehouse.query(
        "select customer_id, product_id, abandoned_amount "
        "from retailpulse.agg_customer_abandoned_products order by customer_id, product_rank"
    ) == list(_best_ten(by_customer))


def _best_ten(by_customer: dict[tuple[str, str], Decimal]) -> Sequence[tuple[str, str, Decimal]]:
    ranked = sorted((customer, -amount, id_) for (customer, id_), amount in by_customer.items())
    places: Counter[str] = Counter()
    best = []
    for customer, amount, product in ranked:
        places[customer] += 1
        if places[customer] <= 10:
            best.append((customer, product, -amount))
    return best


def _is_quarantined(lakehouse: Lakehouse, files: Path) -> None:
    """Each faulty line once: a file that was dropped again, right behind itself, is none more."""
    expected = json.loads((files / "summary.json").read_text())["reject_reasons"]
    counted = (
        "select reject_reason, count(*) from retailpulse_silver.quarantined_events "
        "group by reject_reason"
    )
    assert dict(lakehouse.query(counted)) == expected


def _dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100
