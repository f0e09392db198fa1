"""What orders say line by line: compared by what it means, edited, refused where it is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.support.road.lakehouse import Lakehouse
from tests.support.road.simulated import counts

FIRST_RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND_RUN = FIRST_RUN + timedelta(hours=1)
VIEWS = (
    "+fact_order_items,config.materialized:view",
    *("quarantined_events", "event_conservation"),
)
LINES = (
    "select order_id, line_number, product_id, quantity, line_amount "
    "from retailpulse.fact_order_items order by all"
)
REJECTED = (
    "select event_id, reject_reason, reject_field, reject_value "
    "from retailpulse_silver.quarantined_events order by all"
)


def order(event_id: str, items: str | None, hour: int = 8, order_id: str | None = None) -> bytes:
    """An order whose items are this JSON text; None for one that does not say."""
    order = {
        "event_id": event_id,
        "event_type": "order_created",
        "event_ts": f"2026-03-10T{hour:02d}:00:00Z",
        "order_id": order_id or event_id,
        "customer_id": "c1",
        "amount": 10,
    }
    told = json.dumps(order)
    return (told if items is None else f'{told[:-1]}, "items": {items}}}').encode()


def test_lists_are_the_same_by_what_they_say(lakehouse: Lakehouse) -> None:
    lakehouse.land(
        [
            order("spelled", '[{"product_id":"p1","quantity":2,"unit_price":12.30}]'),
            order("other", '[{"product_id":"p1","quantity":2,"unit_price":1}]'),
            order("untold", None),
            order("edited", '[{"product_id":"p1","quantity":1,"unit_price":1}]'),
            order("wrong", '[{"product_id":"p1","quantity":1,"unit_price":1},{"product_id":"p2"}]'),
        ],
        FIRST_RUN - timedelta(minutes=30),
        "first",
    )
    lakehouse.build("--selector", "fast", at=FIRST_RUN)
    lakehouse.land(
        [
            order(
                "spelled",
                '[ {"quantity": 2.0, "note": {"a": [1]}, "unit_price": "12.3",'
                ' "product\\u005fid": "\\u00701"} ]',
            ),
            order("other", '[{"product_id":"p1","quantity":3,"unit_price":1}]'),
            order("untold", "null"),
            order(
                "edited again",
                '[{"product_id":"p3","quantity":1,"unit_price":5},'
                '{"product_id":"p1","quantity":2,"unit_price":"0.5"}]',
                hour=9,
                order_id="edited",
            ),
        ],
        SECOND_RUN - timedelta(minutes=30),
        "second",
    )
    lakehouse.build("--selector", "fast", at=SECOND_RUN)
    lakehouse.build("--select", *VIEWS, at=SECOND_RUN, command="run")

    assert lakehouse.query(LINES) == [
        ("edited", 1, "p3", 1, Decimal(5)),
        ("edited", 2, "p1", 2, Decimal(1)),
        ("other", 1, "p1", 2, Decimal(2)),
        ("spelled", 1, "p1", 2, Decimal("24.6")),
    ]
    assert lakehouse.query(REJECTED) == [
        ("other", "conflicting_duplicate", "event_id", "other"),
        ("wrong", "missing_field", "items.quantity", '{"product_id":"p2"}'),
    ]
    assert counts(lakehouse) == (9, 5, 2, 2)
