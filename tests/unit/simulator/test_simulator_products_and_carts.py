"""Beside the orders: products that change as their items say, and carts that are abandoned."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from simulator.catalog import PRODUCT_COUNT
from simulator.deliveries import Delivery, simulate
from simulator.events import CartAbandoned, OrderEvent, ProductVersion
from simulator.settings import Faults, Settings
from simulator.truth import FIRST, Truth

Told = dict[str, Any]
Parse = Callable[[bytes], Told]
Instant = Callable[[object], datetime]

CALM = Settings(seed=7, events=24_000, orders_per_day=600, faults=Faults.none())


@pytest.fixture(scope="module")
def deliveries() -> list[Delivery]:
    """Nearly a fortnight in which nothing goes wrong."""
    return list(simulate(CALM))


@pytest.fixture(scope="module")
def told(deliveries: list[Delivery], parse: Parse) -> list[Told]:
    """All of it, in the order in which it happened; rows before what happened with them."""
    fields = [parse(delivery.body) for delivery in deliveries]
    happened = [delivery.event.at_us if delivery.event else 0 for delivery in deliveries]
    by_time = sorted(
        zip(happened, fields, strict=True), key=lambda each: (each[0], each[1].get("sequence", "~"))
    )
    return [each for _, each in by_time]


@pytest.fixture(scope="module")
def versions(told: list[Told]) -> list[Told]:
    return [fields for fields in told if fields["event_type"] == "product_changed"]


@pytest.fixture(scope="module")
def carts(told: list[Told]) -> list[Told]:
    return [fields for fields in told if fields["event_type"] == "cart_abandoned"]


def test_positions_grow_with_time(versions: list[Told], instant: Instant) -> None:
    sequences = [fields["sequence"] for fields in versions]
    assert sequences == sorted(set(sequences))
    assert all(re.fullmatch(r"0000000001/\d{16}/\d{6}", sequence) for sequence in sequences)
    times = [instant(fields["event_ts"]) for fields in versions]
    assert times == sorted(times)


def test_each_item_is_a_product_as_its_row_is_then(told: list[Told]) -> None:
    rows: dict[str, Told] = {}
    compared = Counter[str]()
    for fields in told:
        if fields["event_type"] == "product_changed":
            rows[fields["product_id"]] = fields
        for item in fields.get("items", ()):
            row = rows[item["product_id"]]
            assert (row["op"], row["name"]) == ("upsert", item["product_name"])
            if fields["country"] == "US":
                assert row["unit_price"] == item["unit_price"]
                compared[row["product_id"]] += 1
    assert len(compared) > 150


def test_a_product_changes_its_price_or_its_category_or_leaves_and_comes_back(
    versions: list[Told],
) -> None:
    lives = defaultdict(list)
    for fields in versions:
        lives[fields["product_id"]].append(fields)
    kinds = Counter[str]()
    for life in lives.values():
        assert life[0]["op"] == "upsert"
        for before, after in pairwise(life):
            if "delete" in (before["op"], after["op"]):
                assert before["op"] != after["op"]
                kinds[after["op"]] += 1
            else:
                names = ("name", "category", "unit_price")
                different = [name for name in names if before[name] != after[name]]
                assert len(different) <= 1
                kinds.update(different)
    assert set(kinds) == {"unit_price", "category", "delete", "upsert"}
    assert kinds["delete"] - kinds["upsert"] <= 3, "they come back within days"
    first_ones = len(lives)
    assert 150 < first_ones <= PRODUCT_COUNT


def test_a_few_products_are_away_at_once_however_busy_the_business_is(parse: Parse) -> None:
    busy = Settings(events=60_000, orders_per_day=10_000_000, faults=Faults.none())
    rows = [d for d in simulate(busy) if isinstance(d.event, ProductVersion)]
    away, most = set[str](), 0
    for fields in sorted((parse(d.body) for d in rows), key=lambda row: str(row["sequence"])):
        if fields["op"] == "delete":
            away.add(fields["product_id"])
        else:
            away.discard(fields["product_id"])
        most = max(most, len(away))
    assert 3 < most <= 8


def test_products_are_few_and_carts_are_a_share_of_orders(
    told: list[Told], versions: list[Told], carts: list[Told]
) -> None:
    orders = sum(fields["event_type"] == "order_created" for fields in told)
    assert 0.07 < len(carts) / orders < 0.09
    assert 0.007 < (len(versions) - PRODUCT_COUNT) / orders < 0.012


def test_a_cart_is_somebodys_whom_the_shop_may_not_know(
    carts: list[Told], deliveries: list[Delivery]
) -> None:
    assert len({fields["cart_id"] for fields in carts}) == len(carts)
    assert all(fields["amount"] > 0 for fields in carts)
    assert 0.5 < sum("customer_id" in fields for fields in carts) / len(carts) < 0.7
    assert len({fields["currency_code"] for fields in carts}) >= 6
    forms = Counter("specversion" in fields for fields in carts)
    assert min(forms.values()) > 0.1 * len(carts)


def test_orders_are_the_same_with_all_the_rest(deliveries: list[Delivery]) -> None:
    alone = list(simulate(replace(CALM, orders_only=True)))
    assert len(alone) == CALM.events
    assert all(isinstance(delivery.event, OrderEvent) for delivery in alone)
    bodies = {delivery.body for delivery in alone}
    orders = [d.body for d in deliveries if isinstance(d.event, OrderEvent)]
    assert 0.9 * len(alone) < len(orders) < len(alone)
    assert bodies >= set(orders)


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_the_truth_of_carts_is_what_their_bodies_add_up_to(
    faulty: list[Delivery], parse: Parse, instant: Instant, part: float
) -> None:
    deliveries = faulty[: int(len(faulty) * part)]
    expected: dict[Any, list[Any]] = {}
    for delivery in deliveries:
        if isinstance(delivery.event, CartAbandoned):
            fields = parse(delivery.body)
            grain = instant(fields["event_ts"]).date(), fields["currency_code"]
            total = expected.setdefault(grain, [0, 0, 0])
            total[:] = [
                total[0] + 1,
                total[1] + ("customer_id" in fields),
                total[2] + fields["amount"],
            ]
    assert {grain: list(row) for grain, row in truth_of(deliveries).carts().items()} == expected
    assert len(expected) > 20


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_the_truth_of_products_is_what_their_versions_say_in_their_order(
    faulty: list[Delivery], parse: Parse, instant: Instant, part: float
) -> None:
    deliveries = faulty[: int(len(faulty) * part)]
    rows = [parse(d.body) for d in deliveries if isinstance(d.event, ProductVersion)]
    history = truth_of(deliveries).product_history()
    for product_id in {row["product_id"] for row in rows}:
        life = sorted(
            (row for row in rows if row["product_id"] == product_id), key=lambda r: r["sequence"]
        )
        states = [state for state in history if state.product_id == product_id]
        starts = [state.valid_from for state in states]
        assert starts == sorted(set(starts))
        assert all(state.valid_to is not None for state in states[:-1])
        for place, row in enumerate(life):
            at = FIRST if place == 0 and row["op"] == "upsert" else instant(row["event_ts"])
            found = states[bisect_right(starts, at) - 1] if starts and starts[0] <= at else None
            if row["op"] == "delete":
                assert found is None or (found.valid_to is not None and found.valid_to <= at)
            else:
                assert found is not None
                assert found.valid_to is None or at < found.valid_to
                assert found[1:4] == (row["name"], row["category"], row["unit_price"])
        is_there = bool(states) and states[-1].valid_to is None
        assert is_there == (life[-1]["op"] == "upsert")
        assert len(states) <= len(life)
        for before, after in pairwise(states):
            assert before.valid_to is not None
            assert before.valid_to <= after.valid_from
            assert before.valid_to < after.valid_from or before[1:5] != after[1:5]
    assert len(history) > len({state.product_id for state in history}) > 100


def truth_of(deliveries: list[Delivery]) -> Truth:
    truth = Truth()
    for delivery in deliveries:
        truth.add(delivery)
    return truth
