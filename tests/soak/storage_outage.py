"""An outage of storage: what the queue's settings make of it, in simulated time."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import StorageError
from simulator.deliveries import simulate
from simulator.settings import Settings
from tests.soak.queue_model import Course, QueueSettings, consume
from tests.soak.scenario import Outcome, Soak
from tests.support.road.faulty_storage import TIMEOUT_SECONDS, Clock, InvocationKilled

START = datetime(2026, 3, 10, 9, tzinfo=UTC)
FROM = 10 * 60.0
HOUR = 60 * 60.0
MESSAGES_A_SECOND = 5.0
ERROR_SECONDS = 0.05

AT_ONCE = "every put fails at once"
# The shortest and the longest time that a put needs to fail.
FAILURES = {
    AT_ONCE: (ERROR_SECONDS, ERROR_SECONDS),
    "every put times out": (TIMEOUT_SECONDS, TIMEOUT_SECONDS),
    "puts fail after any time": (ERROR_SECONDS, TIMEOUT_SECONDS),
}
TOO_FEW_RECEIVES = 5


@dataclass
class Function:
    """The ingester as a function, and the storage it writes to, which is out for a while.

    Attributes:
        bodies: the messages' bodies, by number.
        timeout: the function's, in seconds.
        until: when storage works again, in seconds; it fails from FROM on.
        failure: how it fails, one of FAILURES.
        rng: what is random about it.
        objects: what was stored.
        killed: how many invocations ran into their timeout, and answered nothing.
    """

    bodies: Sequence[bytes]
    timeout: float
    until: float
    failure: str
    rng: Random
    objects: list[bytes] = field(default_factory=list)
    killed: int = 0
    _clock: Clock = field(default_factory=lambda: Clock(START))
    _ends_by: float = 0.0

    @property
    def _now(self) -> float:
        return (self._clock.now - START).total_seconds()

    def put(self, key: str, body: bytes) -> None:
        is_out = FROM <= self._now < self.until
        self._clock.wait(self.rng.uniform(*FAILURES[self.failure]) if is_out else ERROR_SECONDS)
        if self._now >= self._ends_by:
            raise InvocationKilled
        if is_out:
            raise StorageError(key)
        self.objects.append(body)

    def __call__(self, starts_at: float, numbers: Sequence[int]) -> tuple[float, set[int]]:
        self._clock.now = START + timedelta(seconds=starts_at)
        self._ends_by = starts_at + self.timeout
        ingester = Ingester(
            self, clock=lambda: self._clock.now, sleep=self._clock.wait, random=self.rng.random
        )
        messages = [Message(self.bodies[number], str(number)) for number in numbers]
        try:
            landed = ingester.land(messages, self._clock.timer(self.timeout))
        except InvocationKilled:
            self.killed += 1
            return self._ends_by, set(numbers)
        return self._now, {int(failed) for failed in landed.failed_message_ids}

    def stored(self) -> set[int]:
        """The numbers of the messages that are in storage."""
        lines = (line for body in self.objects for line in gzip.decompress(body).splitlines())
        return {int(json.loads(line)["message_id"]) for line in lines}


def scenario(soak: Soak) -> Iterator[Outcome]:
    """An hour with the settings we ship, the same with a wrong one, and how long they last."""
    shipped = QueueSettings.shipped()
    sent_at = _arrivals(soak.rng, FROM + HOUR + FROM)
    events = Settings(seed=soak.rng.randrange(1_000_000), events=len(sent_at))
    bodies = [delivery.body for delivery, _ in zip(simulate(events), sent_at, strict=False)]
    for failure in FAILURES:
        function = Function(
            bodies, shipped.function_timeout_seconds, FROM + HOUR, failure, soak.rng
        )
        with soak.terminal.step(f"An hour in which {failure}"):
            course = consume(shipped, sent_at, function)
        yield _survived(shipped, sent_at, function, course)
    yield _too_few_receives(soak, shipped, sent_at, bodies)
    yield _longest(soak, shipped, bodies)


def _arrivals(rng: Random, until: float) -> list[float]:
    sent_at, now = list[float](), 0.0
    while (now := now + rng.expovariate(MESSAGES_A_SECOND)) < until:
        sent_at.append(now)
    return sent_at


def _survived(
    settings: QueueSettings,
    sent_at: Sequence[float],
    function: Function,
    course: Course,
) -> Outcome:
    lost = len(sent_at) - len(function.stored())
    during = [number for number, at in enumerate(sent_at) if at < function.until]
    waited = max(course.deleted_at.get(number, 0.0) for number in during) - function.until
    # What was received just before the end is visible again this much later.
    soon = (
        settings.visibility_timeout_seconds
        + settings.maximum_batching_window_seconds
        + settings.function_timeout_seconds
    )
    return Outcome(
        f"an hour in which {function.failure}",
        1,
        f"{len(sent_at):,} messages stored, no dead letters, backlog gone within {soon} s",
        f"{len(course.dead):,} dead letters, {lost:,} not stored, backlog gone after {waited:.0f} s"
        f" ({course.most_receives} of {settings.maximum_receive_count} receives used,"
        f" {course.most_at_once} invocations at once, {function.killed} ran into their timeout)",
        not course.dead and not course.expired and lost == 0 and 0 < waited <= soon,
    )


def _too_few_receives(
    soak: Soak, shipped: QueueSettings, sent_at: Sequence[float], bodies: Sequence[bytes]
) -> Outcome:
    settings = replace(shipped, maximum_receive_count=TOO_FEW_RECEIVES)
    until = FROM + HOUR
    function = Function(bodies, settings.function_timeout_seconds, until, AT_ONCE, soak.rng)
    with soak.terminal.step(f"The same with a receive count of {TOO_FEW_RECEIVES}"):
        dead = consume(settings, sent_at, function).dead
        stored = function.stored()
    # Its last receive came this long after it was sent, and an invocation later it had failed.
    last = (TOO_FEW_RECEIVES - 1) * settings.visibility_timeout_seconds
    invocation = settings.maximum_batching_window_seconds + settings.function_timeout_seconds
    sent = dict(enumerate(sent_at))
    must_die = {n for n, at in sent.items() if FROM <= at < until - last - invocation}
    may_die = {n for n, at in sent.items() if FROM - invocation <= at < until - last}
    return Outcome(
        f"the same hour with a receive count of {TOO_FEW_RECEIVES}",
        1,
        f"dead letters: all that was sent until {last + invocation} s before its end",
        f"{len(dead):,} dead letters ({len(must_die):,} to {len(may_die):,} foreseen), and "
        f"{len(sent) - len(stored | dead)} lost",
        bool(must_die) and must_die <= dead <= may_die and stored | dead == sent.keys(),
    )


def _longest(soak: Soak, shipped: QueueSettings, bodies: Sequence[bytes]) -> Outcome:
    """Search for the shortest outage with a dead letter, in minutes."""
    foreseen = (shipped.maximum_receive_count - 1) * shipped.visibility_timeout_seconds
    invocation = shipped.maximum_batching_window_seconds + shipped.function_timeout_seconds
    every = 10.0
    harmless, harmful, simulated = int(HOUR) // 60, 2 * foreseen // 60, 0
    with soak.terminal.step("The shortest outage with a dead letter") as step:
        while harmful - harmless > 1:
            minutes = (harmless + harmful) // 2
            until = FROM + minutes * 60
            function = Function(bodies, shipped.function_timeout_seconds, until, AT_ONCE, soak.rng)
            sent_at = [number * every for number in range(int(until / every))]
            if consume(shipped, sent_at, function).dead:
                harmful = minutes
            else:
                harmless = minutes
            simulated += 1
            step.update(f"longer than {harmless} minutes, at most {harmful}")
    return Outcome(
        "outages of any length",
        simulated,
        f"the first dead letter after {foreseen / 60:.0f} minutes: "
        f"{shipped.maximum_receive_count - 1} × {shipped.visibility_timeout_seconds} s",
        f"none after {harmless} minutes, the first after {harmful}",
        harmless * 60 <= foreseen + invocation + every and harmful * 60 >= foreseen,
    )
