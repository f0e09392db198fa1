"""The business makes sense: its orders, its money, its customers and its hours."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.business import Business
from simulator.catalog import COUNTRIES, CUSTOMER_COUNT, country_of, name_and_city_of
from simulator.deliveries import Delivery
from simulator.events import OrderEvent
from simulator.settings import Settings
from simulator.times import TimeStyle, to_datetime, to_microseconds

Told = dict[str, Any]
STEPS = {"order_created": "CREATED", "order_refunded": "REFUNDED"}
Instant = Callable[[object], datetime]


@pytest.fixture(scope="module")
def told(faulty: list[Delivery], parse: Callable[[bytes], Told]) -> list[Told]:
    """What was accepted of orders, by the event's number."""
    accepted = [parse(d.body) for d in faulty if isinstance(d.event, OrderEvent)]
    return sorted(accepted, key=lambda fields: int(fields["event_id"].rsplit("-", 1)[1]))


@pytest.fixture(scope="module")
def created(told: list[Told]) -> list[Told]:
    return [fields for fields in told if fields["event_type"] == "order_created"]


def test_ids_are_unique(
    faulty: list[Delivery], created: list[Told], parse: Callable[[bytes], Told]
) -> None:
    accepted = [parse(d.body) for d in faulty if d.outcome == "accepted"]
    assert len({fields["event_id"] for fields in accepted}) == len(accepted) == 8_000
    assert len({fields["order_id"] for fields in created}) == len(created)
    cart_ids = [fields["cart_id"] for fields in accepted if "cart_id" in fields]
    assert len(set(cart_ids)) == len(cart_ids)


def test_amount_is_the_exact_sum_of_one_to_five_items(created: list[Told]) -> None:
    for fields in created:
        items = fields["items"]
        assert Decimal(fields["amount"]) == sum(
            item["quantity"] * item["unit_price"] for item in items
        )
        assert len({item["product_id"] for item in items}) == len(items)
    assert {len(fields["items"]) for fields in created} == {1, 2, 3, 4, 5}


def test_amounts_are_written_with_two_decimals(faulty: list[Delivery]) -> None:
    for delivery in faulty:
        if delivery.outcome == "accepted" and b"order_created" in delivery.body:
            assert re.search(rb'"amount":("?)\d+\.\d\d\1,"', delivery.body), delivery.body


def test_a_refund_gives_back_a_part_of_its_order_or_all(
    told: list[Told], created: list[Told]
) -> None:
    amounts = {fields["order_id"]: Decimal(fields["amount"]) for fields in created}
    refunds = [fields for fields in told if fields["event_type"] == "order_refunded"]
    shares = set()
    for fields in refunds:
        share = Decimal(fields["amount"]) / amounts[fields["order_id"]]
        assert 0 < share <= 1
        shares.add(round(share, 1))
    assert {Decimal("0.5"), Decimal("1.0")} <= shares
    assert len({fields["refund_id"] for fields in refunds}) == len(refunds) > 15


def test_few_orders_are_tests_and_few_amounts_are_text(created: list[Told]) -> None:
    tests = [fields for fields in created if "is_test" in fields]
    assert all(fields["is_test"] is True for fields in tests)
    assert 0.001 < len(tests) / len(created) < 0.015
    assert 0.03 < sum(isinstance(f["amount"], str) for f in created) / len(created) < 0.07
    channels = Counter(fields.get("channel") for fields in created)
    assert set(channels) == {"web", "app", "store", None}
    assert 0.2 < channels[None] / len(created) < 0.4


def test_only_the_default_currency_is_left_out(created: list[Told]) -> None:
    left_out = Counter(f["country"] for f in created if "currency_code" not in f)
    assert set(left_out) == {"US"}
    currencies = {country.code: country.currency for country in COUNTRIES}
    for fields in created:
        assert fields.get("currency_code", "USD") == currencies[fields["country"]]
    assert len({fields.get("currency_code") for fields in created}) >= 8
    dollars = sum(fields["country"] == "US" for fields in created)
    assert 0.2 < left_out.total() / dollars < 0.4


def test_yen_have_no_fractions(created: list[Told]) -> None:
    yen = [Decimal(fields["amount"]) for fields in created if fields["country"] == "JP"]
    assert yen
    assert all(amount == int(amount) for amount in yen)


