"""Visits that end in a cart which nobody orders."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from simulator import catalog
from simulator.assortment import Assortment
from simulator.events import CartAbandoned, Event
from simulator.pace import CARTS_PER_ORDER
from simulator.settings import LiveSettings, Settings
from simulator.shoppers import draw_shopper
from simulator.times import to_microseconds

# Of four in ten the shop does not know whose they are.
_CUSTOMER_KNOWN = 0.6


class Carts:
    """Carts that are abandoned, one after the other.

    Attributes:
        due_us: when the next is.
    """

    def __init__(self, settings: Settings | LiveSettings, assortment: Assortment) -> None:
        self._random = Random(f"carts {settings.seed}")  # noqa: S311 (no secret)
        self._assortment = assortment
        self._pace = settings.pace
        self._cloudevents_share = settings.cloudevents_share
        self._run_id = settings.run_id
        self._count = 0
        self.due_us = to_microseconds(settings.start)
        self._next_visit()

    def abandon(self) -> Sequence[Event]:
        """Return the cart that is due, behind the rows of products that had none."""
        at_us = self.due_us
        basket, rows = self._assortment.basket(at_us, self._random)
        products = self._assortment.products[catalog.country_of(self._customer).currency]
        self._count += 1
        ending = f"{self._run_id}-{self._count:09d}"
        cart = CartAbandoned(
            f"a-{ending}",
            at_us,
            f"k-{ending}",
            f"s-{ending}",
            self._customer,
            self._random.random() < _CUSTOMER_KNOWN,
            sum(products[number].price_cents * quantity for number, quantity in basket.items()),
            self._is_cloudevent,
            self._style,
        )
        self._next_visit()
        return (*rows, cart)

    def _next_visit(self) -> None:
        self._customer, self._style, self._is_cloudevent = draw_shopper(
            self._random, self._cloudevents_share
        )
        # Rounded up, as its producer cannot write what lies between.
        self.due_us = self._style.round_up(
            self._pace.next_us(self.due_us, CARTS_PER_ORDER, self._random)
        )
