"""`retailpulse ingest` killed at any moment: the same command again puts everything right."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.files import EVENTS_FILE
from tests.soak.conservation import unaccounted
from tests.soak.kills import differing, kill_after, lifetime, random_moments, start
from tests.soak.raw_objects import has_landed, read_raw
from tests.soak.scenario import Outcome, Soak
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse, Rows

KILLS = 10
EVENTS = 60_000

# Without what says which of two equal lines counts: a killed ingest has landed some earlier.
CONTENTS = {
    "fact_orders": "select * exclude (processed_at) from retailpulse.fact_orders",
    "fact_order_items": "select * exclude (processed_at) from retailpulse.fact_order_items",
    "agg_daily_revenue": "select * from retailpulse.agg_daily_revenue",
    "agg_order_status": "select * from retailpulse.agg_order_status",
    "fact_refunds": "select * exclude (processed_at) from retailpulse.fact_refunds",
    "orders": "select * exclude (processed_at) from retailpulse_silver.orders",
    "refunds": "select * exclude (processed_at) from retailpulse_silver.refunds",
    "orders_events": (
        "select * exclude (processed_at, received_at) from retailpulse_silver.orders_events"
    ),
    "quarantined_events": (
        "select distinct message_id, source, reject_reason "
        "from retailpulse_silver.quarantined_events"
    ),
}


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Ingest a file once cleanly; then kill that again and again, in an empty lakehouse."""
    lakehouse = Lakehouse(soak.folder / "ingested")
    raw = lakehouse.home / "raw"
    out = soak.folder / "simulated"
    arguments = ("--events", f"{EVENTS}", "--seed", f"{soak.rng.randrange(1_000_000)}")
    with soak.terminal.step(f"A clean ingest of {EVENTS:,} events, and its build"):
        lifetime(start(lakehouse, "retailpulse", "simulate", *arguments, "--out", f"{out}"))
        ingest = (lakehouse, "retailpulse", "ingest", f"{out / EVENTS_FILE}")
        first_object, end = lifetime(start(*ingest), lambda _: has_landed(raw))
        landed, _ = read_raw(raw)
        lakehouse.build(*BUILD[1:])
        expected = _contents(lakehouse)
    kills = twice = 0
    partial, wrong = list[str](), list[str]()
    for moment in random_moments(soak.rng, KILLS, end - first_object):
        with soak.terminal.step(f"Ingest killed {moment:.2f} s after its first object") as step:
            # One that has ended before is done again, and killed sooner.
            for sooner in range(4):
                lakehouse.reset()
                if kill_after(start(*ingest), moment / 2**sooner, lambda _: has_landed(raw)):
                    kills += 1
                    break
            lines, broken = read_raw(raw)
            partial += broken
            step.update(f"{lines:,} of {landed:,} lines landed")
        with soak.terminal.step("The same ingest again, a build, compared") as step:
            lifetime(start(*ingest))
            total, broken = read_raw(raw)
            partial += broken
            twice += total - landed
            lakehouse.build(*BUILD[1:])
            found = differing(expected, _contents(lakehouse)) + unaccounted(lakehouse, total)
            wrong += [f"after {moment:.2f} s: {what}" for what in found]
            step.update(", ".join(found) or "equal")
    yield Outcome(
        "SIGKILL of retailpulse ingest",
        kills,
        "the same ingest again gives silver and gold of a clean one, cell for cell",
        "; ".join(wrong) or f"all equal, conservation is green ({twice:,} lines landed twice)",
        not wrong and kills == KILLS and twice > 0,
    )
    yield Outcome(
        "objects left by a killed ingest",
        kills,
        "none is partial",
        ", ".join(partial) or "all whole",
        not partial,
    )


def _contents(lakehouse: Lakehouse) -> dict[str, Rows]:
    return {name: lakehouse.query(f"{query} order by all") for name, query in CONTENTS.items()}
