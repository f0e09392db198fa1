"""What happens in the shop, one change of one row at a time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Status = Literal["PENDING", "SHIPPED", "DELIVERED", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody signs up."""

    id: int
    name: str
    email: str
    city: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something is sold from now on."""

    id: int
    name: str
    category: str
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Sale:
    """A user buys a product; the amount is that of all of it, in units of the currency."""

    id: int
    user_id: int
    product_id: int
    quantity: int
    amount: Decimal
    currency: str
    status: Status = "PENDING"


@dataclass(frozen=True, slots=True)
class Moved:
    """A user lives in another city."""

    user_id: int
    city: str


@dataclass(frozen=True, slots=True)
class Priced:
    """A product has another price."""

    product_id: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A sale goes on."""

    sale_id: int
    status: Status


@dataclass(frozen=True, slots=True)
class Left:
    """A user who never bought anything asks to be forgotten: the row is deleted."""

    user_id: int


Change = User | Product | Sale | Moved | Priced | StatusChanged | Left
