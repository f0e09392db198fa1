"""The grocery's files: the same for the same seed, and each fault with what has to become of it."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.grocery.business import products
from simulator.grocery.files import CART_FILE, CART_RECORDS, grocery, write_deliveries

START = datetime(2026, 1, 1, tzinfo=UTC)
ORDERS = 1_200


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(name="faulty", scope="module")
def _faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty")
    write_deliveries(folder, 1, START, ORDERS)
    return folder


def test_the_same_seed_gives_the_same_bytes(faulty: Path, tmp_path: Path) -> None:
    write_deliveries(tmp_path / "again", 1, START, ORDERS)
    write_deliveries(tmp_path / "other", 2, START, ORDERS)
    assert contents(tmp_path / "again") == contents(faulty)
    assert contents(tmp_path / "other")[CART_FILE] != contents(faulty)[CART_FILE]


def test_files_without_faults_are_what_was_sold(tmp_path: Path) -> None:
    summary = write_deliveries(tmp_path, 1, START, ORDERS, with_faults=False)
    assert (summary["faults"], summary["reject_reasons"]) == ({}, {})
    assert (tmp_path / "expected.ndjson").read_bytes() == b""
    business = grocery(1, START)
    sold = list(business.orders(ORDERS))
    read = {
        path.name: list(csv.DictReader(path.read_text().splitlines()))
        for path in tmp_path.glob("*.csv")
    }
    orders = [row for number in (1, 2, 3) for row in read[f"orders_{number}.csv"]]
    assert [row["order_id"] for row in orders] == [order.order_id for order, _ in sold]
    assert [float(row["total_amount"]) for row in orders] == [
        order.total_cents / 100 for order, _ in sold
    ]
    items = [row for number in (1, 2, 3) for row in read[f"order_items_{number}.csv"]]
    assert [row["id"] for row in items] == [item.id for _, lines in sold for item in lines]
    assert len(read[CART_FILE]) == CART_RECORDS
    told = read["products_1.csv"] + read["products_2.csv"]
    assert [row["product_name"] for row in told] == [each.product_name for each in products()]


def test_a_customer_orders_again(tmp_path: Path) -> None:
    sold = list(grocery(1, START).orders(ORDERS))
    assert all(
        (order.order_num > 1) == (items[0].days_since_prior_order is not None)
        for order, items in sold
    )
    bought: set[tuple[str, str]] = set()
    for order, items in sold:
        assert all(item.reordered == ((order.user_id, item.product_id) in bought) for item in items)
        bought |= {(order.user_id, item.product_id) for item in items}
        assert len({item.product_id for item in items}) == len(items)
        assert [item.add_to_cart_order for item in items] == [*range(1, len(items) + 1)]


def test_each_fault_is_told_where_it_is(faulty: Path) -> None:
    summary = json.loads((faulty / "summary.json").read_text())
    expected = [json.loads(line) for line in (faulty / "expected.ndjson").open()]
    assert len(expected) == sum(summary["faults"].values())
    assert len(summary["faults"]) == 8, "each of them came"
    for each in expected:
        line = (faulty / each["file"]).read_bytes().split(b"\n")[each["line"] - 1]
        match each["fault"]:
            case "open_quote":
                assert line.count(b'"') == 1
            case "not_utf_8":
                assert line.endswith(b"\xff")
            case "blank_line":
                assert line == b""
        assert (each["outcome"] == "quarantined") == (each["reject_reason"] is not None)
    of_lines = sum(1 for each in expected if each["outcome"] == "quarantined")
    assert of_lines == summary["outcomes"]["quarantined"]
    assert sum(summary["files"].values()) == summary["outcomes"]["accepted"]
