"""A build killed at any moment, then run again, gives the gold of a build that nobody killed."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

import pytest

from tests.support.road.clean_runs import BUILD, CleanRun
from tests.support.road.lakehouse import Lakehouse, vars_flag
from tests.support.road.simulated import land
from tests.support.road.watching import QUERIES, Answer, gold_states, polled

_MODEL = re.compile(r" (START|OK created) sql .* model \w+\.(\w+) ")

# The stretches of a run: a kill falls into each, in a first build and in a merging one. A moment
# is where a model starts or ends, and then up to the time the longest model takes.
SILVER = ("orders_events", "orders_quarantined", "operations_quarantined", "orders", "refunds")
GOLD = ("fact_orders", "fact_refunds", "agg_daily_revenue", "agg_order_status")
LONGEST_MODEL_SECONDS = 1.0


@pytest.fixture
def seed() -> int:
    """A new one each time; RETAILPULSE_TEST_SEED repeats one."""
    seed = int(os.environ.get("RETAILPULSE_TEST_SEED") or time.time_ns() % 1_000_000)
    print(f"RETAILPULSE_TEST_SEED={seed}")  # noqa: T201 (pytest shows it with a failure)
    return seed


def test_a_killed_build_run_again_gives_the_gold_of_a_clean_one(
    clean_runs: list[CleanRun], lakehouse: Lakehouse, seed: int
) -> None:
    rng = random.Random(seed)

    with polled(lakehouse) as seen:
        for run in clean_runs:
            land(lakehouse, run.arrived)
            at = run.at
            for models in (SILVER, GOLD):
                kill_a_build(lakehouse, at, models, rng)
                at += timedelta(minutes=1)
            lakehouse.build(*BUILD[1:], at=at)
            contents = lakehouse.contents()
            for table, rows in run.contents.items():
                assert contents[table] == rows, table

    assert seen.errors == []
    assert seen.polls > 50
    states = gold_states(lakehouse)
    for name in QUERIES:
        # No commit that a reader could have met holds half a table, nor did one meet it.
        committed = [None, *unrepeated(run.totals[name] for run in clean_runs)]
        assert states[name] == committed, name
        assert seen.answers[name] in (committed, committed[1:]), name


def unrepeated(answers: Iterable[Answer]) -> list[Answer]:
    return [answer for answer, _ in groupby(answers)]


def kill_a_build(
    lakehouse: Lakehouse, at: datetime, models: tuple[str, ...], rng: random.Random
) -> None:
    """Kill a build and all its processes while it works at some of the models, or just after."""
    moment = (rng.choice(["START", "OK created"]), rng.choice(models))
    delay = rng.random() ** 2 * LONGEST_MODEL_SECONDS
    build = lakehouse.start_dbt(*BUILD, *vars_flag(at))
    assert build.stdout is not None
    output = []
    try:
        for line in build.stdout:
            output.append(line)
            match = _MODEL.search(line)
            if match and match.groups() == moment:
                break
        else:
            pytest.fail(f"no {moment} in {''.join(output)}")
        time.sleep(delay)
    finally:
        os.killpg(build.pid, signal.SIGKILL)
        build.wait()
        build.stdout.close()
    print(f"killed {delay:.3f} s after {' '.join(moment)}")  # noqa: T201
