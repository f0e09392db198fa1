"""Storage that fails, times out or lies, at random: after the retries each event is there once."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone, RawZone, StorageError
from simulator.deliveries import simulate
from simulator.settings import Faults, Settings
from tests.integration.road.clean_runs import BUILD
from tests.integration.road.lakehouse import Lakehouse
from tests.integration.road.simulated import counts, gold, true_gold

# Without conflicts: which of two rivals counts would depend on the order of arrival.
SETTINGS = Settings(
    seed=31,
    events=5_000,
    orders_per_day=1_000,
    faults=Faults(
        malformed=0.02, unknown_type=0.02, wrong_field_type=0.02, conflicting_duplicate=0.0
    ),
)
BATCH = 60
INVOCATION_SECONDS = 30.0
TIMEOUT_SECONDS = 7.0


class Clock:
    """Moves only when somebody waits."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def timer(self, seconds: float) -> Callable[[], float]:
        until = self.now + timedelta(seconds=seconds)
        return lambda: (until - self.now).total_seconds()


class FaultyZone:
    """A raw zone that works one time in three."""

    def __init__(self, zone: RawZone, clock: Clock, rng: random.Random) -> None:
        self.attempts: Counter[str] = Counter()
        self._zone = zone
        self._clock = clock
        self._rng = rng

    def put(self, key: str, body: bytes) -> None:
        self.attempts[key] += 1
        if self._rng.random() < 1 / 3:
            return self._zone.put(key, body)
        is_timeout = self._rng.random() < 0.3
        is_stored = self._rng.random() < 0.4
        if is_timeout:
            self._clock.wait(TIMEOUT_SECONDS)
        if is_stored:
            self._zone.put(key, body)
        raise StorageError(f"timeout={is_timeout} stored={is_stored}")


class Queue:
    """Hands out what is left in batches, in any order, until it is acknowledged."""

    def __init__(self, messages: list[Message], rng: random.Random) -> None:
        self._messages = messages
        self._rng = rng

    def batches(self) -> Iterator[list[Message]]:
        while self._messages:
            self._rng.shuffle(self._messages)
            yield self._messages[:BATCH]

    def acknowledge(self, batch: list[Message], failed_ids: tuple[str, ...]) -> None:
        again = [message for message in batch if message.message_id in set(failed_ids)]
        self._messages = self._messages[len(batch) :] + again


def test_every_event_is_in_silver_once_whatever_storage_does(
    lakehouse: Lakehouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "ingestion.ingester")
    rng = random.Random(5)
    deliveries = list(simulate(SETTINGS))
    clock = Clock(deliveries[-1].arrives_at)
    zone = FaultyZone(FolderRawZone(lakehouse.home / "raw"), clock, rng)
    ingester = Ingester(zone, clock=lambda: clock.now, sleep=clock.wait, random=rng.random)
    queue = Queue([Message(d.body, f"{d.ordinal:06d}", "shop") for d in deliveries], rng)
    reported = 0
    for batch in queue.batches():
        landed = ingester.land(batch, clock.timer(INVOCATION_SECONDS))
        reported += len(landed.failed_message_ids)
        queue.acknowledge(batch, landed.failed_message_ids)
        clock.wait(1)

    lakehouse.build(*BUILD[1:], at=clock.now)

    accepted = lakehouse.query("select event_id from retailpulse_silver.order_events")
    good = [(d.event_id,) for d in deliveries if d.outcome == "accepted"]
    assert sorted(accepted) == sorted(good)
    quarantined = lakehouse.query(
        "select distinct message_id, reject_reason from retailpulse_silver.quarantined_events"
    )
    bad = {(f"{d.ordinal:06d}", d.reject_reason) for d in deliveries if d.reject_reason}
    assert set(quarantined) == bad
    assert gold(lakehouse) == true_gold(deliveries)
    landed_count, *_ = counts(lakehouse)
    # What was stored behind the ingester's back arrived twice, and was counted once.
    assert landed_count > len(deliveries)
    # Nearly all failures are made good within the invocation (without its retries 9,642 messages
    # were sent again), the rest by sending again.
    assert 0 < reported < len(deliveries) / 10
