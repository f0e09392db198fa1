"""What is corrected late, moves or turns out never to have been leaves nothing behind in a mart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse, Rows

FIRST_RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
NEXT_RUN = FIRST_RUN + timedelta(hours=1)
LAST_RUN = NEXT_RUN + timedelta(hours=1)
EVENTS = ("orders_events", "orders_quarantined")
DAILY = (
    "select event_date, currency_code, order_count, gross_revenue, cancelled_revenue "
    "from retailpulse.agg_daily_revenue order by all"
)
BY_STATUS = (
    "select status, currency_code, order_count, order_amount "
    "from retailpulse.agg_order_status order by all"
)
FACTS = "select order_id, event_date, currency_code, status from retailpulse.fact_orders order by 1"


def created(event_id: str, order: str, at: str, amount: int, currency: str) -> bytes:
    return json.dumps(
        {
            "event_id": event_id,
            "event_type": "order_created",
            "event_ts": at,
            "order_id": order,
            "customer_id": "c1",
            "amount": amount,
            "currency_code": currency,
        }
    ).encode()


def status(event_id: str, order: str, at: str, to: str) -> bytes:
    event = {"event_id": event_id, "event_type": "order_status_changed", "event_ts": at}
    return json.dumps(event | {"order_id": order, "status": to}).encode()


@pytest.fixture(scope="module")
def corrected(shared_lakehouse: Lakehouse) -> Iterator[Lakehouse]:
    """A run, and one more after the corrections. Each case has days or currencies of its own."""
    lakehouse = shared_lakehouse
    lakehouse.reset()
    first = [
        created("e1", "moved", "2026-03-09T10:00:00Z", 10, "EUR"),
        created("e2", "recoined", "2026-03-08T10:00:00Z", 20, "USD"),
        status("e3", "recoined", "2026-03-08T11:00:00Z", "SHIPPED"),
        created("e4", "mistaken", "2026-03-07T10:00:00Z", 30, "GBP"),
        status("e5", "mistaken", "2026-03-07T11:00:00Z", "CANCELLED"),
        # In Tokyo it is the next day already.
        created("e6", "untouched", "2026-03-06T20:00:00Z", 40, "JPY"),
    ]
    lakehouse.land(first, FIRST_RUN - timedelta(minutes=1), "first")
    build(lakehouse, FIRST_RUN)
    assert [row[0] for row in lakehouse.query(FACTS)] == [
        "mistaken", "moved", "recoined", "untouched"
    ]  # fmt: skip
    later = [
        created("e7", "moved", "2026-03-05T10:00:00Z", 9, "EUR"),
        created("e8", "recoined", "2026-03-08T12:00:00Z", 20, "CHF"),
    ]
    lakehouse.land(later, NEXT_RUN - timedelta(minutes=1), "later")
    # Taken before the event it contradicts, but seen only now: the ingester was slow.
    slow = [created("e4", "meant", "2026-03-07T10:00:00Z", 31, "SEK")]
    lakehouse.land(slow, FIRST_RUN - timedelta(minutes=2), "slow")
    build(lakehouse, NEXT_RUN)
    yield lakehouse
    lakehouse.reset()


def build(lakehouse: Lakehouse, at: datetime, **variables: object) -> None:
    lakehouse.build(*BUILD[1:], at=at, variables=variables)


def of_currencies(rows: Rows, *currencies: str) -> Rows:
    return [row for row in rows if row[1] in currencies]


def test_an_order_whose_creation_moves_leaves_its_old_day(corrected: Lakehouse) -> None:
    # The latest creation says the amount, the earliest the day.
    expected = [(date(2026, 3, 5), "EUR", 1, Decimal("10.00"), Decimal(0))]
    assert of_currencies(corrected.query(DAILY), "EUR") == expected
    moved = "select event_date from retailpulse_silver.orders where order_id = 'moved'"
    assert corrected.query(moved) == [(date(2026, 3, 5),)]


def test_an_order_whose_currency_is_corrected_leaves_the_old_one(corrected: Lakehouse) -> None:
    expected = [(date(2026, 3, 8), "CHF", 1, Decimal("20.00"), Decimal(0))]
    assert of_currencies(corrected.query(DAILY), "USD", "CHF") == expected
    by_status = [("SHIPPED", "CHF", 1, Decimal("20.00"))]
    assert of_currencies(corrected.query(BY_STATUS), "USD", "CHF") == by_status


def test_an_order_whose_creation_was_a_conflict_vanishes(corrected: Lakehouse) -> None:
    expected = [(date(2026, 3, 7), "SEK", 1, Decimal("31.00"), Decimal(0))]
    assert of_currencies(corrected.query(DAILY), "GBP", "SEK") == expected
    assert of_currencies(corrected.query(BY_STATUS), "GBP") == []
    for table in ("retailpulse_silver.orders", "retailpulse.fact_orders"):
        assert corrected.query(f"select * from {table} where order_id = 'mistaken'") == []
    # Its status waits in silver for an order that may never come; the loser is in quarantine.
    waiting = "select event_id from retailpulse_silver.orders_events where order_id = 'mistaken'"
    assert corrected.query(waiting) == [("e5",)]
    rejected = "select message_id, reject_reason from retailpulse_silver.quarantined_events"
    assert corrected.query(rejected) == [("first#000003", "conflicting_duplicate")]


def test_another_business_timezone_moves_days_and_leaves_events(corrected: Lakehouse) -> None:
    before = {table: silver_rows(corrected, table) for table in EVENTS}
    facts_before = corrected.query(FACTS)
    daily_before = corrected.query(DAILY)

    build(corrected, LAST_RUN, business_timezone="Asia/Tokyo")

    assert {table: silver_rows(corrected, table) for table in EVENTS} == before
    day = timedelta(days=1)
    assert corrected.query(FACTS) == [
        (order, on + day if order == "untouched" else on, *rest)
        for order, on, *rest in facts_before
    ]
    assert corrected.query(DAILY) == sorted(
        (on + day if currency == "JPY" else on, currency, *amounts)
        for on, currency, *amounts in daily_before
    )


def silver_rows(lakehouse: Lakehouse, table: str) -> Rows:
    """All columns, processed_at among them."""
    rows = lakehouse.query(f"select * from retailpulse_silver.{table} order by all")
    assert rows
    return rows
