"""Any split, repetition and order of the same events gives the gold that one full refresh gives."""

from __future__ import annotations

import random

import pytest

from tests.support.road.histories import arrivals, land, run_start
from tests.support.road.lakehouse import ORDERS_TABLES, Lakehouse

RUNS = 4
RAW_READERS = ("orders_events", "orders_quarantined", "operations_quarantined")
# All but unit tests and what dbt checks column by column, which have nothing to do with arrival.
MODELS_AND_DAILY_TESTS = (
    *("--select", "resource_type:model", "resource_type:seed", "tag:daily"),
    *("--indirect-selection", "empty"),
)


@pytest.mark.parametrize("seed", range(3))
def test_four_runs_give_what_one_full_refresh_gives(lakehouse: Lakehouse, seed: int) -> None:
    rng = random.Random(seed)
    history = arrivals(rng, RUNS)
    for run in range(RUNS):
        land(lakehouse, [a for a in history if a.visible_in_run == run], f"run{run}")
        # Parts may be built by themselves, in any order, as long as the last run builds all.
        if 0 < run < RUNS - 1 and rng.random() < 0.6:
            parts = [*RAW_READERS, "orders", "refunds"]
            for part in rng.sample(parts, k=rng.randrange(1, 5)):
                lakehouse.build("--select", part, at=run_start(run), command="run")
        else:
            lakehouse.build("--selector", "fast", at=run_start(run))
    lakehouse.build(*MODELS_AND_DAILY_TESTS, at=run_start(RUNS - 1))
    in_runs = lakehouse.contents(ORDERS_TABLES)

    lakehouse.build("--full-refresh", at=run_start(RUNS - 1), command="run")

    at_once = lakehouse.contents(ORDERS_TABLES)
    for table, rows in at_once.items():
        assert in_runs[table] == rows, table
        assert rows, table
    quarantined = at_once["retailpulse_silver.quarantined_events"]
    assert any("conflicting_duplicate" in row for row in quarantined), "a history too tame"


def test_a_run_with_nothing_new_changes_nothing(lakehouse: Lakehouse) -> None:
    land(lakehouse, arrivals(random.Random(7), 1), "only")
    lakehouse.build("--selector", "fast", at=run_start(0))
    snapshots = "select max(snapshot_id) from ducklake_snapshots('lakehouse')"
    before = lakehouse.query(snapshots)

    lakehouse.build("--selector", "fast", at=run_start(0).replace(minute=5))

    # One snapshot: the windows move on. No table of events, orders or refunds is touched.
    assert lakehouse.query(snapshots)[0][0] - before[0][0] == 1
    written = "select distinct processed_at from retailpulse_silver.orders"
    assert len(lakehouse.query(written)) == 1
