"""Random histories of a few orders, made to meet each other: few ids, many collisions."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Protocol

from ingestion.ingester import Landed

BASE = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""When the first run of a history starts."""

RUN_EVERY = timedelta(hours=5)
"""Between two runs; with four runs a history crosses midnight UTC."""


_BATCHES = (1, 2, 7, 100)
_ITEMS: tuple[list[dict[str, object]], ...] = (
    [],
    [{"product_id": "p1", "quantity": 2, "unit_price": 9.5}],
    [
        {"product_id": "p2", "quantity": 1, "unit_price": "0.0001"},
        {"product_id": 'quote " 💶 \\', "quantity": 10, "unit_price": 1234567.8},
    ],
)
_WANDERERS = 8


@dataclass(frozen=True)
class Arrival:
    """A body, when the ingester took it, and the first run that can see it."""

    body: bytes
    received_at: datetime
    visible_in_run: int


def run_start(run: int) -> datetime:
    """The start of a history's nth run, the first being 0."""
    return BASE + run * RUN_EVERY


def arrivals(rng: random.Random, runs: int, count: int = 250) -> list[Arrival]:
    """A history: `count` bodies and then some redelivered, in any order, over `runs` runs.

    Some become visible only to the run after the one that was due (the ingester was slow), within
    the lookback. Beside them a few orders move to an earlier day.
    """
    bodies = [_body(rng) for _ in range(count)]
    bodies += rng.choices(bodies, k=count // 2)
    rng.shuffle(bodies)
    result = _wanderings(rng, runs)
    for body in bodies:
        run = rng.randrange(runs)
        slow = rng.random() < 0.15 and run + 1 < runs
        # A few moments of receipt a run, as batches have.
        due = RUN_EVERY / rng.choice(_BATCHES)
        before = timedelta(minutes=rng.choice([1, 7, 14])) if slow else due
        received_at = run_start(run) - before
        result.append(Arrival(body, received_at, run + 1 if slow else run))
    return result


class LandsEvents(Protocol):
    """What events are landed in."""

    def land(
        self, bodies: Iterable[bytes], at: datetime, batch: str, source: str = "shop"
    ) -> Landed:
        """Land bodies as one batch received at `at`."""


def land(lakehouse: LandsEvents, batch: Sequence[Arrival], name: str) -> None:
    """Land arrivals, one object per moment of receipt and partition."""
    ordered = sorted(batch, key=lambda arrival: arrival.received_at)
    for number, (received_at, group) in enumerate(groupby(ordered, lambda a: a.received_at)):
        lakehouse.land([a.body for a in group], received_at, f"{name}-{number:04d}")


def _wanderings(rng: random.Random, runs: int) -> list[Arrival]:
    """Orders whose day is found to be another, in a later run where there are several.

    Each has its days to itself: on a day of many orders some other one leads a run to the old day,
    too, and whatever this one leaves there goes unseen.
    """
    result = []
    for number in range(_WANDERERS):
        for creation, run in enumerate((0, rng.randrange(1, runs) if runs > 1 else 0)):
            at = BASE - timedelta(days=10 + 2 * number + creation)
            event = {
                "event_id": f"w{number}-{creation}",
                "event_type": "order_created",
                "event_ts": f"{at:%Y-%m-%dT%H:%M:%S}Z",
                "order_id": f"wanderer{number}",
                "customer_id": "c1",
                "amount": 10 + creation,
            }
            received_at = run_start(run) - timedelta(hours=1)
            result.append(Arrival(json.dumps(event).encode(), received_at, run))
    return result


def _body(rng: random.Random) -> bytes:
    order = f"o{rng.randrange(30)}"
    event: dict[str, object] = {
        # Few ids: redeliveries, and conflicts of every kind, also about the day.
        "event_id": f"e{rng.randrange(140)}",
        "event_ts": _moment(rng),
        "order_id": order,
        "source_note": rng.choice(["", "ünïcödé 💶", 'quote " comma , tab \t', "\\x01"]),
    }
    kind = rng.random()
    if kind < 0.6:
        event["amount"] = rng.choice([10, 19.99, 0, 1234567.8, "19.9900", "0.0001"])
        if rng.random() < 0.7:
            event["currency_code"] = rng.choice(["EUR", "USD", "JPY"])
    if kind < 0.45:
        event |= {"event_type": "order_created", "customer_id": f"c{rng.randrange(5)}"}
        if rng.random() < 0.3:
            event["is_test"] = rng.random() < 0.5
        if items := _ITEMS[int(str(event["event_id"])[1:]) % len(_ITEMS)]:
            event["items"] = items
    elif kind < 0.6:
        event |= {"event_type": "order_refunded", "refund_id": f"r{rng.randrange(12)}"}
    else:
        event |= {
            "event_type": "order_status_changed",
            "status": rng.choice(["SHIPPED", "DELIVERED", "CANCELLED"]),
        }
    if rng.random() < 0.1:
        event |= rng.choice(
            [
                {"amount": "12,0"},
                {"order_id": 7},
                {"event_ts": "yesterday"},
                {"event_type": "nonsense"},
                {"status": "LOST"},
                {"event_id": {"a": 1}},
            ]
        )
    if rng.random() < 0.2:
        event = _cloudevent(event)
    body = json.dumps(event, ensure_ascii=rng.random() < 0.5).encode()
    return body[:-1] if rng.random() < 0.03 else body


def _moment(rng: random.Random) -> str:
    # Within the conflict lookback of every run: beyond it lies the documented exception.
    moment = BASE - timedelta(minutes=rng.randrange(0, 36 * 60, 20))
    if rng.random() < 0.3:
        hours = rng.choice([-9, 2])
        shifted = moment + timedelta(hours=hours)
        return f"{shifted:%Y-%m-%dT%H:%M:%S}{hours:+03d}:00"
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _cloudevent(event: dict[str, object]) -> dict[str, object]:
    envelope = {"event_id": "id", "event_type": "type", "event_ts": "time"}
    data = {name: value for name, value in event.items() if name not in envelope}
    return {
        "specversion": "1.0",
        "source": "shop",
        **{envelope[name]: value for name, value in event.items() if name in envelope},
        "data": data,
    }
