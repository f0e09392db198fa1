"""A new user's first event and first file, to the answers of an analyst's first queries."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from simulator.grocery.files import CART_FILE, CART_RECORDS, grocery, write_deliveries
from tests.support.infra.deployed.container import containers
from tests.support.infra.deployed.queries import ask
from tests.support.infra.deployed.stack import ENVIRONMENT, Stack
from tests.support.infra.waiting import wait_until
from tests.support.road.lakehouse import PROJECT

SEED: Final = 11
START: Final = datetime(2026, 1, 1, tzinfo=UTC)

FIRST_QUERY: Final = (
    "SELECT event_date, daily_revenue FROM retailpulse.agg_daily_revenue ORDER BY event_date"
)

SALE: Final = (
    "SELECT order_id, customer_id, order_amount FROM retailpulse.fact_orders "
    "WHERE system = 'webshop'"
)


def readme_entry() -> dict[str, Any]:
    """The entry of `aws events put-events` in the README."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r'^\{"Source".*\}$', text, re.MULTILINE)
    entry: dict[str, Any] = json.loads(line)
    return entry


LEFT: Final = (
    "SELECT product_id, abandoned_amount FROM retailpulse.agg_abandonment_by_product "
    "ORDER BY product_id"
)

LEFT_BY_CUSTOMERS: Final = (
    "SELECT customer_id, count(*), sum(abandoned_amount) "
    "FROM retailpulse.agg_customer_abandoned_products GROUP BY customer_id ORDER BY customer_id"
)

TEN: Final = 10


def test_the_entry_of_the_readme_and_a_file_are_in_gold(stack: Stack, tmp_path: Path) -> None:
    write_deliveries(tmp_path, SEED, START, 1)
    drops, key = stack.outputs["file_drops"]["bucket"]["name"], f"drop/{CART_FILE}"
    s3 = stack.client("s3")
    s3.upload_file(str(tmp_path / CART_FILE), drops, key)
    answer = stack.client("events").put_events(Entries=[readme_entry()])
    assert answer["FailedEntryCount"] == 0
    wait_until("the event is in raw", lambda: bool(stack.raw_objects()))
    wait_until(
        "the file has landed", lambda: bool(s3.get_object_tagging(Bucket=drops, Key=key)["TagSet"])
    )

    with containers(stack):
        assert stack.run("daily")["status"] == "SUCCEEDED"

    assert ask(stack, FIRST_QUERY) == [("2026-01-14", "123.0000")]
    business = grocery(SEED, START)
    list(business.orders(1))
    by_product, by_customer = (
        defaultdict[str, Decimal](Decimal),
        defaultdict[str, Counter[str]](Counter),
    )
    for item in business.left_items(CART_RECORDS):
        cents = item.quantity * item.price_cents
        by_product[item.product_id] += Decimal(cents) / 100
        if item.customer_id:
            by_customer[item.customer_id][item.product_id] += cents
    assert ask(stack, LEFT) == [
        (product, f"{amount:.4f}") for product, amount in sorted(by_product.items())
    ]
    best = {
        customer: sorted(cents.values(), reverse=True)[:TEN]
        for customer, cents in sorted(by_customer.items())
    }
    assert ask(stack, LEFT_BY_CUSTOMERS) == [
        (customer, str(len(cents)), f"{Decimal(sum(cents)) / 100:.4f}")
        for customer, cents in best.items()
    ]


def test_smoke_pulls_a_row_and_sends_an_order_that_is_in_no_currencys_revenue(
    stack: Stack,
) -> None:
    with containers(stack):
        said = stack.make("smoke", ENV=ENVIRONMENT)
    assert re.search(r"Order smoke-\w+ is in gold, 123.0000 XTS, after \d+ s", said)
    assert "done: Pulling webshop: " in said
    assert re.search(r"done: Dropping cart_abandonment-smoke-\w+-\.csv ", said)
    assert re.search(
        r"done: Asking Athena for a row of webshop: retailpulse_silver.webshop_\w+ ", said
    )
    assert ask(stack, SALE) == [("3", "1", "7.0000")]
    assert ask(stack, FIRST_QUERY.replace("ORDER", "WHERE currency_code = 'USD' ORDER")) == [
        ("2026-01-14", "123.0000")
    ]
