"""Histories of runs, told to an engine step by step: after each, both must hold the same."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from tests.integration.road.test_corrections import created
from tests.integration.road.test_schema_evolution import CHANGES as A_NEW_COLUMN
from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.engines import Engine
from tests.support.athena.grocery_rows import GroceryRows
from tests.support.athena.odd_events import odd_events
from tests.support.databases.business_rows import Businesses
from tests.support.project.followed import follows
from tests.support.road.histories import arrivals, land, run_start

FAST: Final = ("--selector", "fast")
MODELS: Final = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

# Whose day is not the UTC day, and changes its length within the history.
VARIABLES: Final = {"business_timezone": "America/New_York"}

ARRIVALS: Final = Arrivals((date(2026, 3, 10), date(2026, 3, 11)))

SEED: Final = 5

MANY: Final = 110
"""More partitions than the 100 that Athena writes in one statement."""

# All of a reason, and one event; one that is later than its time, and a note that CSV must quote.
CLOSINGS: Final = {
    "seeds/quarantine_closings.csv": [
        (
            "note,closed_by\n",
            "note,closed_by\n"
            'invalid_value,shop,,2026-03-11T01:00:00+01:00,"a ""test"", of 2026",ann\n'
            "wrong_type,,a4,20260311T0000Z,of no use,ann\n"
            "missing_field,,,2026-03-01T00:00:00Z,too early for any,ann\n",
        )
    ]
}

FIRST_BUILD = "a first build of everything"
SECOND_RUN = "late, repeated, conflicting and moving events"
KILLED_RUN = "a killed run, and the next"
NEW_COLUMN = "a new column"
BACKFILL = "maintenance and a backfill"


def eventful_days(engine: Engine, seed: int) -> Iterator[str]:
    """Two days of many collisions, in all kinds of runs, with events of more than 100 days.

    And with the rows of the databases and the feeds that the project follows, so that gold is of
    all sources.

    Args:
        engine: What builds them.
        seed: Of the history.

    Yields:
        The name of each step, once it is done.
    """
    history = arrivals(random.Random(seed), runs=3, count=300)

    def land_run(run: int) -> datetime:
        land(engine, [a for a in history if a.visible_in_run == run], f"run{run}")
        return run_start(run)

    def land_rows(of_sources: Mapping[str, list[bytes]], at: datetime, batch: str) -> None:
        for source, bodies in of_sources.items():
            if follows(engine.project, source):
                engine.land(bodies, at, f"{source}-{batch}", source)

    engine.change_project(CLOSINGS)
    businesses, files = Businesses(), GroceryRows()
    at = land_run(0)
    read_at = at - timedelta(minutes=30)
    land_rows(businesses.opening(read_at) | files.first(read_at), read_at, "first")
    engine.land([abandoned("c1"), abandoned("c2")], at - timedelta(minutes=50), "carts")
    odd = list(odd_events(at))
    engine.land(odd, at - timedelta(minutes=40), "odd")
    engine.land(mistaken(range(MANY), at), at - timedelta(minutes=1), "mistaken")
    engine.build(*MODELS, at=at, variables=VARIABLES)
    yield FIRST_BUILD

    at = land_run(1)
    read_at = at - timedelta(minutes=30)
    land_rows(businesses.changes(80, read_at) | files.second(read_at), read_at, "later")
    engine.land([*odd[::3], *long_ids()], at - timedelta(minutes=20), "odd-again")
    # Taken before the events they contradict, but seen only now: the ingester was slow.
    engine.land(meant(range(3), run_start(0)), run_start(0) - timedelta(minutes=2), "meant")
    engine.build(*FAST, at=at, variables=VARIABLES)
    yield SECOND_RUN

    at = land_run(2)
    engine.land(moved(range(3, MANY), run_start(0)), at - timedelta(minutes=1), "moved")
    engine.die_in_a_build(*FAST, at=at, variables=VARIABLES)
    engine.build(*FAST, at=at, variables=VARIABLES)
    yield KILLED_RUN

    at += timedelta(hours=1)
    engine.change_project(A_NEW_COLUMN)
    with_coupon = created("ch1", "by coupon", "2026-03-09T10:00:00Z", 5, "EUR")
    bodies = [with_coupon[:-1] + b', "coupon": "web"}', b"malformed"]
    engine.land(bodies, at - timedelta(minutes=30), "coupon")
    engine.build(*FAST, at=at, variables=VARIABLES)
    yield NEW_COLUMN

    engine.upkeep()
    backfill(engine, [date(2026, 3, 10), date(2026, 3, 12)], at + timedelta(hours=1))
    yield BACKFILL


def abandoned(cart_id: str) -> bytes:
    """A cart that somebody left."""
    return json.dumps(
        {
            "event_id": f"abandoned-{cart_id}",
            "event_type": "cart_abandoned",
            "event_ts": "2026-03-09T10:00:00Z",
            "cart_id": cart_id,
            "customer_id": "k1",
            "amount": "59.90",
        }
    ).encode()


def mistaken(numbers: range, at: datetime) -> list[bytes]:
    """Orders that turn out never to have been, each on a day of its own before `at`."""
    return [
        created(
            f"m{n}", f"mistaken{n}", f"{at - timedelta(days=40 + n):%Y-%m-%d}T10:00:00Z", n, "GBP"
        )
        for n in numbers
    ]


def meant(numbers: range, at: datetime) -> list[bytes]:
    """What the same events said at first: they win, and the orders above vanish."""
    return [
        created(f"m{n}", f"meant{n}", f"{at - timedelta(days=40 + n):%Y-%m-%d}T10:00:00Z", n, "SEK")
        for n in numbers
    ]


def moved(numbers: range, at: datetime) -> list[bytes]:
    """Earlier creations of the orders above: each moves to a day long before."""
    return [
        created(
            f"v{n}", f"mistaken{n}", f"{at - timedelta(days=400 + n):%Y-%m-%d}T23:00:00Z", 7, "EUR"
        )
        for n in numbers
    ]


def long_ids() -> list[bytes]:
    """Orders with ids as long as ids may be, and one beyond: no statement may grow with them."""
    ids = [f"{n:0>6}{'💶' * 250}" for n in range(MANY)]
    return [
        created(f"l{n}", order_id, "2026-03-09T10:00:00Z", 1, "EUR")
        for n, order_id in enumerate([*ids, "x" * 70_000])
    ]


def backfill(engine: Engine, days: Sequence[date], at: datetime) -> None:
    """Read the arrivals of some days again, as `retailpulse backfill` does.

    Args:
        engine: What reads them.
        days: The first day of each window, and the day after the last.
        at: When.
    """
    for first, end in pairwise(days):
        variables = {**VARIABLES, "backfill": {"from": f"{first}", "to": f"{end}"}}
        reads_raw = ("--select", "config.meta.reads_raw:true")
        engine.build(*reads_raw, at=at, command="run", variables=variables)
    engine.build(at=at, command="run", variables=variables)


FIRST_DAY = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MANY_ARRIVALS: Final = Arrivals((FIRST_DAY, FIRST_DAY + timedelta(days=MANY + 1)), hours=(12, 12))

MANY_FIRST = "a first build of many partitions"
MANY_MERGED = "a merge that moves and deletes in many partitions"
MANY_REJECTED = "a rule that rejects the rows of many partitions"
MANY_BACKFILLED = "a backfill of many partitions, without that rule"


def many_partitions(engine: Engine, seed: int) -> Iterator[str]:
    """Steps each of which writes to more partitions than Athena writes at once, of arrival too."""
    amounts = random.Random(seed)
    days = range(MANY)
    for day in days:
        at = NOON + timedelta(days=day)
        order = created(
            f"d{day}", f"daily{day}", f"{at:%Y-%m-%d}T02:00:00Z", amounts.randrange(999), "EUR"
        )
        engine.land([order, b"malformed"], at, f"day{day}")
    last = NOON + timedelta(days=MANY - 1)
    engine.land(mistaken(days, last), last + timedelta(minutes=9), "mistaken")
    engine.build(at=last + timedelta(minutes=10), command="run", variables=VARIABLES)
    yield MANY_FIRST

    engine.land(meant(days, last), last + timedelta(minutes=8), "meant")
    at = last + timedelta(days=1)
    earlier = [
        created(
            f"e{day}",
            f"daily{day}",
            f"{NOON + timedelta(days=day - 200):%Y-%m-%d}T23:00:00Z",
            7,
            "EUR",
        )
        for day in days
    ]
    engine.land(earlier, at, "earlier")
    engine.build(*FAST, at=at + timedelta(minutes=10), variables=VARIABLES)
    yield MANY_MERGED

    # All but the events of the last week.
    strict = {**VARIABLES, "earliest_event_date": f"{last - timedelta(days=7):%Y-%m-%d}"}
    engine.build(*FAST, at=at + timedelta(minutes=20), variables=strict)
    yield MANY_REJECTED

    windows = [FIRST_DAY, FIRST_DAY + timedelta(days=90), FIRST_DAY + timedelta(days=MANY + 2)]
    backfill(engine, windows, at + timedelta(minutes=30))
    yield MANY_BACKFILLED