def test_an_order_has_one_life(told: list[Told], instant: Instant) -> None:
    lives = defaultdict(list)
    for fields in told:
        status = STEPS.get(fields["event_type"]) or fields["status"]
        lives[fields["order_id"]].append((instant(fields["event_ts"]), status))
    found = Counter(tuple(status for _, status in life) for life in lives.values())
    assert set(found) == {
        ("CREATED",),
        ("CREATED", "CANCELLED"),
        ("CREATED", "SHIPPED"),
        ("CREATED", "SHIPPED", "CANCELLED"),
        ("CREATED", "SHIPPED", "DELIVERED"),
        ("CREATED", "SHIPPED", "DELIVERED", "REFUNDED"),
    }
    delivered = [life for life in found.elements() if "DELIVERED" in life]
    # Of many the refund lies beyond the end.
    assert 0.015 < sum("REFUNDED" in life for life in delivered) / len(delivered) < 0.075
    for life in lives.values():
        times = [at for at, _ in life]
        assert times == sorted(set(times))
        assert times[-1] - times[0] < timedelta(days=7, seconds=1)


def test_an_order_is_told_by_one_producer(told: list[Told]) -> None:
    forms = defaultdict(set)
    for fields in told:
        ts = re.sub(r"\d", "0", fields["event_ts"])
        forms[fields["order_id"]].add((fields.get("specversion"), fields.get("source"), ts[19:]))
    assert {len(form) for form in forms.values()} == {1}
    cloudevents = sum(form[:2] == ("1.0", "retailpulse") for (form,) in forms.values())
    assert 0.26 < cloudevents / len(forms) < 0.34


def test_timestamps_come_in_many_forms(told: list[Told]) -> None:
    forms = {re.sub(r"\d", "0", fields["event_ts"])[19:] for fields in told}
    assert {"Z", ".000Z", ".000000Z", ".000000000Z", ".000+00:00", ".000-00:00"} <= forms
    assert any(re.search(r"\+05:30$", fields["event_ts"]) for fields in told)


def test_events_are_numbered_as_they_happen(told: list[Told], instant: Instant) -> None:
    times = [instant(fields["event_ts"]) for fields in told]
    assert times == sorted(times)
    assert times[0] == datetime(2026, 1, 1, tzinfo=UTC)


def test_evenings_and_saturdays_are_busy_and_the_mean_is_what_was_asked() -> None:
    weeks, per_day = 3, 1_000.0
    start = datetime(2026, 1, 5, tzinfo=UTC)
    business = Business(Settings(start=start, orders_per_day=per_day))
    period = timedelta(weeks=weeks)
    orders: Counter[tuple[int, int]] = Counter()
    for event in business:
        at = to_datetime(event.at_us)
        if at >= start + period:
            break
        if isinstance(event, OrderEvent) and event.status == "CREATED":
            orders[at.weekday(), at.hour] += 1
    assert abs(orders.total() / (7 * weeks) - per_day) < 0.03 * per_day
    by_hour = Counter[int]()
    by_weekday = Counter[int]()
    for (weekday, hour), count in orders.items():
        by_hour[hour] += count
        by_weekday[weekday] += count
    assert by_hour[19] > 6 * by_hour[3]
    assert by_weekday[5] > 1.3 * by_weekday[0]


def test_a_customer_is_always_the_same_person(created: list[Told]) -> None:
    people = defaultdict(set)
    for fields in created:
        people[fields["customer_id"]].add(
            (fields["customer_name"], fields["city"], fields["country"])
        )
    assert {len(person) for person in people.values()} == {1}
    assert max(Counter(fields["customer_id"] for fields in created).values()) > 1


def test_every_country_has_people_whose_names_need_no_escapes() -> None:
    texts = [name_and_city_of(number) for number in range(0, CUSTOMER_COUNT, 7)]
    assert not any(re.search(r'["\\\x00-\x1f]', text) for pair in texts for text in pair)
    assert {country_of(number) for number in range(100)} == set(COUNTRIES)
    assert any(not name.isascii() for name, _ in texts)


@given(
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    offset=st.none() | st.integers(-23 * 60, 23 * 60),
    digits=st.sampled_from([0, 3, 6, 9]),
)
def test_a_timestamp_is_the_instant_it_stands_for(
    instant: Instant, at: datetime, offset: int | None, digits: int
) -> None:
    style = TimeStyle(offset, digits)
    at_us = style.round_up(to_microseconds(at.replace(tzinfo=UTC)))
    text = style.text(at_us)
    assert instant(text) == to_datetime(at_us)
    assert timedelta(0) <= to_datetime(at_us) - at.replace(tzinfo=UTC) < timedelta(seconds=1)
    local = to_datetime(at_us).astimezone(timezone(timedelta(minutes=offset or 0)))
    assert text.startswith(local.isoformat()[:19])
    assert text.endswith("Z") == (offset is None)
    assert len(text.partition(".")[2].rstrip("Z")[:digits]) == digits


def test_prices_are_positive_and_in_cents(created: list[Told]) -> None:
    prices = {item["unit_price"] for fields in created for item in fields["items"]}
    assert all(price > 0 and price == round(price, 2) for price in prices)
    assert all(isinstance(price, Decimal) for price in prices)
