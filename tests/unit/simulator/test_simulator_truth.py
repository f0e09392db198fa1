"""The truth is what anybody would add up from the accepted bodies."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from simulator.deliveries import Delivery
from simulator.events import OrderEvent
from simulator.truth import DailyRevenue, Truth

Parse = Callable[[bytes], dict[str, Any]]
Instant = Callable[[object], datetime]


def told_of(deliveries: list[Delivery], parse: Parse) -> list[dict[str, Any]]:
    """What was accepted of orders."""
    return [parse(each.body) for each in deliveries if isinstance(each.event, OrderEvent)]


def truth_of(deliveries: list[Delivery]) -> Truth:
    truth = Truth()
    for delivery in deliveries:
        truth.add(delivery)
    return truth


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_truth_is_what_the_accepted_bodies_add_up_to(
    faulty: list[Delivery], parse: Parse, instant: Instant, part: float
) -> None:
    deliveries = faulty[: int(len(faulty) * part)]
    told = told_of(deliveries, parse)
    statuses: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for fields in told:
        if fields["event_type"] != "order_refunded":
            status = fields.get("status", "CREATED")
            statuses[fields["order_id"]].append((instant(fields["event_ts"]), status))
    tests = {fields["order_id"] for fields in told if fields.get("is_test")}
    daily: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    by_status: dict[Any, list[Any]] = {}
    for fields in told:
        if fields["event_type"] == "order_status_changed" or fields["order_id"] in tests:
            continue
        currency = fields.get("currency_code", "USD")
        amount = Decimal(fields["amount"])
        sums = daily[instant(fields["event_ts"]).date(), currency]
        if fields["event_type"] == "order_refunded":
            # No order of the simulator is refunded after it was cancelled.
            sums[3] += amount
            continue
        at, status = max(statuses[fields["order_id"]])
        sums[0] += 1
        sums[1] += amount
        sums[2] += amount if status == "CANCELLED" else 0
        total = by_status.setdefault((status, currency), [0, Decimal(0), at])
        total[:] = [total[0] + 1, total[1] + amount, min(total[2], at)]
    truth = truth_of(deliveries)
    assert {grain: list(row) for grain, row in truth.daily().items()} == daily
    assert {grain: list(row) for grain, row in truth.by_status().items()} == by_status
    assert len(truth.daily()) > 25
    assert len(truth.by_status()) > 20
    for row in truth.daily().values():
        assert row.daily_revenue == row.gross - row.cancelled - row.refunded
    assert any(row.cancelled for row in truth.daily().values())
    assert any(row.refunded for row in truth.daily().values())
    assert tests


def test_the_items_are_those_of_the_orders_that_are_no_tests(
    faulty: list[Delivery], parse: Parse
) -> None:
    expected = {
        (fields["order_id"], number): (
            *(item["product_id"], item["quantity"], item["unit_price"]),
            fields.get("currency_code", "USD"),
        )
        for fields in told_of(faulty, parse)
        if fields["event_type"] == "order_created" and not fields.get("is_test")
        for number, item in enumerate(fields["items"], start=1)
    }
    assert truth_of(faulty).items() == expected
    assert {number for _, number in expected} == {1, 2, 3, 4, 5}


def test_truth_counts_every_delivery_once(faulty: list[Delivery]) -> None:
    truth = truth_of(faulty)
    assert truth.accepted == 8_000
    assert truth.duplicates == sum(d.outcome == "duplicate" for d in faulty)
    assert truth.quarantined == Counter(d.reject_reason for d in faulty if d.reject_reason)
    assert truth.accepted + truth.duplicates + truth.quarantined.total() == len(faulty)


def test_truth_does_not_depend_on_the_order_of_arrival(faulty: list[Delivery]) -> None:
    shuffled = list(faulty)
    random.Random(3).shuffle(shuffled)
    one, other = truth_of(faulty), truth_of(shuffled)
    assert one.daily() == other.daily()
    assert one.by_status() == other.by_status()
    assert one.items() == other.items()
    assert one.carts() == other.carts()
    assert one.product_history() == other.product_history()


def test_a_status_change_waits_for_its_order(faulty: list[Delivery]) -> None:
    first_early = next(
        d
        for d in faulty
        if d.fault == "out_of_order"
        and isinstance(d.event, OrderEvent)
        and d.event.status != "REFUNDED"
    )
    assert isinstance(first_early.event, OrderEvent)
    truth = Truth()
    truth.add(first_early)
    assert truth.waiting_status_changes == 1
    assert not truth.daily()
    assert not truth.by_status()
    creation = next(
        d
        for d in faulty[first_early.ordinal :]
        if isinstance(d.event, OrderEvent)
        and d.event.order is first_early.event.order
        and d.event.status == "CREATED"
    )
    truth.add(creation)
    assert truth.waiting_status_changes == 0
    (grain,) = truth.by_status()
    assert grain[0] == first_early.event.status


def test_money_is_exact_with_two_decimals() -> None:
    row = DailyRevenue(1, Decimal("0.30"), Decimal("0.10"), Decimal("0.05"))
    assert str(row.daily_revenue) == "0.15"


def test_the_first_day_is_counted_by_utc(faulty: list[Delivery]) -> None:
    # An order told as 2025-12-31T19:00:00-05:00 belongs to 2026-01-01.
    assert any(b'"2025-12-31T' in d.body for d in faulty)
    first = min(day for day, _ in truth_of(faulty).daily())
    assert first == datetime(2026, 1, 1, tzinfo=UTC).date()
