"""What happens in the business, as the business knows it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from simulator import catalog
from simulator.life_cycle import CREATED
from simulator.times import TimeStyle

Op = Literal["upsert", "delete"]


class Order:
    """What is known of an order from its first moment on.

    Attributes:
        order_id: unique among all simulations.
        customer: the customer's number.
        is_cloudevent: the form in which its producer tells every event of it.
        style: how that producer writes timestamps.
        steps: each status it will have, CREATED first, a refund perhaps last, and when, in
            microseconds.
        amount_cents: its amount, in hundredths of its currency; 0 until it is created.
        creation_arrives_us: when the news of its creation arrives; 0 until that is known.
    """

    __slots__ = (
        "amount_cents",
        "creation_arrives_us",
        "customer",
        "is_cloudevent",
        "order_id",
        "steps",
        "style",
    )

    def __init__(
        self,
        order_id: str,
        customer: int,
        is_cloudevent: bool,
        style: TimeStyle,
        steps: tuple[tuple[str, int], ...],
    ) -> None:
        self.order_id = order_id
        self.customer = customer
        self.is_cloudevent = is_cloudevent
        self.style = style
        self.steps = steps
        self.amount_cents = 0
        self.creation_arrives_us = 0


class OrderEvent(NamedTuple):
    """One thing that happened to an order."""

    event_id: str
    order: Order
    status: str
    """The order's status from then on; CREATED for its creation, REFUNDED for a refund."""
    at_us: int
    amount_cents: int
    """What the order costs or what is given back, in hundredths of its currency; 0 for a status."""
    items_json: str
    """The order's items as a JSON array; empty but for a creation."""
    has_currency: bool
    """Whether the creation says its currency, or leaves it to the default."""
    is_amount_text: bool = False
    """Whether its producer tells the amount as text."""
    channel: str = ""
    """Where the order was placed; empty where the creation does not say, and but for a creation."""
    is_test: bool = False
    """Whether the creation says that the order is a test."""

    @property
    def currency_code(self) -> str:
        """The currency of the order's amount."""
        return catalog.country_of(self.order.customer).currency

    @property
    def is_cloudevent(self) -> bool:
        """Whether it is told as a CloudEvent."""
        return self.order.is_cloudevent

    @property
    def followed_at_us(self) -> int:
        """Of a creation, when the order's next step is; else 0."""
        steps = self.order.steps
        return steps[1][1] if self.status == CREATED and len(steps) > 1 else 0


class CartAbandoned(NamedTuple):
    """A cart was left with something in it."""

    event_id: str
    at_us: int
    cart_id: str
    session_id: str
    customer: int
    """The customer's number."""
    is_customer_known: bool
    """Whether the shop knows whose cart it was."""
    amount_cents: int
    """What was in it, in hundredths of its currency."""
    is_cloudevent: bool
    style: TimeStyle

    @property
    def currency_code(self) -> str:
        """The currency of the amount."""
        return catalog.country_of(self.customer).currency

    @property
    def followed_at_us(self) -> int:
        """Nothing follows."""
        return 0


class ProductVersion(NamedTuple):
    """A row of the catalog's database, as it is from then on, or that it is gone."""

    event_id: str
    at_us: int
    op: Op
    sequence: str
    """Its position among all versions of all products, as text in byte order."""
    number: int
    """The product's number."""
    category: str
    price_cents: int
    """In hundredths of `catalog.DEFAULT_CURRENCY`."""
    followed_at_us: int
    """Of a delete, when the product is back; else 0."""

    @property
    def is_cloudevent(self) -> bool:
        """Rows are told as CloudEvents alone."""
        return True


Event = OrderEvent | CartAbandoned | ProductVersion
