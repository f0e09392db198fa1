"""What gold must show, by plain arithmetic and without the pipeline's code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from simulator import catalog
from simulator.deliveries import Delivery
from simulator.events import CartAbandoned, OrderEvent, ProductVersion
from simulator.life_cycle import CANCELLED, CREATED, DELIVERED, REFUNDED, SHIPPED
from simulator.times import to_datetime

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""From when on the first state of a product that is known is valid."""

_RANKS = {CREATED: 0, SHIPPED: 1, DELIVERED: 2, CANCELLED: 3}


class DailyRevenue(NamedTuple):
    """The orders created and the money given back on one UTC day in one currency."""

    order_count: int
    gross: Decimal
    cancelled: Decimal
    """What of `gross` belongs to orders that are cancelled by now, whenever that was."""
    refunded: Decimal
    """What was given back that day, of orders of any day that are neither cancelled nor tests."""

    @property
    def daily_revenue(self) -> Decimal:
        """Gross less cancelled less refunded."""
        return self.gross - self.cancelled - self.refunded


class StatusTotal(NamedTuple):
    """The orders that have one status now, in one currency."""

    order_count: int
    amount: Decimal
    oldest_status_at: datetime


class OrderItem(NamedTuple):
    """A line of an order."""

    product_id: str
    quantity: int
    unit_price: Decimal
    currency_code: str
    """The order's."""


class AbandonedCarts(NamedTuple):
    """The carts abandoned on one UTC day in one currency."""

    cart_count: int
    known_customer_cart_count: int
    amount: Decimal


class ProductState(NamedTuple):
    """A product as it was for a while."""

    product_id: str
    name: str
    category: str
    unit_price: Decimal
    currency_code: str
    valid_from: datetime
    """`FIRST` for the first state that is known."""
    valid_to: datetime | None
    """None for the state that it has now."""


