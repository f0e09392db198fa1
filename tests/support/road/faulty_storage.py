"""Storage that fails at random in simulated time, and a queue that delivers what is left again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import RawZone, StorageError

INVOCATION_SECONDS = 30.0
TIMEOUT_SECONDS = 7.0

# Of the puts that find storage neither working nor throttled already.
_WORKS = 1 / 3
FAULTS = {"error": 0.68, "timeout": 0.29, "throttled": 0.02, "invocation killed": 0.01}
_STORED_ALL_THE_SAME = 0.4
_LONGEST_THROTTLING_SECONDS = 20.0
_REDELIVERED = 0.01


class Clock:
    """Moves only when somebody waits."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def timer(self, seconds: float) -> Callable[[], float]:
        until = self.now + timedelta(seconds=seconds)
        return lambda: (until - self.now).total_seconds()


class InvocationKilled(BaseException):
    """The process that put is gone: it answers nothing, whatever it has stored."""


class FaultyZone:
    """A raw zone that works one time in three.

    Attributes:
        faults: how often each kind of failure struck.
    """

    def __init__(self, zone: RawZone, clock: Clock, rng: random.Random) -> None:
        self.faults: Counter[str] = Counter()
        self._zone = zone
        self._clock = clock
        self._rng = rng
        self._throttled_until = clock.now

    def put(self, key: str, body: bytes) -> None:
        if self._clock.now < self._throttled_until:
            self.faults["throttled"] += 1
            raise StorageError("throttled")
        if self._rng.random() < _WORKS:
            return self._zone.put(key, body)
        [fault] = self._rng.choices(list(FAULTS), list(FAULTS.values()))
        is_stored = fault != "throttled" and self._rng.random() < _STORED_ALL_THE_SAME
        if fault == "timeout":
            self._clock.wait(TIMEOUT_SECONDS)
        if is_stored:
            self._zone.put(key, body)
        self.faults[f"{fault}, yet stored" if is_stored else fault] += 1
        if fault == "invocation killed":
            raise InvocationKilled
        if fault == "throttled":
            throttling = timedelta(seconds=_LONGEST_THROTTLING_SECONDS * self._rng.random())
            self._throttled_until = self._clock.now + throttling
        raise StorageError(fault)


class Queue:
    """Hands out messages in any order until they are acknowledged, and some of them even then.

    Attributes:
        returned: how many messages were handed out again because they had failed.
        redelivered: how many because a queue delivers at least once.
    """

    def __init__(self, messages: list[Message], rng: random.Random, batch_size: int) -> None:
        self.returned = self.redelivered = 0
        self._messages = messages
        self._rng = rng
        self._batch_size = batch_size

    def __len__(self) -> int:
        return len(self._messages)

    def batches(self) -> Iterator[list[Message]]:
        while self._messages:
            yield [self._take() for _ in range(min(self._batch_size, len(self._messages)))]

    def acknowledge(self, batch: list[Message], failed_ids: tuple[str, ...]) -> None:
        failed = set(failed_ids)
        for message in batch:
            if message.message_id in failed:
                self.returned += 1
            elif self._rng.random() < _REDELIVERED:
                self.redelivered += 1
            else:
                continue
            self._messages.append(message)

    def _take(self) -> Message:
        # To shuffle a million messages for each batch would take a day.
        place = int(self._rng.random() * len(self._messages))
        self._messages[place], self._messages[-1] = self._messages[-1], self._messages[place]
        return self._messages.pop()


def deliver(queue: Queue, ingester: Ingester, clock: Clock) -> Iterator[None]:
    """Let the ingester take a batch a step, as a function behind the queue would."""
    for batch in queue.batches():
        try:
            failed = ingester.land(batch, clock.timer(INVOCATION_SECONDS)).failed_message_ids
        except InvocationKilled:
            failed = tuple(message.message_id for message in batch)
        queue.acknowledge(batch, failed)
        clock.wait(1)
        yield
