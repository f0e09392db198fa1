"""The shop as it is, and what happens next. Pure, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Final

from simulator import catalog
from simulator.webshop.changes import (
    Change,
    Left,
    Moved,
    Priced,
    Product,
    Sale,
    Status,
    StatusChanged,
    User,
)

# Shares of what happens. A sale that is open goes on otherwise; where none is, there is a new one.
_SALES: Final = 0.42
_NEW_USERS: Final = 0.05
_MOVES: Final = 0.03
_PRICES: Final = 0.02
_LEAVES: Final = 0.01
# What becomes of a sale that is pending, and of one that is shipped.
_CANCELLED_WHEN: Final[dict[Status, float]] = {"PENDING": 0.06, "SHIPPED": 0.02}
_QUANTITIES: Final = (1, 1, 1, 1, 1, 2, 2, 3)
# A price changes by so many percent.
_LEAST, _MOST = -10, 12
# Among so many of the oldest open sales one is drawn that goes on.
_OLDEST: Final = 50
# Among so many of the latest users, one who leaves.
_LATEST: Final = 50


@dataclass(slots=True)
class Shop:
    """What the shop knows of itself.

    Attributes:
        random: What decides.
        users: The ids of the users that are there.
        buyers: Of these, who has bought something.
        prices: Each product's price, in units of `catalog.DEFAULT_CURRENCY`, by its id.
        open: Sales that are neither delivered nor cancelled, with their status, oldest first.
        next_user: The id of the next user.
        next_sale: The id of the next sale.
    """

    random: Random
    users: list[int] = field(default_factory=list)
    buyers: set[int] = field(default_factory=set)
    prices: dict[int, Decimal] = field(default_factory=dict)
    open: dict[int, Status] = field(default_factory=dict)
    next_user: int = 1
    next_sale: int = 1

    def opening(self, users: int) -> Iterator[User | Product]:
        """Yield what is there on the first day: products, and so many users."""
        for number in range(catalog.PRODUCT_COUNT):
            price = Decimal(catalog.product(number, catalog.DEFAULT_CURRENCY).price_cents) / 100
            self.prices[number + 1] = price
            yield Product(
                number + 1,
                catalog.name_of(number),
                catalog.category_of(number),
                price,
                catalog.DEFAULT_CURRENCY,
            )
        for _ in range(users):
            yield self._new_user()

    def past_sales(
        self, count: int, since: datetime, until: datetime
    ) -> Iterator[tuple[Sale, datetime]]:
        """Yield sales of a time that is over, and when each was: most are delivered."""
        step = (until - since) / count
        for number in range(count):
            sale = self._new_sale()
            at = since + number * step + self.random.random() * step
            fate = self.random.random()
            age = until - at
            status: Status = "PENDING"
            if fate < _CANCELLED_WHEN["PENDING"]:
                status = "CANCELLED"
            elif age > timedelta(days=5):
                status = "DELIVERED"
            elif age > timedelta(days=1):
                status = "SHIPPED"
            self._keep(sale.id, status)
            yield replace(sale, status=status), at

    def next_change(self) -> Change:
        """Return what happens next, and remember it."""
        fate = self.random.random()
        for share, happens in (
            (_SALES, self._new_sale),
            (_NEW_USERS, self._new_user),
            (_MOVES, self._move),
            (_PRICES, self._price),
            (_LEAVES, self._leave),
        ):
            if fate < share:
                return happens()
            fate -= share
        return self._go_on() if self.open else self._new_sale()

    def _new_user(self) -> User:
        user = self.next_user
        self.next_user += 1
        self.users.append(user)
        name, city = catalog.name_and_city_of(user)
        return User(user, name, f"user{user}@example.com", city)

    def _new_sale(self) -> Sale:
        user = self.random.choice(self.users)
        self.buyers.add(user)
        product = self.random.choice(list(self.prices))
        quantity = self.random.choice(_QUANTITIES)
        currency = catalog.country_of(user).currency
        sale = self.next_sale
        self.next_sale += 1
        self.open[sale] = "PENDING"
        return Sale(
            sale, user, product, quantity, self._price_in(currency, product) * quantity, currency
        )

    def _price_in(self, currency: str, product: int) -> Decimal:
        """What one costs now: its first price there, changed as its price is."""
        first = {
            code: catalog.product(product - 1, code).price_cents
            for code in (currency, catalog.DEFAULT_CURRENCY)
        }
        cents = int(first[currency] * self.prices[product] * 100 / first[catalog.DEFAULT_CURRENCY])
        if currency == "JPY":
            # Whole yen only.
            cents -= cents % 100
        return Decimal(cents) / 100

    def _move(self) -> Moved:
        user = self.random.choice(self.users)
        return Moved(user, self.random.choice(catalog.country_of(user).cities))

    def _price(self) -> Priced:
        product = self.random.choice(list(self.prices))
        percent = 100 + self.random.randint(_LEAST, _MOST)
        price = (self.prices[product] * percent / 100).quantize(Decimal("0.01"))
        self.prices[product] = max(price, Decimal("1.00"))
        return Priced(product, self.prices[product])

    def _leave(self) -> Left | User:
        # Never the last: its id says which come next, whoever asks the database.
        left = [user for user in self.users[-_LATEST:-1] if user not in self.buyers]
        if not left:
            return self._new_user()
        user = self.random.choice(left)
        self.users.remove(user)
        return Left(user)

    def _go_on(self) -> StatusChanged:
        sale = self.random.choice(list(islice(self.open, _OLDEST)))
        before = self.open[sale]
        status: Status = "SHIPPED" if before == "PENDING" else "DELIVERED"
        if self.random.random() < _CANCELLED_WHEN[before]:
            status = "CANCELLED"
        self._keep(sale, status)
        return StatusChanged(sale, status)

    def _keep(self, sale: int, status: Status) -> None:
        if status in ("DELIVERED", "CANCELLED"):
            self.open.pop(sale, None)
        else:
            self.open[sale] = status
