"""A web shop: what is in its tables at first, and what happens next.

Pure, and the same for the same seed. The tables are in webshop.sql.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any, Final

from simulator import catalog
from simulator.databases.rows import RowChange

# Shares of what happens. Otherwise a sale that is open goes on; where none is, there is a new one.
_SALES: Final = 0.42
_NEW_USERS: Final = 0.05
_MOVES: Final = 0.03
_PRICES: Final = 0.02
_LEAVES: Final = 0.01
# Of the sales that are pending, and of those that are shipped.
_CANCELLED: Final = {"PENDING": 0.06, "SHIPPED": 0.02}
_SHIPPED_AFTER: Final = timedelta(days=1)
_DELIVERED_AFTER: Final = timedelta(days=5)
_QUANTITIES: Final = (1, 1, 1, 1, 1, 2, 2, 3)
# A price changes by so many percent, and is never below this.
_PERCENTS: Final = (-10, 12)
_LOWEST_PRICE: Final = Decimal("1.00")
# Among so many of the oldest open sales one is drawn that goes on.
_OLDEST: Final = 50
# Among so many of the latest users, one who leaves.
_LATEST: Final = 50


@dataclass(slots=True)
class Webshop:
    """What the shop knows of itself.

    Attributes:
        random: What decides.
        users: The ids of the users that are there, in their order.
        buyers: Of these, who has bought something.
        prices: Each product's price, in units of `catalog.DEFAULT_CURRENCY`, by its id.
        open: Sales that are neither delivered nor cancelled, with their status, oldest first.
        next_sale: The id of the next sale.
    """

    random: Random
    users: list[int] = field(default_factory=list)
    buyers: set[int] = field(default_factory=set)
    prices: dict[int, Decimal] = field(default_factory=dict)
    open: dict[int, str] = field(default_factory=dict)
    next_sale: int = 1

    def opening(
        self, users: int, sales: int, since: datetime, until: datetime
    ) -> Iterator[RowChange]:
        """Yield the rows that are there at first, as inserts, each behind those that it names.

        Args:
            users: How many have signed up.
            sales: How many were made. They were told of when they were made.
            since: When the first of them was.
            until: When the last was.
        """
        for number in range(catalog.PRODUCT_COUNT):
            cents = catalog.product(number, catalog.DEFAULT_CURRENCY).price_cents
            self.prices[number + 1] = Decimal(cents) / 100
            yield RowChange(
                "insert",
                "dim_products",
                {"id": number + 1},
                {
                    "name": catalog.name_of(number),
                    "category": catalog.category_of(number),
                    "price": self.prices[number + 1],
                    "currency": catalog.DEFAULT_CURRENCY,
                },
            )
        for _ in range(users):
            yield self._new_user()
        step = (until - since) / sales
        for number in range(sales):
            at = since + (number + self.random.random()) * step
            yield self._sold(at, self._status_after(until - at))

    def next_change(self) -> RowChange:
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

    def _new_user(self) -> RowChange:
        user = self.users[-1] + 1 if self.users else 1
        self.users.append(user)
        name, city = catalog.name_and_city_of(user)
        email = f"user{user}@example.com"
        return RowChange(
            "insert", "dim_users", {"id": user}, {"name": name, "email": email, "city": city}
        )

    def _new_sale(self) -> RowChange:
        sale = self.next_sale
        self.next_sale += 1
        self.open[sale] = "PENDING"
        user = self.random.choice(self.users)
        self.buyers.add(user)
        product = self.random.choice(list(self.prices))
        currency = catalog.country_of(user).currency
        quantity = self.random.choice(_QUANTITIES)
        values = {
            "user_id": user,
            "product_id": product,
            "quantity": quantity,
            "amount": self._price_in(currency, product) * quantity,
            "currency": currency,
        }
        return RowChange("insert", "fact_sales", {"id": sale}, values)

    def _sold(self, at: datetime, status: str) -> RowChange:
        sale = self._new_sale()
        self._keep(self.next_sale - 1, status)
        values = {**sale.values, "status": status, "sold_at": at, "updated_at": at}
        return RowChange("insert", sale.table, sale.key, values)

    def _status_after(self, age: timedelta) -> str:
        if self.random.random() < _CANCELLED["PENDING"]:
            return "CANCELLED"
        if age > _DELIVERED_AFTER:
            return "DELIVERED"
        return "SHIPPED" if age > _SHIPPED_AFTER else "PENDING"

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

    def _move(self) -> RowChange:
        user = self.random.choice(self.users)
        city = self.random.choice(catalog.country_of(user).cities)
        return RowChange("update", "dim_users", {"id": user}, {"city": city})

    def _price(self) -> RowChange:
        product = self.random.choice(list(self.prices))
        percent = 100 + self.random.randint(*_PERCENTS)
        price = (self.prices[product] * percent / 100).quantize(_LOWEST_PRICE)
        self.prices[product] = max(price, _LOWEST_PRICE)
        return RowChange("update", "dim_products", {"id": product}, {"price": self.prices[product]})

    def _leave(self) -> RowChange:
        """Somebody who never bought anything asks to be forgotten."""
        # Never the last: its id says which come next, whoever asks the database.
        left = [user for user in self.users[-_LATEST:-1] if user not in self.buyers]
        if not left:
            return self._new_user()
        user = self.random.choice(left)
        self.users.remove(user)
        return RowChange("delete", "dim_users", {"id": user})

    def _go_on(self) -> RowChange:
        sale = self.random.choice(list(islice(self.open, _OLDEST)))
        status = "SHIPPED" if self.open[sale] == "PENDING" else "DELIVERED"
        if self.random.random() < _CANCELLED[self.open[sale]]:
            status = "CANCELLED"
        self._keep(sale, status)
        return RowChange("update", "fact_sales", {"id": sale}, {"status": status})

    def _keep(self, sale: int, status: str) -> None:
        if status in _CANCELLED:
            self.open[sale] = status
        else:
            self.open.pop(sale, None)


def resumed(seed: int, query: Any) -> Webshop:
    """Return the shop as its tables say that it is.

    Args:
        seed: What decides what happens next, with what has happened.
        query: Returns the rows of a query.
    """
    users = [user for (user,) in query("select id from dim_users order by id")]
    [(last,)] = query("select coalesce(max(id), 0) from fact_sales")
    return Webshop(
        Random(f"webshop {seed} {last}"),  # noqa: S311 (no secret)
        users=users,
        buyers={user for (user,) in query("select distinct user_id from fact_sales")},
        prices=dict(query("select id, price from dim_products order by id")),
        open=dict(
            query(
                "select id, status from fact_sales where status in ('PENDING', 'SHIPPED') "
                "order by id"
            )
        ),
        next_sale=last + 1,
    )
