"""What is sold at the moment and for how much, and what its database tells of it.

A product has its row from the moment on when somebody first wants it. What becomes of it is the
same whether rows are told or not, and whoever wants it first: no order depends on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from random import Random

from simulator import catalog
from simulator.events import Op, ProductVersion
from simulator.pace import CHANGES_PER_ORDER
from simulator.settings import LiveSettings, Settings
from simulator.times import DAY_US, HOUR_US, to_microseconds

# Shares of changes. The rest are new prices.
_WITHDRAWN = 0.15
_MOVED = 0.15
# A product that is withdrawn comes back within this.
_SOONEST_BACK_US = HOUR_US
_LATEST_BACK_US = 3 * DAY_US
# However busy the business is.
_MOST_AWAY = 8
# Of the first price, in percent.
_LOWEST_PRICE = 80
_HIGHEST_PRICE = 120
_OTHER_CATEGORY = "gifts"
# It grows when the database fails over, which it does not here.
_EPOCH = 1

_ITEM_COUNTS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5)
_QUANTITIES = (1, 1, 1, 1, 1, 1, 2, 2, 3, 4)


class Assortment:
    """The products as they are now.

    Attributes:
        products: by currency, each product at its number's place, as it is sold now.
    """

    def __init__(self, settings: Settings | LiveSettings) -> None:
        self.products = {
            currency: list(products) for currency, products in catalog.PRODUCTS.items()
        }
        self._is_told = not settings.orders_only
        self._random = Random(f"assortment {settings.seed}")  # noqa: S311 (no secret)
        self._pace = settings.pace
        self._run_id = settings.run_id
        self._moved: set[int] = set()
        self._withdrawn: set[int] = set()
        self._has_row: set[int] = set()
        self._returns: list[tuple[int, int]] = []
        self._change_us = self._next_change_us(to_microseconds(settings.start))
        self._version_count = 0
        self._position_us = self._place = 0

    @property
    def due_us(self) -> int:
        """When something changes next."""
        return min(self._change_us, self._returns[0][0]) if self._returns else self._change_us

    def change(self) -> Sequence[ProductVersion]:
        """Change what is due; return the row, if the product has one."""
        at_us = self.due_us
        if at_us < self._change_us:
            _, number = heappop(self._returns)
            self._withdrawn.remove(number)
            return self._row(number, at_us)
        random = self._random.random
        self._change_us = self._next_change_us(at_us)
        number = self._on_sale(int(catalog.PRODUCT_COUNT * random()))
        chance = random()
        if chance < _WITHDRAWN and len(self._withdrawn) < _MOST_AWAY:
            away = _SOONEST_BACK_US + (_LATEST_BACK_US - _SOONEST_BACK_US) * random()
            back_us = at_us + max(1, int(away * self._pace.shrink))
            heappush(self._returns, (back_us, number))
            self._withdrawn.add(number)
            return self._row(number, at_us, "delete", back_us)
        if _WITHDRAWN <= chance < _WITHDRAWN + _MOVED:
            self._moved ^= {number}
        else:
            percent = _LOWEST_PRICE + int((_HIGHEST_PRICE - _LOWEST_PRICE + 1) * random())
            for currency, products in self.products.items():
                products[number] = catalog.product(number, currency, percent)
        return self._row(number, at_us)

    def basket(self, at_us: int, random: Random) -> tuple[dict[int, int], Sequence[ProductVersion]]:
        """Draw what somebody wants now, when all changes until then are made.

        Returns:
            The quantity of each product by its number, and the rows of those that had none.
        """
        chance, withdrawn = random.random, self._withdrawn
        basket: dict[int, int] = {}
        for _ in range(_ITEM_COUNTS[int(len(_ITEM_COUNTS) * chance())]):
            rank = chance()
            number = int(catalog.PRODUCT_COUNT * rank * rank)
            if number in withdrawn:
                number = self._on_sale(number)
            basket[number] = _QUANTITIES[int(len(_QUANTITIES) * chance())]
        # True for nearly all.
        if basket.keys() <= self._has_row:
            return basket, ()
        new = [number for number in basket if number not in self._has_row]
        self._has_row.update(new)
        return basket, [row for number in new for row in self._row(number, at_us)]

    def _next_change_us(self, at_us: int) -> int:
        return self._pace.next_us(at_us, CHANGES_PER_ORDER, self._random)

    def _on_sale(self, number: int) -> int:
        """That product, or while it is withdrawn the next."""
        while number in self._withdrawn:
            number = (number + 1) % catalog.PRODUCT_COUNT
        return number

    def _row(
        self, number: int, at_us: int, op: Op = "upsert", followed_at_us: int = 0
    ) -> Sequence[ProductVersion]:
        if not self._is_told or number not in self._has_row:
            return ()
        self._place = self._place + 1 if at_us == self._position_us else 0
        self._position_us = at_us
        self._version_count += 1
        category = _OTHER_CATEGORY if number in self._moved else catalog.category_of(number)
        return (
            ProductVersion(
                f"v-{self._run_id}-{self._version_count:09d}",
                at_us,
                op,
                f"{_EPOCH:010d}/{at_us:016d}/{self._place:06d}",
                number,
                category,
                self.products[catalog.DEFAULT_CURRENCY][number].price_cents,
                followed_at_us,
            ),
        )
