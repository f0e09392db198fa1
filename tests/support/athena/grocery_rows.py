"""The rows of the simulated grocery as events, without a file: what `retailpulse drop` lands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from simulator.grocery.business import Item, LeftItem, Order, Product, products
from simulator.grocery.files import grocery

_START: Final = datetime(2026, 3, 1, tzinfo=UTC)
_CURRENCY: Final = {"currency_code": "USD"}


class GroceryRows:
    """A grocery whose orders, and carts, are delivered in two parts, the products of both last."""

    def __init__(self) -> None:
        self._business = grocery(5, _START)
        self._numbers = count(1)

    def first(self, at: datetime) -> dict[str, list[bytes]]:
        """Return what comes first, by feed: products are missing, and the orders of some lines."""
        orders = list(self._business.orders(40))
        return {
            "grocery_products": [*self._events("products", map(_product, products()[:60]), at)],
            "grocery_orders": [
                *self._events("orders", (_order(order) for order, _ in orders[:30]), at)
            ],
            "grocery_order_items": [*self._events("order_items", _lines(orders), at)],
            "grocery_cart_abandonments": [*self._cart_rows(100, at)],
        }

    def second(self, at: datetime) -> dict[str, list[bytes]]:
        """Return what comes then, likewise: corrections and most of what was missing among it."""
        orders = list(self._business.orders(20))
        corrected = [_order(order) | {"total_amount": "1.25"} for order, _ in orders[:5]]
        renamed = [_product(each) | {"department": "renamed"} for each in products()[20:]]
        return {
            "grocery_products": [*self._events("products", renamed[:-5], at)],
            "grocery_orders": [
                *self._events("orders", [*(_order(order) for order, _ in orders), *corrected], at)
            ],
            "grocery_order_items": [*self._events("order_items", _lines(orders), at)],
            "grocery_cart_abandonments": [*self._cart_rows(50, at)],
        }

    def _cart_rows(self, lines: int, at: datetime) -> Iterator[bytes]:
        left = self._business.left_items(lines)
        return self._events("cart_abandonments", map(_left_item, left), at)

    def _events(
        self, table: str, rows: Iterable[Mapping[str, Any]], at: datetime
    ) -> Iterator[bytes]:
        feed = f"grocery_{table}"
        for row in rows:
            sequence = f"{next(self._numbers):020d}"
            event = {
                "specversion": "1.0",
                "id": f"{feed}/{sequence}",
                "type": feed,
                "source": feed,
                "time": at.isoformat(),
                "op": "upsert",
                "sequence": sequence,
                "data": row,
            }
            yield json.dumps(event, ensure_ascii=False).encode()


def _lines(orders: Iterable[tuple[Order, list[Item]]]) -> Iterator[dict[str, Any]]:
    return (_item(item) for _, items in orders for item in items)


def _product(product: Product) -> dict[str, Any]:
    return {
        "product_id": product.product_id,
        "department_id": product.department_id,
        "department": product.department,
        "product_name": product.product_name,
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "order_num": order.order_num,
        "order_id": order.order_id,
        "user_id": order.user_id,
        "order_timestamp": order.placed_at.isoformat(),
        "total_amount": _dollars(order.total_cents),
        "order_date": order.placed_at.date().isoformat(),
    } | _CURRENCY


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "order_id": item.order_id,
        "user_id": item.user_id,
        "days_since_prior_order": item.days_since_prior_order,
        "product_id": item.product_id,
        "add_to_cart_order": item.add_to_cart_order,
        "reordered": item.reordered,
        "order_timestamp": item.placed_at.isoformat(),
        "order_date": item.placed_at.date().isoformat(),
    } | _CURRENCY


def _left_item(item: LeftItem) -> dict[str, Any]:
    return {
        "cart_id": item.cart_id,
        "session_id": item.session_id,
        "customer_id": item.customer_id,
        "product_id": item.product_id,
        "quantity": item.quantity,
        "unit_price": _dollars(item.price_cents),
        "abandoned_at": item.abandoned_at.isoformat(),
        "checkout_step": item.checkout_step,
        "device": item.device,
    } | _CURRENCY


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
