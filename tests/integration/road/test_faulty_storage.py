"""Storage that fails, times out or lies, at random: after the retries each event is there once."""

from __future__ import annotations

import logging
import random

import pytest

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from simulator.deliveries import simulate
from simulator.settings import Faults, Settings
from tests.support.road.clean_runs import BUILD
from tests.support.road.faulty_storage import FAULTS, Clock, FaultyZone, Queue, deliver
from tests.support.road.lakehouse import Lakehouse
from tests.support.road.simulated import accepted, counts, gold, true_gold

# Without conflicts: which of two conflicting events counts would depend on the order of arrival.
SETTINGS = Settings(
    seed=31,
    events=5_000,
    orders_per_day=1_000,
    faults=Faults(
        malformed=0.02, unknown_type=0.02, wrong_field_type=0.02, conflicting_duplicate=0.0
    ),
)
BATCH = 60


def test_every_event_is_in_silver_once_whatever_storage_does(
    lakehouse: Lakehouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "ingestion.ingester")
    rng = random.Random(5)
    deliveries = list(simulate(SETTINGS))
    clock = Clock(deliveries[-1].arrives_at)
    zone = FaultyZone(FolderRawZone(lakehouse.home / "raw"), clock, rng)
    ingester = Ingester(zone, clock=lambda: clock.now, sleep=clock.wait, random=rng.random)
    queue = Queue([Message(d.body, f"{d.ordinal:06d}", "shop") for d in deliveries], rng, BATCH)
    for _ in deliver(queue, ingester, clock):
        pass

    lakehouse.build(*BUILD[1:], at=clock.now)

    good = [d.event_id for d in deliveries if d.outcome == "accepted" and d.event_id]
    assert sorted(accepted(lakehouse).values()) == sorted(good)
    quarantined = lakehouse.query(
        "select distinct message_id, reject_reason from retailpulse_silver.quarantined_events"
    )
    bad = {(f"{d.ordinal:06d}", d.reject_reason) for d in deliveries if d.reject_reason}
    assert set(quarantined) == bad
    assert gold(lakehouse) == true_gold(deliveries)
    landed_count, *_ = counts(lakehouse)
    # What was stored behind the ingester's back arrived twice, and was counted once.
    assert landed_count > len(deliveries) + queue.redelivered > len(deliveries)
    assert zone.faults.keys() >= FAULTS.keys()
    # Most failures are made good within the invocation (without its retries 9,642 messages were
    # sent again), the rest by sending again.
    assert 0 < queue.returned < len(deliveries) / 5
