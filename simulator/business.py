"""The business itself: orders that come, are shipped, delivered, cancelled or refunded, as told.

Random numbers come from `Random.random` alone, whose sequence Python promises to keep, and go
through exact IEEE operations alone (no logarithm, no power): so a seed gives the same business
on every machine and every version of Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush, heapreplace
from random import Random
from typing import NamedTuple

from simulator import catalog
from simulator.life_cycle import CREATED, EVENTS_PER_ORDER, REFUNDED, steps_after_creation
from simulator.settings import LiveSettings, Settings
from simulator.times import DAY_US, HOUR_US, TimeStyle, to_microseconds

# Orders by the hour (UTC), 24 is the mean; the night is quiet and the evening busiest.
_HOURS = (8, 6, 4, 4, 5, 8, 13, 19, 24, 28, 31, 33, 35, 33, 31, 30, 31, 34, 39, 45, 44, 35, 22, 14)
# By weekday from Monday on, 14 is the mean.
_WEEKDAYS = (12, 12, 13, 13, 15, 18, 15)
_RHYTHM = tuple(
    hour * weekday / (sum(_HOURS) * sum(_WEEKDAYS) / (24 * 7))
    for weekday in _WEEKDAYS
    for hour in _HOURS
)
_FIRST_WEEKDAY = 3  # 1970-01-01 was a Thursday.

_IN_UTC = (TimeStyle(None, 3),) * 12 + (TimeStyle(None, 6),) * 3 + (TimeStyle(None, 0),)
_STYLES = {
    country.code: (
        *_IN_UTC,
        TimeStyle(None, 9),
        TimeStyle(country.offset_minutes, 3),
        TimeStyle(country.offset_minutes, 3),
        TimeStyle(country.offset_minutes, 0),
    )
    for country in catalog.COUNTRIES
}
_ITEM_COUNTS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5)
_QUANTITIES = (1, 1, 1, 1, 1, 1, 2, 2, 3, 4)
_CURRENCY_LEFT_OUT = 0.3
# Shares of creations, the second of refunds too.
_IS_TEST = 0.005
_AMOUNT_AS_TEXT = 0.05
# Three in ten leave it out.
_CHANNELS = ("web", "web", "web", "web", "app", "app", "store", "", "", "")
_REFUNDED_QUARTERS = (1, 2, 4, 4, 4)


class Order:
    """What is known of an order from its first moment on.

    Attributes:
        order_id: unique among all simulations.
        customer: the customer's number.
        is_cloudevent: the form in which its producer tells every event of it.
        style: how that producer writes timestamps.
        steps: each status it will have, CREATED first, a refund perhaps last, and when, in
            microseconds.
        amount_cents: its amount, in hundredths of its currency; 0 until it is created.
        creation_arrives_us: when the news of its creation arrives; 0 until that is known.
    """

    __slots__ = (
        "amount_cents",
        "creation_arrives_us",
        "customer",
        "is_cloudevent",
        "order_id",
        "steps",
        "style",
    )

    def __init__(
        self,
        order_id: str,
        customer: int,
        is_cloudevent: bool,
        style: TimeStyle,
        steps: tuple[tuple[str, int], ...],
    ) -> None:
        self.order_id = order_id
        self.customer = customer
        self.is_cloudevent = is_cloudevent
        self.style = style
        self.steps = steps
        self.amount_cents = 0
        self.creation_arrives_us = 0


class Event(NamedTuple):
    """One thing that happened to an order, as the business knows it."""

    event_id: str
    order: Order
    status: str
    """The order's status from then on; CREATED for its creation, REFUNDED for a refund."""
    at_us: int
    amount_cents: int
    """What the order costs or what is given back, in hundredths of its currency; 0 for a status."""
    items_json: str
    """The order's items as a JSON array; empty but for a creation."""
    has_currency: bool
    """Whether the creation says its currency, or leaves it to the default."""
    is_amount_text: bool = False
    """Whether its producer tells the amount as text."""
    channel: str = ""
    """Where the order was placed; empty where the creation does not say, and but for a creation."""
    is_test: bool = False
    """Whether the creation says that the order is a test."""

    @property
    def currency_code(self) -> str:
        """The currency of the order's amount."""
        return catalog.country_of(self.order.customer).currency


