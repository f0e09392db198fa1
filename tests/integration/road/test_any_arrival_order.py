"""Any split, repetition and order of the same events gives the gold that one full refresh gives."""

from __future__ import annotations

import random
from itertools import groupby
from pathlib import Path

import pytest

from tests.integration.road.histories import Arrival, arrivals, run_start
from tests.integration.road.lakehouse import Lakehouse

RUNS = 4


def land(lakehouse: Lakehouse, batch: list[Arrival], name: str) -> None:
    """Land arrivals, one object per moment of receipt and partition."""
    ordered = sorted(batch, key=lambda arrival: arrival.received_at)
    for number, (received_at, group) in enumerate(groupby(ordered, lambda a: a.received_at)):
        lakehouse.land([a.body for a in group], received_at, f"{name}-{number:04d}")


@pytest.mark.parametrize("seed", range(3))
def test_four_runs_give_what_one_full_refresh_gives(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    history = arrivals(rng, RUNS)
    lakehouse = Lakehouse(tmp_path / "incremental")
    for run in range(RUNS):
        land(lakehouse, [a for a in history if a.visible_in_run == run], f"run{run}")
        # Parts may be built by themselves, in any order, as long as the last run builds all.
        if run < RUNS - 1 and rng.random() < 0.5:
            parts = ["order_events", "quarantined_events", "orders", "fact_orders"]
            chosen = rng.sample(parts, k=rng.randrange(1, 4)) if run else parts
            for part in chosen:
                lakehouse.build("--select", part, "run_windows", at=run_start(run), command="run")
        else:
            lakehouse.build(at=run_start(run))

    full = lakehouse.clean_copy(tmp_path / "full")
    full.build(at=run_start(RUNS - 1))

    incremental_contents, full_contents = lakehouse.contents(), full.contents()
    for table, rows in full_contents.items():
        assert incremental_contents[table] == rows, table
    assert all(rows for rows in full_contents.values())
    conflicts = [r for r in full_contents["retailpulse_silver.quarantined_events"]
                 if "conflicting_duplicate" in r]
    assert conflicts, "a history without a conflict tests too little"


def test_a_run_with_nothing_new_changes_nothing(tmp_path: Path) -> None:
    lakehouse = Lakehouse(tmp_path)
    history = arrivals(random.Random(7), 1)
    land(lakehouse, history, "only")
    lakehouse.build("--selector", "fast", at=run_start(0))
    snapshots = "select max(snapshot_id) from ducklake_snapshots('lakehouse')"
    before = lakehouse.query(snapshots)

    lakehouse.build("--selector", "fast", at=run_start(0).replace(minute=5))

    # One snapshot: the windows move on. No table of events, orders or facts is touched.
    assert lakehouse.query(snapshots)[0][0] - before[0][0] == 1
    written = "select distinct processed_at from retailpulse.fact_orders"
    assert len(lakehouse.query(written)) == 1
