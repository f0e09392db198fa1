"""`retailpulse live` killed at any moment: `dbt build` gives what a fresh lakehouse gives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from tests.soak.conservation import unaccounted
from tests.soak.kills import differing, kill_after, random_moments, start
from tests.soak.raw_objects import read_raw
from tests.soak.scenario import Outcome, Soak
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse

KILLS = 10
EVENTS_A_SECOND = 200
# After it has begun to build what there is not yet, and later to land and build without a pause.
LONGEST_SECONDS = 14.0


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Kill one session after another on one lakehouse; rebuild another from its raw zone alone."""
    lakehouse, fresh = Lakehouse(soak.folder / "live"), Lakehouse(soak.folder / "fresh")
    for each in (lakehouse, fresh):
        each.home.mkdir()
    arguments = ("live", "--rate", f"{EVENTS_A_SECOND}", "--every", "0.1")
    kills = landed = 0
    partial, wrong, unbalanced = list[str](), list[str](), list[str]()
    for moment in random_moments(soak.rng, KILLS, LONGEST_SECONDS):
        with soak.terminal.step(f"Live killed {moment:.2f} s after its first line") as step:
            session = start(lakehouse, "retailpulse", *arguments)
            assert kill_after(session, moment, lambda each: bool(each.output)), session.output
            kills += 1
            landed, broken = read_raw(lakehouse.home / "raw")
            partial += broken
            step.update(f"{landed:,} lines in raw; {_last_line(session.output)}")
        with soak.terminal.step("dbt build, and a fresh lakehouse from the same raw") as step:
            (lakehouse.home / "raw").mkdir(exist_ok=True)
            lakehouse.build(*BUILD[1:])
            fresh.reset()
            shutil.copytree(lakehouse.home / "raw", fresh.home / "raw")
            fresh.build(*BUILD[1:])
            found = differing(fresh.contents(), lakehouse.contents())
            wrong += [f"after {moment:.2f} s: {table}" for table in found]
            if landed:
                unbalanced += unaccounted(lakehouse, landed)
            step.update(", ".join(found) or "equal")
    yield Outcome(
        "SIGKILL of retailpulse live",
        kills,
        "dbt build gives silver and gold of a fresh lakehouse, cell for cell",
        "; ".join(wrong) or f"all equal, in the end from {landed:,} lines",
        not wrong and kills == KILLS and landed > 0,
    )
    yield Outcome(
        "lines landed by killed sessions",
        landed,
        "each accepted, quarantined or a duplicate; no object is partial",
        "; ".join(unbalanced + partial) or "conservation is green, all objects are whole",
        not unbalanced and not partial,
    )


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1].strip()
