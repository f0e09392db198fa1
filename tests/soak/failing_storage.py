"""A million events on their way through storage that fails in every way, at random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from retailpulse.local.domain_tables import accepted_rows
from simulator.deliveries import Delivery, simulate
from simulator.settings import Faults, Settings
from simulator.truth import Truth
from tests.soak.conservation import unaccounted
from tests.soak.scenario import Outcome, Soak
from tests.support.road.clean_runs import BUILD
from tests.support.road.faulty_storage import FAULTS, Clock, FaultyZone, Queue, deliver
from tests.support.road.lakehouse import Lakehouse
from tests.support.road.simulated import gold, gold_of

EVENTS = 1_000_000
BATCH = 1_000
BUILDS = 2

_EXPECTED = """
    create temp table expected as
    from read_csv('{file}', delim = '\t', header = false, quote = '', escape = '', columns = {{
        'message_id': 'varchar', 'outcome': 'varchar', 'told': 'varchar'}})
"""
_LANDED = """
    create temp table landed as
    select line ->> '$.message_id' as message_id
    from read_csv(
        '{raw}/events/**/*.ndjson.gz', columns = {{'line': 'json'}}, auto_detect = false,
        delim = '\x1f', header = false, quote = '', escape = '', max_line_size = 2000000)
"""
# In each direction, and with the number of times.
_DIFFERENCES = """
    select count(*) from (
        (from ({expected}) except all from ({actual}))
        union all (from ({actual}) except all from ({expected})))
"""


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Deliver everything, building in between; then compare with what the simulator knows."""
    lakehouse = Lakehouse(soak.folder / "home")
    file = soak.folder / "expected.tsv"
    truth, messages, clock = _simulated(soak, file)
    count = len(messages)
    zone = FaultyZone(FolderRawZone(lakehouse.home / "raw"), clock, soak.rng)
    ingester = Ingester(zone, clock=lambda: clock.now, sleep=clock.wait, random=soak.rng.random)
    queue = Queue(messages, soak.rng, BATCH)
    delivering = deliver(queue, ingester, clock)
    for part in reversed(range(BUILDS)):
        with soak.terminal.step(f"Delivering, until {count * part // BUILDS:,} are left") as step:
            while len(queue) > count * part // BUILDS and next(delivering, "end") is None:
                step.update(f"{len(queue):,} left, {zone.faults.total():,} puts failed")
        with soak.terminal.step(f"Building {count * (BUILDS - part) // BUILDS:,} events"):
            lakehouse.build(*BUILD[1:], at=clock.now)
    with soak.terminal.step("Comparing"):
        yield from _compared(lakehouse, file, zone, queue, truth)


def _simulated(soak: Soak, file: Path) -> tuple[Truth, list[Message], Clock]:
    settings = Settings(
        seed=soak.rng.randrange(1_000_000),
        events=EVENTS,
        # Without conflicts: which event of two counts would depend on the order of arrival.
        faults=Faults(
            malformed=0.02, unknown_type=0.02, wrong_field_type=0.02, conflicting_duplicate=0.0
        ),
    )
    truth, messages, last = Truth(), list[Message](), None
    with (
        soak.terminal.step(f"Simulating {EVENTS:,} events, seed {settings.seed}") as step,
        file.open("w") as expected,
    ):
        for last in simulate(settings):
            truth.add(last)
            messages.append(Message(last.body, _message_id(last), "shop"))
            told = last.event_id if last.outcome == "accepted" else last.reject_reason
            expected.write(f"{_message_id(last)}\t{last.outcome}\t{told or ''}\n")
            if last.ordinal % 1_000 == 0:
                step.update(f"{last.ordinal:,}")
    assert last is not None
    return truth, messages, Clock(last.arrives_at)


def _message_id(delivery: Delivery) -> str:
    return f"{delivery.ordinal:07d}"


def _compared(
    lakehouse: Lakehouse, file: Path, zone: FaultyZone, queue: Queue, truth: Truth
) -> Iterator[Outcome]:
    with lakehouse.connect() as connection:
        connection.execute(_EXPECTED.format(file=file))
        connection.execute(_LANDED.format(raw=lakehouse.home / "raw"))

        def number(sql: str) -> Any:
            [(value,)] = connection.execute(sql).fetchall()
            return value

        sent = number("select count(*) from expected")
        lost = number("select count(*) from expected anti join landed using (message_id)")
        landed = number("select count(*) from landed")
        event_ids = accepted_rows(connection, ["event_id"])
        accepted = number(f"select count(*) from ({event_ids})")
        wrongly_accepted = number(
            _DIFFERENCES.format(
                expected="select told from expected where outcome = 'accepted'",
                actual=event_ids,
            )
        )
        rejected = number("select count(*) from expected where outcome = 'quarantined'")
        wrongly_rejected = number(
            _DIFFERENCES.format(
                expected="select message_id, told from expected where outcome = 'quarantined'",
                actual="select distinct message_id, reject_reason "
                "from retailpulse_silver.quarantined_events",
            )
        )
    failures = zone.faults
    yield Outcome(
        "storage: " + ", ".join(f"{kind} {failures[kind]:,}" for kind in sorted(failures)),
        failures.total(),
        f"every kind strikes; {sent:,} events sent, 0 lost",
        f"{landed:,} lines landed, {lost:,} events lost",
        lost == 0 and landed >= sent and failures.keys() >= FAULTS.keys(),
    )
    yield Outcome(
        "failed messages delivered again",
        queue.returned,
        f"{truth.accepted:,} good events in silver, each once",
        f"{accepted:,} in silver, {wrongly_accepted:,} missing, twice or wrong",
        wrongly_accepted == 0 and accepted == truth.accepted == EVENTS and queue.returned > 0,
    )
    yield Outcome(
        "bad events among them",
        rejected,
        "each in quarantine, with its reason",
        f"{wrongly_rejected:,} missing or with another reason",
        wrongly_rejected == 0 and rejected == truth.quarantined.total() > 0,
    )
    gaps = unaccounted(lakehouse, landed)
    yield Outcome(
        "acknowledged messages delivered again",
        queue.redelivered,
        f"each of {landed:,} lines accepted, quarantined or a duplicate",
        "; ".join(gaps) or "conservation is green",
        not gaps and queue.redelivered > 0,
    )
    is_true = gold(lakehouse) == gold_of(truth)
    yield Outcome(
        "all of these",
        sent,
        "gold equals the simulator's truth",
        "equal" if is_true else "gold is wrong",
        is_true,
    )