class Truth:
    """What must be known after a number of deliveries, fed one by one in any order.

    Keeps a little for each order, cart and version: meant for up to about a million events.

    Attributes:
        accepted: how many deliveries are to be accepted.
        duplicates: how many repeat an accepted one exactly.
        quarantined: how many are to be rejected, by reject reason.
    """

    def __init__(self) -> None:
        self.accepted = 0
        self.duplicates = 0
        self.quarantined: Counter[str] = Counter()
        self._creations: dict[str, tuple[date, str, int]] = {}
        self._items: dict[str, str] = {}
        self._tests: set[str] = set()
        self._refunds: list[tuple[str, date, str, int]] = []
        # By the life cycle before the time: an order that is cancelled stays so.
        self._latest: dict[str, tuple[int, int, str]] = {}
        self._carts: list[CartAbandoned] = []
        self._versions: dict[int, list[ProductVersion]] = {}

    def add(self, delivery: Delivery) -> None:
        """Take note of a delivery."""
        if delivery.outcome == "duplicate":
            self.duplicates += 1
        elif delivery.reject_reason is not None:
            self.quarantined[delivery.reject_reason] += 1
        elif delivery.event is not None:
            self.accepted += 1
            match delivery.event:
                case OrderEvent() as event:
                    self._happened(event)
                case CartAbandoned() as cart:
                    self._carts.append(cart)
                case ProductVersion() as version:
                    self._versions.setdefault(version.number, []).append(version)

    def _happened(self, event: OrderEvent) -> None:
        order_id = event.order.order_id
        day = to_datetime(event.at_us).date()
        if event.status == REFUNDED:
            self._refunds.append((order_id, day, event.currency_code, event.amount_cents))
            return
        if event.status == CREATED:
            self._creations[order_id] = day, event.currency_code, event.amount_cents
            self._items[order_id] = event.items_json
            if event.is_test:
                self._tests.add(order_id)
        state = (_RANKS[event.status], event.at_us, event.status)
        self._latest[order_id] = max(state, self._latest.get(order_id, state))

    @property
    def waiting_status_changes(self) -> int:
        """How many orders have a status but no creation yet."""
        return len(self._latest) - len(self._creations)

    def daily(self) -> dict[tuple[date, str], DailyRevenue]:
        """By the UTC day of the order's creation or of the refund, and its currency."""
        counts: Counter[tuple[date, str]] = Counter()
        gross: Counter[tuple[date, str]] = Counter()
        cancelled: Counter[tuple[date, str]] = Counter()
        refunded: Counter[tuple[date, str]] = Counter()
        for order_id, (day, currency, cents) in self._creations.items():
            if order_id in self._tests:
                continue
            counts[day, currency] += 1
            gross[day, currency] += cents
            if self._latest[order_id][2] == CANCELLED:
                cancelled[day, currency] += cents
        for order_id, day, currency, cents in self._refunds:
            is_cancelled = self._latest.get(order_id, (0, 0, ""))[2] == CANCELLED
            # Of an order that has not come nothing is known: its refund counts.
            if order_id in self._tests or (is_cancelled and order_id in self._creations):
                continue
            refunded[day, currency] += cents
        return {
            grain: DailyRevenue(
                counts[grain],
                _units(gross[grain]),
                _units(cancelled[grain]),
                _units(refunded[grain]),
            )
            for grain in counts.keys() | refunded.keys()
        }

    def by_status(self) -> dict[tuple[str, str], StatusTotal]:
        """By the orders' latest status (CREATED, SHIPPED, DELIVERED, CANCELLED) and currency."""
        counts: Counter[tuple[str, str]] = Counter()
        amounts: Counter[tuple[str, str]] = Counter()
        oldest: dict[tuple[str, str], int] = {}
        for order_id, (_, currency, cents) in self._creations.items():
            if order_id in self._tests:
                continue
            _, at_us, status = self._latest[order_id]
            grain = status, currency
            counts[grain] += 1
            amounts[grain] += cents
            oldest[grain] = min(at_us, oldest.get(grain, at_us))
        return {
            grain: StatusTotal(count, _units(amounts[grain]), to_datetime(oldest[grain]))
            for grain, count in counts.items()
        }

    def items(self) -> dict[tuple[str, int], OrderItem]:
        """By the order's id and the number of the line in it, from 1 on."""
        return {
            (order_id, number): OrderItem(
                item["product_id"], item["quantity"], item["unit_price"], currency
            )
            for order_id, (_, currency, _) in self._creations.items()
            if order_id not in self._tests
            for number, item in enumerate(
                json.loads(self._items[order_id], parse_float=Decimal), start=1
            )
        }

    def carts(self) -> dict[tuple[date, str], AbandonedCarts]:
        """By the UTC day on which the carts were abandoned, and their currency."""
        totals: dict[tuple[date, str], AbandonedCarts] = {}
        for cart in self._carts:
            grain = to_datetime(cart.at_us).date(), cart.currency_code
            count, known_count, amount = totals.get(grain, (0, 0, Decimal(0)))
            totals[grain] = AbandonedCarts(
                count + 1,
                known_count + cart.is_customer_known,
                amount + _units(cart.amount_cents),
            )
        return totals

    def product_history(self) -> list[ProductState]:
        """Every state that each product had, one after the other, by product."""
        return [
            state
            for _, versions in sorted(self._versions.items())
            for state in _states(sorted(versions, key=lambda version: version.sequence))
        ]


def _states(versions: list[ProductVersion]) -> Iterator[ProductState]:
    """Return what a product's versions, in their order, say."""
    lasting: ProductState | None = None
    for version in versions:
        at = to_datetime(version.at_us)
        state = ProductState(
            catalog.product_id_of(version.number),
            catalog.name_of(version.number),
            version.category,
            _units(version.price_cents),
            catalog.DEFAULT_CURRENCY,
            at if version is not versions[0] else FIRST,
            None,
        )
        if lasting is not None:
            if version.op != "delete" and state[:5] == lasting[:5]:
                continue
            yield lasting._replace(valid_to=at)
        lasting = state if version.op != "delete" else None
    if lasting is not None:
        yield lasting


def _units(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
