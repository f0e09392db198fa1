"""What a grocery sells, what its customers order, and what they leave in carts.

Pure, and the same for the same seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple

CURRENCY: Final = "USD"

_SHELVES: Final = {
    "produce": ("Bananas", "Avocados", "Lemons", "Baby spinach", "Jalapeños", "Strawberries"),
    "dairy eggs": ("Whole milk", "Greek yogurt", "Free-range eggs", "Crème fraîche", "Butter"),
    "bakery": ("Sourdough bread", "Croissants", 'Baguette, 22"', "Rye rolls"),
    "beverages": ("Sparkling water", "Orange juice, no pulp", "Maté tea", "Cold brew"),
    "pantry": ("Olive oil", "Sea salt", "Dijon mustard", "Basmati rice, 2 lb", "Honey"),
    "snacks": ("Dark chocolate", "Tortilla chips", "Salted almonds", "Rice cakes"),
    "frozen": ("Blueberries, frozen", "Vanilla ice cream", "Gyoza", "Peas"),
    "household": ("Paper towels", "Dish soap", "Trash bags, 30 ct", "Sponges"),
}
_KINDS: Final = ("", "Organic ", "Family-size ")
_QUANTITIES: Final = (1, 1, 1, 2, 2, 3)
_STEPS: Final = ("cart", "cart", "address", "delivery", "payment")
_DEVICES: Final = ("phone", "phone", "tablet", "computer")
_GUESTS: Final = 0.2
_AGAIN: Final = 0.6
_MOST_ITEMS: Final = 8
LONGEST_BETWEEN_ORDERS: Final = timedelta(minutes=30)
"""It is half of that in the mean."""

_MOST_SECONDS_BETWEEN: Final = int(LONGEST_BETWEEN_ORDERS.total_seconds())


class Product(NamedTuple):
    """A product, by its id, and who sells it."""

    product_id: str
    department_id: int
    department: str
    product_name: str
    price_cents: int
    """What it costs; no file says so but that of carts."""


class Order(NamedTuple):
    """An order of a customer, its `order_num`th."""

    order_num: int
    order_id: str
    user_id: str
    placed_at: datetime
    total_cents: int


class Item(NamedTuple):
    """A line of an order."""

    id: str
    order_id: str
    user_id: str
    days_since_prior_order: int | None
    product_id: str
    add_to_cart_order: int
    reordered: bool
    placed_at: datetime


class LeftItem(NamedTuple):
    """A product that was left in a cart; of a guest nobody knows whose it was."""

    cart_id: str
    session_id: str
    customer_id: str | None
    product_id: str
    quantity: int
    price_cents: int
    abandoned_at: datetime
    checkout_step: str
    device: str


def products() -> list[Product]:
    """What it sells: the same in every simulation."""
    found: list[Product] = []
    for department_id, (department, names) in enumerate(_SHELVES.items(), start=1):
        for name in names:
            for kind in _KINDS:
                number = len(found) + 1
                price = 99 + 37 * number % 1_400
                found.append(
                    Product(f"p{number:03d}", department_id, department, kind + name, price)
                )
    return found


@dataclass(slots=True)
class _Customer:
    orders: int = 0
    last_ordered_at: datetime | None = None
    bought: set[str] = field(default_factory=set)


class Grocery:
    """A grocery and its customers, as time goes on."""

    def __init__(self, random: Random, start: datetime, customers: int = 200) -> None:
        """Open it.

        Args:
            random: What decides.
            start: When, UTC.
            customers: How many come.
        """
        self._random = random
        self._ordered_at = self._left_at = start
        self._products = products()
        self._customers = [_Customer() for _ in range(customers)]
        self._orders = self._items = self._carts = 0

    def orders(self, count: int) -> Iterator[tuple[Order, list[Item]]]:
        """Yield the next orders, each with its lines."""
        for _ in range(count):
            yield self._order()

    def left_items(self, count: int) -> Iterator[LeftItem]:
        """Yield what is left in the next carts, so many lines."""
        left = 0
        while left < count:
            for item in self._cart()[: count - left]:
                left += 1
                yield item

    def _order(self) -> tuple[Order, list[Item]]:
        self._orders += 1
        self._ordered_at = now = self._later(self._ordered_at)
        number = self._random.randrange(len(self._customers))
        customer = self._customers[number]
        order_id, user_id = f"g{self._orders:06d}", f"u{number + 1:04d}"
        days = (now - customer.last_ordered_at).days if customer.last_ordered_at else None
        basket = self._basket(customer)
        items = [
            Item(
                id=f"i{self._items + place:07d}",
                order_id=order_id,
                user_id=user_id,
                days_since_prior_order=days,
                product_id=product.product_id,
                add_to_cart_order=place,
                reordered=product.product_id in customer.bought,
                placed_at=now,
            )
            for place, product in enumerate(basket, start=1)
        ]
        self._items += len(items)
        customer.orders += 1
        customer.last_ordered_at = now
        customer.bought |= {product.product_id for product in basket}
        total = sum(product.price_cents for product in basket)
        return Order(customer.orders, order_id, user_id, now, total), items

    def _basket(self, customer: _Customer) -> list[Product]:
        """Different products, of which some were bought before."""
        count = 1 + self._random.randrange(_MOST_ITEMS)
        basket: dict[str, Product] = {}
        for _ in range(count):
            product = self._random.choice(self._products)
            if customer.bought and self._random.random() < _AGAIN:
                again = self._random.choice(sorted(customer.bought))
                product = self._products[int(again[1:]) - 1]
            basket[product.product_id] = product
        return list(basket.values())

    def _cart(self) -> list[LeftItem]:
        self._carts += 1
        self._left_at = self._later(self._left_at)
        random = self._random
        number = random.randrange(len(self._customers))
        is_guest = random.random() < _GUESTS
        step, device = random.choice(_STEPS), random.choice(_DEVICES)
        return [
            LeftItem(
                cart_id=f"k{self._carts:06d}",
                session_id=f"s{self._carts:06d}",
                customer_id=None if is_guest else f"u{number + 1:04d}",
                product_id=product.product_id,
                quantity=random.choice(_QUANTITIES),
                price_cents=product.price_cents,
                abandoned_at=self._left_at,
                checkout_step=step,
                device=device,
            )
            for product in random.sample(self._products, 1 + random.randrange(4))
        ]

    def _later(self, at: datetime) -> datetime:
        return at + timedelta(seconds=1 + self._random.randrange(_MOST_SECONDS_BETWEEN))
