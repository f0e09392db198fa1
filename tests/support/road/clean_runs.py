"""A simulated business in two runs that nothing disturbs, and all they left behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.deliveries import Delivery, simulate
from simulator.settings import Faults, Settings
from tests.support.road.lakehouse import Lakehouse, Rows
from tests.support.road.simulated import Gold, Key, accepted, counts, gold, land
from tests.support.road.watching import Answer, gold_totals

SETTINGS = Settings(
    # With this one, five versions of products come out of order.
    seed=33,
    events=20_000,
    orders_per_day=1_500,
    faults=Faults(**dict.fromkeys(Faults().rates(), 0.02)),
    cloudevents_share=0.3,
)

BUILD = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
"""A whole build. Its tests write nothing, and the tests here look closer."""


@dataclass(frozen=True)
class CleanRun:
    """A run, and the lakehouse after it.

    Attributes:
        arrived: the deliveries since the run before.
        deliveries: all deliveries until then, in their order.
        keys: the key of each in raw.
        at: when the run started.
        accepted: the event id of each line that was accepted.
        quarantined: the reason of each line in quarantined_events.
        counts: lines landed, accepted, quarantined and duplicate.
        gold: the marts.
        contents: every row of silver and gold.
        totals: what somebody who polls gold is told.
    """

    arrived: list[Delivery]
    deliveries: list[Delivery]
    keys: list[Key]
    at: datetime
    accepted: dict[Key, str]
    quarantined: dict[Key, str]
    counts: tuple[int, int, int, int]
    gold: Gold
    contents: dict[str, Rows]
    totals: dict[str, Answer]


def run_cleanly(lakehouse: Lakehouse) -> list[CleanRun]:
    """Bring one half of the business to gold and then the other, which must be merged into it."""
    deliveries = list(simulate(SETTINGS))
    half = len(deliveries) // 2
    keys: list[Key] = []
    runs = []
    for arrived in (deliveries[:half], deliveries[half:]):
        keys += land(lakehouse, arrived)
        at = arrived[-1].arrives_at + timedelta(minutes=1)
        lakehouse.build(*BUILD[1:], at=at)
        runs.append(
            CleanRun(
                arrived=arrived,
                deliveries=deliveries[: len(keys)],
                keys=keys.copy(),
                at=at,
                accepted=accepted(lakehouse),
                quarantined=rejected(lakehouse),
                counts=counts(lakehouse),
                gold=gold(lakehouse),
                contents=lakehouse.contents(),
                totals=gold_totals(lakehouse),
            )
        )
    return runs


def rejected(lakehouse: Lakehouse) -> dict[Key, str]:
    """The reject reason of each line in quarantine."""
    rows = lakehouse.query(
        "select received_at, message_id, reject_reason from retailpulse_silver.quarantined_events"
    )
    found = {(received_at, message_id): reason for received_at, message_id, reason in rows}
    assert len(found) == len(rows)
    return found
