"""The queries that Terraform gives analysts, on a lakehouse with an answer to each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse
from tests.integration.cli.conftest import Cli

PROJECT = Path(__file__).parents[3]
QUERIES = PROJECT / "infra/modules/athena/queries"
SCHEMAS = {"gold": "retailpulse", "silver": "retailpulse_silver"}

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A lakehouse with an order of this moment, one of two years ago, and a rejected event."""
    cli = Cli(tmp_path_factory.mktemp("home"))
    events = [
        order("o100", NOW, amount=123.0),
        order("o1", NOW - timedelta(days=730), amount=1.0),
        order("o2", NOW, amount=-1.0),
    ]
    cli.ok("ingest", "-", stdin="\n".join(json.dumps(event) for event in events).encode())
    cli.build()
    return Home(root=cli.home, project=PROJECT)


def order(order_id: str, at: datetime, amount: float) -> dict[str, Any]:
    return {
        "event_id": f"created-{order_id}",
        "event_type": "order_created",
        "event_ts": at.isoformat(),
        "customer_id": "c1",
        "order_id": order_id,
        "amount": amount,
        "currency_code": "EUR",
    }


def answer(home: Home, name: str) -> list[dict[str, Any]]:
    """The rows of a query, run as it is in the database that its folder names."""
    [file] = QUERIES.glob(f"*/{name}.sql")
    with open_lakehouse(home) as lakehouse:
        lakehouse.execute(f"use lakehouse.{SCHEMAS[file.parent.name]}")
        lakehouse.execute(file.read_text())
        columns = [column[0] for column in lakehouse.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in lakehouse.fetchall()]


def test_daily_revenue_is_of_the_last_days(home: Home) -> None:
    [day] = answer(home, "daily_revenue")
    assert (day["event_date"], day["daily_revenue"]) == (NOW.date(), Decimal("123.00"))


def test_monthly_revenue_is_of_the_last_months(home: Home) -> None:
    [month] = answer(home, "monthly_revenue")
    assert month["month_start_date"] == NOW.date().replace(day=1)
    assert (month["order_count"], month["revenue"]) == (1, Decimal("123.00"))


def test_order_status_counts_every_order(home: Home) -> None:
    [status] = answer(home, "order_status")
    assert (status["status"], status["order_count"]) == ("CREATED", 2)
    assert status["order_amount"] == Decimal("124.00")


def test_one_order_is_the_one_that_is_named(home: Home) -> None:
    [found] = answer(home, "one_order")
    assert (found["system"], found["order_id"]) == ("retailpulse", "o100")
    assert found["order_amount"] == Decimal("123.00")


def test_quarantine_says_what_to_do(home: Home) -> None:
    [rejected] = answer(home, "quarantine")
    told = (rejected["reject_reason"], rejected["reject_field"], rejected["event_count"])
    assert told == ("invalid_value", "amount", 1)
    assert rejected["what_to_do"]


def test_every_query_is_tested_here() -> None:
    text = Path(__file__).read_text()
    names = [file.stem for file in QUERIES.glob("*/*.sql")]
    assert names
    assert [name for name in names if f'answer(home, "{name}")' not in text] == []
