"""Events of the types that docs/add-a-source.md adds, in the deliveries of two runs.

Of the entity they are versions that are late, deleted, back again, alike, repeated, conflicting and
wrong. What silver makes of them is said in tests/integration/road/test_new_event_type.py.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from tests.integration.road.test_corrections import created
from tests.support.road.histories import LandsEvents, run_start

FIRST_RUN: Final = run_start(0)
SECOND_RUN: Final = run_start(1)


def land_first(lakehouse: LandsEvents) -> None:
    """Land what the first run finds."""
    bodies = [
        created("e1", "o1", "2026-03-09T10:00:00Z", 10, "EUR"),
        returned("r1", order_id="o1", reason="too small"),
        returned("r1", order_id="o1", reason="too small"),
        returned("r2", order_id=1),
        points("p1", account_id="k1", points=120, occasion="PURCHASE"),
        points("p1", account_id="k1", points=121, occasion="PURCHASE"),
        points("p2", account_id="k1", points="50"),
        supplier("s1", 1, day=1, name="Porcelain Works"),
        supplier("s1", 3, day=3, name="Porcelain Works", country="PT"),
        # The same as the one before but for its position.
        supplier("s2", 1, day=1, name="Linen Mill", credit_limit="5000.00"),
        supplier("s2", 2, day=2, name="Linen Mill", credit_limit=5000),
        supplier("s3", 1, day=1, name="Glass House"),
        supplier("s4", 1, day=1, name="Oak and Ash", is_approved=False),
        supplier("s4", 2, day=2, op="delete"),
        # Required, but of a row that is deleted.
        supplier("s5", 1, day=1, country="IE"),
    ]
    lakehouse.land(bodies, FIRST_RUN - timedelta(hours=1), "first")


def land_second(lakehouse: LandsEvents) -> None:
    """Land what the second run finds."""
    bodies = [
        created("e2", "o2", "2026-03-09T11:00:00Z", 20, "EUR"),
        returned("r3", order_id="o2"),
        points("p3", account_id="k2", points=10, expires_on="2026-12-31"),
        # Between the two that are there.
        supplier("s1", 2, day=2, name="Porcelain & Sons"),
        # Seen again.
        supplier("s2", 2, day=2, name="Linen Mill", credit_limit="5000"),
        supplier("s3", 2, day=2, op="delete"),
        supplier("s4", 3, day=3, name="Oak and Ash", is_approved=True),
        # Another version under an id that is taken.
        supplier("s4", 3, day=3, name="Oak and Elm"),
    ]
    lakehouse.land(bodies, SECOND_RUN - timedelta(hours=1), "second")


def returned(event_id: str, **fields: object) -> bytes:
    return _flat("order_returned", event_id, "2026-03-09T12:00:00Z", fields)


def points(event_id: str, **fields: object) -> bytes:
    return _flat("points_earned", event_id, "2026-03-09T13:00:00Z", fields)


def supplier(
    supplier_id: str, version: int, *, day: int, op: str = "upsert", **row: object
) -> bytes:
    """A version of a supplier, a CloudEvent, that was made on a day of March at 8 o'clock."""
    event = {
        "specversion": "1.0",
        "id": f"{supplier_id}-{version}",
        "type": "supplier_changed",
        "source": "purchasing",
        "time": f"2026-03-{day:02d}T08:00:00Z",
        "op": op,
        "sequence": f"{version:010d}",
        "data": {"supplier_id": supplier_id, **row},
    }
    return json.dumps(event).encode()


def _flat(event_type: str, event_id: str, at: str, fields: dict[str, object]) -> bytes:
    event = {"event_id": event_id, "event_type": event_type, "event_ts": at}
    return json.dumps(event | fields).encode()
