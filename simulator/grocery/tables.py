"""The tables of the grocery's files: their columns, and each row's cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from simulator.grocery.business import Item, LeftItem, Order, Product

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What files of one kind have.

    Attributes:
        header: What the columns are called.
        cells: Makes the cells of a row.
        keys: The places of the key.
        correctable: The place of a cell that a correction changes, and a value that it had before.
        faulty: Cells that cannot be read: their place, the text, and why the row is rejected.
    """

    header: Cells
    cells: Callable[[Any], Cells]
    keys: tuple[int, ...]
    correctable: tuple[int, str]
    faulty: tuple[tuple[int, str, str], ...]


def _product(product: Product) -> Cells:
    return (
        *(product.product_id, str(product.department_id)),
        *(product.department, product.product_name),
    )


def _order(order: Order) -> Cells:
    return (
        *(str(order.order_num), order.order_id, order.user_id),
        *(_time(order.placed_at), _money(order.total_cents), _day(order.placed_at)),
    )


def _item(item: Item) -> Cells:
    days = item.days_since_prior_order
    return (
        *(item.id, item.order_id, item.user_id, "" if days is None else str(days)),
        *(item.product_id, str(item.add_to_cart_order), "1" if item.reordered else "0"),
        *(_time(item.placed_at), _day(item.placed_at)),
    )


def _left_item(item: LeftItem) -> Cells:
    return (
        *(item.cart_id, item.session_id, item.customer_id or "", item.product_id),
        *(str(item.quantity), _money(item.price_cents), _time(item.abandoned_at)),
        *(item.checkout_step, item.device),
    )


_MISSING, _WRONG, _INVALID = "missing_field", "wrong_type", "invalid_value"
# In the future whenever the file is dropped, and before any grocery of ours.
_FUTURE, _PAST = ("2999-01-01 00:00:00", "time_in_future"), ("1970-01-01 00:00:00", "time_too_old")

PRODUCTS: Final = Table(
    ("product_id", "department_id", "department", "product_name"),
    _product,
    keys=(0,),
    correctable=(3, "Unnamed"),
    faulty=((0, "", _MISSING), (1, "four", _WRONG)),
)
ORDERS: Final = Table(
    ("order_num", "order_id", "user_id", "order_timestamp", "total_amount", "date"),
    _order,
    keys=(1,),
    correctable=(4, "0.01"),
    faulty=(
        *((1, " ", _MISSING), (2, "", _MISSING), (4, "", _MISSING), (0, "first", _WRONG)),
        *((4, "-1.00", _INVALID), (4, "n/a", _INVALID)),
        *((3, *_FUTURE), (3, *_PAST), (3, "yesterday", _INVALID), (5, "2026-02-30", _INVALID)),
    ),
)
ORDER_ITEMS: Final = Table(
    (
        *("id", "order_id", "user_id", "days_since_prior_order", "product_id"),
        *("add_to_cart_order", "reordered", "order_timestamp", "date"),
    ),
    _item,
    keys=(0,),
    correctable=(6, "1"),
    faulty=(
        *((0, "", _MISSING), (1, "", _MISSING), (4, "", _MISSING)),
        *((5, "1.5", _WRONG), (6, "maybe", _WRONG)),
        *((7, *_FUTURE), (7, *_PAST), (8, "14.01.2026", _INVALID)),
    ),
)
CART_ABANDONMENTS: Final = Table(
    (
        *("cart_id", "session_id", "customer_id", "product_id", "quantity", "price"),
        *("abandonment_timestamp", "checkout_step", "device"),
    ),
    _left_item,
    keys=(0, 3),
    correctable=(5, "0.01"),
    faulty=(
        *((0, "", _MISSING), (3, "", _MISSING), (4, "", _MISSING), (5, "", _MISSING)),
        *((4, "two", _WRONG), (5, "-0.99", _INVALID), (6, "", _MISSING)),
        *((6, *_FUTURE), (6, *_PAST), (6, "soon", _INVALID)),
    ),
)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
