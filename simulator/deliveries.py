"""What arrives of a business's events, in which order, and what has to become of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from random import Random
from typing import Literal, NamedTuple

from simulator import faults
from simulator.business import Business
from simulator.events import Event, OrderEvent, ProductVersion
from simulator.life_cycle import CREATED
from simulator.messages import Fields, fields_of, render
from simulator.settings import LiveSettings, Settings
from simulator.times import DAY_US, HOUR_US, MINUTE_US, SECOND_US, to_datetime

Outcome = Literal["accepted", "quarantined", "duplicate"]

# All of these shrink with a live business's life cycle.
_USUAL_DELAY_US = 30 * SECOND_US
LATE_AFTER_US = HOUR_US
LATEST_US = 30 * DAY_US
_REPEATED_WITHIN_US = 3 * DAY_US


class Delivery(NamedTuple):
    """One body that arrives, and what has to become of it."""

    body: bytes
    """Never holds a line feed or a carriage return."""
    arrives_at: datetime
    """In UTC, never before the delivery before it."""
    event_id: str | None
    """The id the body gives as text; None where it gives none or is malformed. A reader may still
    find an id in a malformed body: match deliveries by `ordinal`."""
    fault: str | None
    """The fault it carries, a field of `Faults`; None for nearly all."""
    outcome: Outcome
    reject_reason: str | None
    """Why it is quarantined."""
    ordinal: int
    """Its place in the order of arrival, from 0. Of two bodies with one id the first counts."""
    event: Event | None
    """What is told here for the first time; None but for what is accepted."""


class Simulation:
    """A business and the road its events take. Iterate over it once.

    Its faults have random numbers of their own: the business is the same with and without them.
    """

    def __init__(self, settings: Settings | LiveSettings) -> None:
        self.business = Business(settings)
        self._limit = settings.events if isinstance(settings, Settings) else None
        self._random = Random(2 * settings.seed + 1)  # noqa: S311 (no secret)
        self._run_id = settings.run_id
        self._shrink = settings.pace.shrink
        self._late_after_us = int(LATE_AFTER_US * self._shrink)
        self._rates = settings.faults.rates()
        self._any_rate = sum(self._rates.values())
        self._pushed = self._arrived = 0
        # The latest creation's message; any business's first order has one.
        self._created = faults.Model({}, is_cloudevent=False)
        # By product, when the last of its versions arrives.
        self._versions_arrive_us: dict[int, int] = {}
        self._pending: list[
            tuple[int, int, bytes, str | None, str | None, Outcome, str | None, Event | None]
        ] = []

    @property
    def pending(self) -> int:
        """How many deliveries are on their way."""
        return len(self._pending)

    def __iter__(self) -> Iterator[Delivery]:
        pending = self._pending
        for event in islice(self.business, self._limit):
            # Nothing arrives before it happens: what is due by now is complete.
            while pending and pending[0][0] <= event.at_us:
                yield self._arrival()
            self._tell(event)
        while pending:
            yield self._arrival()

    def _arrival(self) -> Delivery:
        arrives_us, _, body, event_id, fault, outcome, reason, event = heappop(self._pending)
        ordinal = self._arrived
        self._arrived += 1
        return Delivery(
            body, to_datetime(arrives_us), event_id, fault, outcome, reason, ordinal, event
        )

    def _send(
        self,
        arrives_us: int,
        body: bytes,
        event_id: str | None,
        fault: str | None,
        outcome: Outcome,
        reason: str | None = None,
        event: Event | None = None,
    ) -> None:
        # The second place keeps equal arrivals in the order they were sent.
        self._pushed += 1
        heappush(
            self._pending,
            (arrives_us, self._pushed, body, event_id, fault, outcome, reason, event),
        )

    def _tell(self, event: Event) -> None:
        fields, is_cloudevent = fields_of(event), event.is_cloudevent
        body = render(fields, is_cloudevent=is_cloudevent).encode()
        struck = self._struck()
        arrives_us = self._arrives_us(event, struck)
        if isinstance(event, OrderEvent):
            if event.status == CREATED:
                self._created = faults.Model(fields, is_cloudevent)
                event.order.creation_arrives_us = arrives_us
            before_us = event.order.creation_arrives_us
        else:
            before_us = self._earlier_versions_arrive_us(event, arrives_us)
        label = None
        if arrives_us < before_us:
            label = "out_of_order"
        elif arrives_us - event.at_us > self._late_after_us:
            label = "late"
        self._send(arrives_us, body, event.event_id, label, "accepted", event=event)
        if struck == "exact_redelivery":
            again_us = arrives_us + self._until_repeated_us()
            self._send(again_us, body, event.event_id, struck, "duplicate")
        elif struck == "conflicting_duplicate":
            reject = faults.conflicting_duplicate(event, fields, self._random)
            self._quarantine(arrives_us + self._until_repeated_us(), reject, struck)
        elif struck is not None and struck != "late" and struck != "out_of_order":
            self._quarantine(arrives_us, self._spoilt(struck, event, fields), struck)

    def _earlier_versions_arrive_us(self, event: Event, arrives_us: int) -> int:
        """When all earlier versions of a product have arrived; 0 for what is no product."""
        if not isinstance(event, ProductVersion):
            return 0
        earlier_us = self._versions_arrive_us.get(event.number, 0)
        self._versions_arrive_us[event.number] = max(earlier_us, arrives_us)
        return earlier_us

    def _struck(self) -> str | None:
        chance = self._random.random()
        if chance >= self._any_rate:
            return None
        for name, rate in self._rates.items():
            if chance < rate:
                return name
            chance -= rate
        return None

    def _arrives_us(self, event: Event, struck: str | None) -> int:
        chance = self._random.random()
        if struck == "late":
            held = (LATEST_US - LATE_AFTER_US) * chance * chance * chance
            return event.at_us + self._late_after_us + max(1, int(held * self._shrink))
        if struck == "out_of_order" and event.followed_at_us:
            behind = MINUTE_US + 30 * MINUTE_US * chance
            return event.followed_at_us + int(behind * self._shrink)
        return event.at_us + int(_USUAL_DELAY_US * self._shrink * chance * chance * chance * chance)

    def _until_repeated_us(self) -> int:
        chance = self._random.random()
        wait = MINUTE_US + (_REPEATED_WITHIN_US - MINUTE_US) * chance * chance
        return max(1, int(wait * self._shrink))

    def _quarantine(self, arrives_us: int, reject: faults.Reject, fault: str) -> None:
        body, event_id, reason = reject
        self._send(arrives_us, body, event_id, fault, "quarantined", reason)

    def _spoilt(self, fault: str, event: Event, fields: Fields) -> faults.Reject:
        model = faults.Model(fields, event.is_cloudevent)
        # A status change has too little to spoil.
        whole = self._created if isinstance(event, OrderEvent) else model
        own_id = f"x-{self._run_id}-{self._pushed:09d}"
        if fault == "malformed":
            return faults.malformed(model, own_id, self._random)
        if fault == "unknown_type":
            return faults.unknown_type(model, own_id, self._random)
        if fault == "wrong_field_type":
            return faults.wrong_field_type(whole, own_id, self._random)
        if fault == "negative_amount":
            return faults.negative_amount(whole, own_id, self._random)
        return faults.future_clock(model, own_id, event.at_us)


def simulate(settings: Settings) -> Iterator[Delivery]:
    """Everything that arrives of a period of a business, in the order of arrival.

    Exactly `settings.events` deliveries are accepted; the last arrive up to 30 days after the
    period's end. Memory does not grow with the number of events.
    """
    return iter(Simulation(settings))


def stream(settings: LiveSettings) -> Iterator[Delivery]:
    """What arrives of a business that never ends; waiting until `arrives_at` is the caller's."""
    return iter(Simulation(settings))
