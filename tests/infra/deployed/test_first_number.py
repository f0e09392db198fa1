"""A new user's first event, from the bus to the answer of an analyst's first query."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from tests.support.infra.deployed.container import containers
from tests.support.infra.deployed.queries import ask
from tests.support.infra.deployed.stack import ENVIRONMENT, Stack
from tests.support.infra.waiting import wait_until
from tests.support.road.lakehouse import PROJECT

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


def test_the_entry_of_the_readme_is_in_gold(stack: Stack) -> None:
    answer = stack.client("events").put_events(Entries=[readme_entry()])
    assert answer["FailedEntryCount"] == 0
    wait_until("the event is in raw", lambda: bool(stack.raw_objects()))

    with containers(stack):
        assert stack.run("daily")["status"] == "SUCCEEDED"

    assert ask(stack, FIRST_QUERY) == [("2026-01-14", "123.0000")]


def test_smoke_pulls_a_row_and_sends_an_order_that_is_in_no_currencys_revenue(
    stack: Stack,
) -> None:
    with containers(stack):
        said = stack.make("smoke", ENV=ENVIRONMENT)
    assert re.search(r"Order smoke-\w+ is in gold, 123.0000 XTS, after \d+ s", said)
    assert "done: Pulling webshop: " in said
    assert re.search(
        r"done: Asking Athena for a row of webshop: retailpulse_silver.webshop_\w+ ", said
    )
    assert ask(stack, SALE) == [("3", "1", "7.0000")]
    assert ask(stack, FIRST_QUERY.replace("ORDER", "WHERE currency_code = 'USD' ORDER")) == [
        ("2026-01-14", "123.0000")
    ]
