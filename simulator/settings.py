"""What a simulation is asked for: its size, its pace and the rate of each fault."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from simulator.life_cycle import EVENTS_PER_ORDER, LONGEST_LIFE_US
from simulator.pace import CARTS_PER_ORDER, Pace
from simulator.times import DAY_US, SECOND_US, to_microseconds

# Grows whenever the same settings give another business.
_VERSION = 3


class SettingsError(ValueError):
    """A setting that no simulation can be run with.

    Attributes:
        name: The setting's name.
        rule: What it must be, e.g. `at least 1`.
    """

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{name} must be {rule}")
        self.name = name
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often each fault strikes, per business event (0 to 1); one event meets one at most.

    `late` and `out_of_order` are the rates at which a delivery is held back. What is then
    labelled is what is so: a creation held back for days makes its status changes out of order,
    and one held back behind a status change is late if it waited for more than an hour; likewise
    with the versions of a product. `out_of_order` strikes only what something follows: creations,
    and deletes of products, which come back. All others strike alike.
    """

    exact_redelivery: float = 0.01
    late: float = 0.01
    out_of_order: float = 0.005
    malformed: float = 0.003
    unknown_type: float = 0.002
    wrong_field_type: float = 0.003
    negative_amount: float = 0.002
    conflicting_duplicate: float = 0.002
    future_clock: float = 0.001

    def __post_init__(self) -> None:
        rates = self.rates()
        if not all(0 <= rate <= 1 for rate in rates.values()) or sum(rates.values()) > 1:
            raise SettingsError("each rate of a fault", "from 0 to 1, and their sum 1 at most")

    def rates(self) -> dict[str, float]:
        """Each fault's label with its rate, in a fixed order."""
        return {fault.name: getattr(self, fault.name) for fault in fields(self)}

    @classmethod
    def none(cls) -> Faults:
        """A business in which nothing ever goes wrong."""
        return cls(**dict.fromkeys((fault.name for fault in fields(cls)), 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Business:
    seed: int = 42
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    faults: Faults = field(default_factory=Faults)
    cloudevents_share: float = 0.15
    orders_only: bool = False

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise SettingsError("seed", "0 or more: Python seeds -1 and 1 alike")
        if self.start.utcoffset() is None or not 2000 <= self.start.year < 2100:
            raise SettingsError("start", "in the years 2000 to 2099, and have an offset")
        if not 0 <= self.cloudevents_share <= 1:
            raise SettingsError("cloudevents_share", "from 0 (all flat) to 1 (none flat)")

    @property
    def pace(self) -> Pace:
        """How fast this business runs."""
        raise NotImplementedError

    @property
    def events_per_order(self) -> float:
        """How many events there are for an order in the long run, but for the few of products."""
        return EVENTS_PER_ORDER if self.orders_only else EVENTS_PER_ORDER + CARTS_PER_ORDER

    @property
    def run_id(self) -> str:
        """Part of every id: two different businesses share a lake without sharing an event.

        The number of events, the faults and whether nothing but orders is told have no part in it:
        they leave what happens as it is.
        """
        told = (
            _VERSION,
            self.seed,
            to_microseconds(self.start),
            *self.pace,
            self.cloudevents_share,
        )
        return hashlib.sha256(repr(told).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(_Business):
    """A period of a business that ends after a number of events.

    Attributes:
        seed: 0 or more; the same settings give the same bytes on every machine.
        start: when the first order can come.
        faults: the rate of each fault.
        cloudevents_share: share of orders and carts told as CloudEvents 1.0; the others are flat.
        orders_only: whether nothing but orders is told. They are the same with all the rest.
        events: how many business events, all of them accepted in the end. Redelivered and
            faulty ones come on top.
        orders_per_day: mean over a week; more events are a longer period, not a busier one.

    Raises:
        SettingsError: a value is out of range.
    """

    events: int = 200_000
    orders_per_day: float = 20_000.0

    def __post_init__(self) -> None:
        _Business.__post_init__(self)
        if self.events < 1:
            raise SettingsError("events", "at least 1")
        if not 0 < self.orders_per_day <= DAY_US:
            raise SettingsError("orders_per_day", f"above 0, and {DAY_US:,} at most")

    @property
    def pace(self) -> Pace:
        """Orders come with the hours and the weekdays, and live for days."""
        return Pace(DAY_US / self.orders_per_day, has_rhythm=True, shrink=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings(_Business):
    """A business that never ends and lives fast, for a live demonstration.

    Attributes:
        seed: 0 or more.
        start: when the first order comes, e.g. now.
        faults: the rate of each fault.
        cloudevents_share: share of orders and carts told as CloudEvents 1.0; the others are flat.
        orders_only: whether nothing but orders is told. They are the same with all the rest.
        events_per_second: business events. Until the first orders have reached the end of their
            life more of them are orders and products, as there is less to ship yet.
        life_cycle: the longest time from an order's creation to its last status. Redeliveries
            and late events are quickened with it: 7 days become this, 30 days 30/7 of it.

    Raises:
        SettingsError: a value is out of range.
    """

    events_per_second: float = 100.0
    life_cycle: timedelta = timedelta(minutes=2)

    def __post_init__(self) -> None:
        _Business.__post_init__(self)
        if not 0 < self.events_per_second <= SECOND_US:
            raise SettingsError("events_per_second", f"above 0, and {SECOND_US:,} at most")
        if not 1 <= self.life_cycle.total_seconds() <= LONGEST_LIFE_US / SECOND_US:
            raise SettingsError("life_cycle", "from a second to 7 days")

    @property
    def pace(self) -> Pace:
        """Events come evenly, and orders live as briefly as was asked for."""
        return Pace(
            self.events_per_order / self.events_per_second * SECOND_US,
            has_rhythm=False,
            shrink=self.life_cycle.total_seconds() * SECOND_US / LONGEST_LIFE_US,
        )
