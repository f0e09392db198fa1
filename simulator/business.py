"""The business itself: orders that come, are shipped, delivered, cancelled or refunded.

Beside them carts are abandoned and products change.

Random numbers come from `Random.random` alone, whose sequence Python promises to keep, and go
through exact IEEE operations alone (no logarithm, no power): so a seed gives the same business
on every machine and every version of Python. Orders, carts and products have a sequence each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush, heapreplace
from random import Random

from simulator import catalog
from simulator.assortment import Assortment
from simulator.carts import Carts
from simulator.events import Event, Order, OrderEvent
from simulator.life_cycle import CREATED, REFUNDED, steps_after_creation
from simulator.settings import LiveSettings, Settings
from simulator.shoppers import draw_shopper
from simulator.times import to_microseconds

_CURRENCY_LEFT_OUT = 0.3
# Shares of creations, the second of refunds too.
_IS_TEST = 0.005
_AMOUNT_AS_TEXT = 0.05
# Three in ten leave it out.
_CHANNELS = ("web", "web", "web", "web", "app", "app", "store", "", "", "")
_REFUNDED_QUARTERS = (1, 2, 4, 4, 4)


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
        self._events_per_order = settings.events_per_order
        self._run_id = settings.run_id
        self._event_number = self._beside_count = 0
        self._assortment = Assortment(settings)
        # What happens next: to each open order its next step, and beside the orders, as number 0
        # and below, the next change of the assortment and the next abandoned cart.
        self._due: list[tuple[int, int, Order | Assortment | Carts, int]] = []
        heappush(self._due, (self._assortment.due_us, 0, self._assortment, 0))
        if not settings.orders_only:
            carts = Carts(settings, self._assortment)
            heappush(self._due, (carts.due_us, -1, carts, 0))

    @property
    def open_orders(self) -> int:
        """How many orders are kept in memory."""
        return sum(number > 0 for _, number, _, _ in self._due)

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
                while due[0][0] <= created_us:
                    yield from self._due_events()
                yield from self._creation(order, created_us)
                if len(order.steps) > 1:
                    heappush(due, (order.steps[1][1], number, order, 1))

    def _new_order(self, order_id: str, at_us: int) -> Order:
        customer, style, is_cloudevent = draw_shopper(self._random, self._cloudevents_share)
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

    def _due_events(self) -> Sequence[Event]:
        """What happens next; what that leads to becomes due."""
        at_us, number, thing, step = self._due[0]
        if isinstance(thing, Order):
            if step + 1 < len(thing.steps):
                heapreplace(self._due, (thing.steps[step + 1][1], number, thing, step + 1))
            else:
                heappop(self._due)
            status = thing.steps[step][0]
            if status == REFUNDED:
                return (self._refund(thing, at_us),)
            return (OrderEvent(self._next_event_id(), thing, status, at_us, 0, "", False),)
        events = thing.change() if isinstance(thing, Assortment) else thing.abandon()
        heapreplace(self._due, (thing.due_us, number, thing, 0))
        self._beside_count += len(events)
        return events

    def _refund(self, order: Order, at_us: int) -> OrderEvent:
        random = self._random.random
        quarters = _REFUNDED_QUARTERS[int(len(_REFUNDED_QUARTERS) * random())]
        cents = order.amount_cents * quarters // 4
        if catalog.country_of(order.customer).currency == "JPY":
            cents -= cents % 100
        is_text = random() < _AMOUNT_AS_TEXT
        return OrderEvent(
            self._next_event_id(), order, REFUNDED, at_us, cents, "", True, is_amount_text=is_text
        )

    def _creation(self, order: Order, at_us: int) -> Sequence[Event]:
        """The creation of an order, behind the rows of products that had none."""
        random = self._random.random
        currency = catalog.country_of(order.customer).currency
        products = self._assortment.products[currency]
        basket, rows = self._assortment.basket(at_us, self._random)
        self._beside_count += len(rows)
        cents = 0
        lines = []
        for product, quantity in basket.items():
            price_cents, json_head = products[product]
            cents += price_cents * quantity
            lines.append(f"{json_head}{quantity}}}")
        items = f"[{','.join(lines)}]"
        has_currency = currency != catalog.DEFAULT_CURRENCY or random() >= _CURRENCY_LEFT_OUT
        order.amount_cents = cents
        creation = OrderEvent(
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
        return (*rows, creation)

    def _next_order_us(self, at_us: int, untold: int) -> int:
        """When the next order comes.

        Args:
            at_us: When the last one came.
            untold: How many orders have come whose creation is not told yet.
        """
        if self._pace.has_rhythm:
            return self._pace.next_us(at_us, 1.0, self._random)
        # When the rate has room for one more event than have been told. So it is kept from the
        # first second on, when there is nothing to ship yet and nearly every event is an order.
        gap = self._pace.gap_us(1.0, self._random)
        told = self._event_number + self._beside_count + untold
        told_us = told * self._pace.order_gap_us
        return max(at_us, self._start_us + int((told_us + gap) / self._events_per_order))