class Business:
    """An endless business. Iterate over it once: events come in the order they happen.

    Only orders that still have a status before them are kept, so memory follows the orders of
    the last 7 days (less in a `LiveSettings` business) and not the events there have been.
    """

    def __init__(self, settings: Settings | LiveSettings) -> None:
        self._random = Random(2 * settings.seed)  # noqa: S311 (no secret)
        self._pace = settings.pace
        self._start_us = to_microseconds(settings.start)
        self._cloudevents_share = settings.cloudevents_share
        self._run_id = settings.run_id
        self._event_number = 0
        self._due: list[tuple[int, int, Order, int]] = []

    @property
    def open_orders(self) -> int:
        """How many orders are kept in memory."""
        return len(self._due)

    def __iter__(self) -> Iterator[Event]:
        due = self._due
        # Creations have a heap of their own, mostly of one: to push each order onto the heap of
        # tens of thousands when it is created, too, took a tenth of the whole time.
        new: list[tuple[int, int, Order]] = []
        order_number = 0
        order_at_us = self._start_us
        while True:
            order_number += 1
            order = self._new_order(self._order_id(order_number), order_at_us)
            heappush(new, (order.steps[0][1], order_number, order))
            order_at_us = self._next_order_us(order_at_us, len(new))
            while new and new[0][0] <= order_at_us:
                created_us, number, order = heappop(new)
                while due and due[0][0] <= created_us:
                    yield self._due_status()
                yield self._creation(order, created_us)
                if len(order.steps) > 1:
                    heappush(due, (order.steps[1][1], number, order, 1))

    def _new_order(self, order_id: str, at_us: int) -> Order:
        random = self._random.random
        chance = random()
        customer = int(catalog.CUSTOMER_COUNT * chance * chance)
        styles = _STYLES[catalog.country_of(customer).code]
        style = styles[int(len(styles) * random())]
        is_cloudevent = random() < self._cloudevents_share
        # Rounded up, so that nothing happens before what has been told already.
        created_us = style.round_up(at_us)
        later = steps_after_creation(self._random, self._pace.shrink)
        steps = [(CREATED, created_us)]
        steps += [(status, style.round_up(created_us + wait)) for status, wait in later]
        return Order(order_id, customer, is_cloudevent, style, tuple(steps))

    # Numbers of one width, as shops' ids are: their order as text is their order in time. With
    # 7-digit numbers among 6-digit ones, a new order's files would be sought in old months.
    def _order_id(self, number: int) -> str:
        return f"o-{self._run_id}-{number:09d}"

    def _next_event_id(self) -> str:
        self._event_number += 1
        return f"e-{self._run_id}-{self._event_number:09d}"

    def _due_status(self) -> Event:
        at_us, number, order, step = self._due[0]
        steps = order.steps
        if step + 1 < len(steps):
            heapreplace(self._due, (steps[step + 1][1], number, order, step + 1))
        else:
            heappop(self._due)
        if steps[step][0] == REFUNDED:
            return self._refund(order, at_us)
        return Event(self._next_event_id(), order, steps[step][0], at_us, 0, "", False)

    def _refund(self, order: Order, at_us: int) -> Event:
        random = self._random.random
        quarters = _REFUNDED_QUARTERS[int(len(_REFUNDED_QUARTERS) * random())]
        cents = order.amount_cents * quarters // 4
        if catalog.country_of(order.customer).currency == "JPY":
            cents -= cents % 100
        is_text = random() < _AMOUNT_AS_TEXT
        return Event(
            self._next_event_id(), order, REFUNDED, at_us, cents, "", True, is_amount_text=is_text
        )

    def _creation(self, order: Order, at_us: int) -> Event:
        random = self._random.random
        currency = catalog.country_of(order.customer).currency
        products = catalog.PRODUCTS[currency]
        basket: dict[int, int] = {}
        for _ in range(_ITEM_COUNTS[int(len(_ITEM_COUNTS) * random())]):
            chance = random()
            product = int(len(products) * chance * chance)
            basket[product] = _QUANTITIES[int(len(_QUANTITIES) * random())]
        cents = 0
        lines = []
        for product, quantity in basket.items():
            price_cents, json_head = products[product]
            cents += price_cents * quantity
            lines.append(f"{json_head}{quantity}}}")
        items = f"[{','.join(lines)}]"
        has_currency = currency != catalog.DEFAULT_CURRENCY or random() >= _CURRENCY_LEFT_OUT
        order.amount_cents = cents
        return Event(
            self._next_event_id(),
            order,
            CREATED,
            at_us,
            cents,
            items,
            has_currency,
            is_amount_text=random() < _AMOUNT_AS_TEXT,
            channel=_CHANNELS[int(len(_CHANNELS) * random())],
            is_test=random() < _IS_TEST,
        )

    def _next_order_us(self, at_us: int, untold: int) -> int:
        """When the next order comes.

        Args:
            at_us: When the last one came.
            untold: How many orders have come whose creation is not told yet.
        """
        # The product of two chances has a mean of a quarter.
        gap = self._pace.order_gap_us * 4.0 * self._random.random() * self._random.random()
        if self._pace.has_rhythm:
            day, of_day = divmod(at_us, DAY_US)
            gap /= _RHYTHM[(day + _FIRST_WEEKDAY) % 7 * 24 + of_day // HOUR_US]
            return at_us + int(gap)
        # When the rate has room for one more event than have been told. So it is kept from the
        # first second on, when there is nothing to ship yet and nearly every event is an order.
        told_us = (self._event_number + untold) * self._pace.order_gap_us
        return max(at_us, self._start_us + int((told_us + gap) / EVENTS_PER_ORDER))
