"""Simulated deliveries in a lakehouse, and whether gold shows what the simulator knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from retailpulse.local.domain_tables import accepted_rows
from simulator.deliveries import Delivery
from simulator.truth import FIRST, Truth
from tests.support.road.lakehouse import Lakehouse

SYSTEM = "retailpulse"
"""Whose ids every simulated source uses."""

Gold = tuple[dict[tuple[Any, ...], tuple[Any, ...]], ...]
NEVER = datetime(9999, 12, 31)
"""Until when a state is valid that is valid now."""

Key = tuple[datetime, str]
"""`received_at` and `message_id` of a raw line, the former without its time zone (UTC)."""


def land(lakehouse: Lakehouse, deliveries: Sequence[Delivery], batch_size: int = 800) -> list[Key]:
    """Land deliveries in the order they arrived; return the key of each.

    A batch is received when the last of it arrives, and message ids sort as the deliveries.
    """
    keys = []
    for start in range(0, len(deliveries), batch_size):
        batch = deliveries[start : start + batch_size]
        received_at = batch[-1].arrives_at
        name = f"{batch[0].ordinal:09d}"
        landed = lakehouse.land([delivery.body for delivery in batch], received_at, name)
        assert landed.landed == len(batch)
        naive = received_at.replace(tzinfo=None)
        keys += [(naive, f"{name}#{row:06d}") for row in range(len(batch))]
    return keys


def gold(lakehouse: Lakehouse) -> Gold:
    """What gold and the products' history show, by their grains."""
    daily = lakehouse.query(
        "select event_date, currency_code, order_count, gross_revenue, cancelled_revenue, "
        "refunded_revenue, daily_revenue from retailpulse.agg_daily_revenue"
    )
    by_status = lakehouse.query(
        "select status, currency_code, order_count, order_amount, oldest_status_at "
        "from retailpulse.agg_order_status"
    )
    items = lakehouse.query(
        "select order_id, line_number, product_id, quantity, unit_price_amount, currency_code, "
        "line_amount from retailpulse.fact_order_items"
    )
    carts = lakehouse.query(
        "select event_date, currency_code, cart_count, known_customer_cart_count, "
        "abandoned_amount from retailpulse.agg_abandoned_carts"
    )
    columns = "product_name, category, unit_price, currency_code"
    products = lakehouse.query(
        # Without those that were deleted, which orders still name.
        f"select system, product_id, {columns}, is_active from retailpulse.dim_products "
        "where not is_inferred"
    )
    history = lakehouse.query(
        f"select product_id, valid_from, {columns.replace('product_name', 'name')}, valid_to, "
        "is_current, is_first_known from retailpulse_silver.products_history"
    )
    return tuple(
        {row[:2]: row[2:] for row in rows}
        for rows in (daily, by_status, items, carts, products, history)
    )


def accepted(lakehouse: Lakehouse) -> dict[Key, str]:
    """The event id of each accepted line, of orders, carts and products."""
    with lakehouse.connect() as connection:
        query = accepted_rows(connection, ["received_at", "message_id", "event_id"])
        rows = connection.execute(query).fetchall()
    found = {(received_at, message_id): event_id for received_at, message_id, event_id in rows}
    assert len(found) == len(rows)
    return found


def true_gold(deliveries: Sequence[Delivery]) -> Gold:
    """What gold must show after these deliveries, as the simulator knows it."""
    truth = Truth()
    for delivery in deliveries:
        truth.add(delivery)
    return gold_of(truth)


def gold_of(truth: Truth) -> Gold:
    """What gold must show, as the simulator knows it."""
    daily = {grain: (*told, told.daily_revenue) for grain, told in truth.daily().items()}
    by_status = {
        grain: (told.order_count, told.amount, told.oldest_status_at.replace(tzinfo=None))
        for grain, told in truth.by_status().items()
    }
    items = {line: (*item, item.quantity * item.unit_price) for line, item in truth.items().items()}
    history = truth.product_history()
    products = {
        (SYSTEM, state.product_id): (*state[1:5], True)
        for state in history
        if state.valid_to is None
    }
    states = {
        (state.product_id, state.valid_from.replace(tzinfo=None)): (
            *state[1:5],
            (state.valid_to or NEVER).replace(tzinfo=None),
            state.valid_to is None,
            state.valid_from == FIRST,
        )
        for state in history
    }
    return daily, by_status, items, dict(truth.carts()), products, states


def counts(lakehouse: Lakehouse) -> tuple[int, int, int, int]:
    """How many raw lines landed, were accepted, were quarantined and are duplicates."""
    hours = lakehouse.query(
        "select landed_count, accepted_count, quarantined_count, duplicate_count "
        "from retailpulse_silver.event_conservation"
    )
    for landed, *classes in hours:
        assert landed == sum(classes)
    landed, accepted, quarantined, duplicate = (sum(column) for column in zip(*hours, strict=True))
    return landed, accepted, quarantined, duplicate
