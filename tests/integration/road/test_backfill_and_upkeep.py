"""Reading past days again, and the daily care of the tables: both change nothing that is right."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.deliveries import Delivery, simulate
from simulator.settings import Faults, Settings
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import TABLES, Lakehouse, Rows
from tests.support.road.simulated import land
from tests.support.road.watching import gold_totals, polled

SETTINGS = Settings(
    seed=41, events=2_000, orders_per_day=350, faults=Faults(malformed=0.02, exact_redelivery=0.02)
)
RUN_DAYS = (2, 4, 6, 8)
START = datetime(2026, 1, 1, tzinfo=UTC)
BACKFILL_RUN = START + timedelta(days=9)
RAW_READERS = ("orders_events", "orders_quarantined", "operations_quarantined")
WINDOWS = "select model_name, window_high from retailpulse_silver.run_windows order by all"
CONSERVATION = "{}__arrivals_are_each_accepted_quarantined_or_duplicate"
CONSERVATIONS = tuple(CONSERVATION.format(domain) for domain in ("orders", "operations"))


@pytest.fixture(scope="module")
def small_runs(shared_lakehouse: Lakehouse) -> Iterator[Lakehouse]:
    """Some days of a business, brought to gold in a run every other day."""
    lakehouse = shared_lakehouse
    lakehouse.reset()
    deliveries = list(simulate(SETTINGS))
    seen = 0
    for days in RUN_DAYS:
        at = START + timedelta(days=days)
        arrived = [delivery for delivery in deliveries[seen:] if delivery.arrives_at < at]
        for day in split_by_day(arrived):
            land(lakehouse, day)
        seen += len(arrived)
        # The first run makes the views, too.
        selection = ("--selector", "fast") if days > RUN_DAYS[0] else ()
        lakehouse.build(*BUILD[1:], *selection, at=at)
    yield lakehouse
    lakehouse.reset()


def split_by_day(deliveries: list[Delivery]) -> list[list[Delivery]]:
    days = sorted({delivery.arrives_at.date() for delivery in deliveries})
    return [[d for d in deliveries if d.arrives_at.date() == day] for day in days]


def backfill(lakehouse: Lakehouse, first: str, end: str) -> None:
    variables = {"backfill": {"from": first, "to": end}}
    lakehouse.build(
        "--select", *RAW_READERS, command="run", at=BACKFILL_RUN, variables=variables
    )  # fmt: skip


def all_columns(lakehouse: Lakehouse) -> dict[str, Rows]:
    """Every row, with what says when it was written."""
    return {table: lakehouse.query(f"select * from {table} order by all") for table in TABLES}


def test_a_backfill_of_what_is_right_changes_nothing(small_runs: Lakehouse) -> None:
    rows, windows = all_columns(small_runs), small_runs.query(WINDOWS)

    backfill(small_runs, "2026-01-01", "2026-01-09")

    assert all_columns(small_runs) == rows
    assert small_runs.query(WINDOWS) == windows


def test_a_lost_row_turns_conservation_red_and_a_backfill_repairs_it(small_runs: Lakehouse) -> None:
    contents, windows = small_runs.contents(), small_runs.query(WINDOWS)
    lost = [
        ("orders_events", "event_id = (select min(event_id) from {table})"),
        ("orders_quarantined", "message_id = (select max(message_id) from {table})"),
        ("operations_quarantined", "message_id = (select max(message_id) from {table})"),
    ]
    for model, condition in lost:
        table = f"retailpulse_silver.{model}"
        where = condition.format(table=table)
        [(received_at,)] = small_runs.query(f"select received_at from {table} where {where}")
        with small_runs.connect(writable=True) as connection:
            assert connection.execute(f"delete from {table} where {where}").fetchall() == [(1,)]
        # The domain's own test and no other's.
        broken = CONSERVATION.format(model.split("_")[0])
        [failure] = small_runs.dbt("test", "--select", *CONSERVATIONS)
        assert broken in failure

        # Another day does not bring it back.
        day = received_at.date()
        backfill(small_runs, f"{day + timedelta(days=1)}", f"{day + timedelta(days=2)}")
        assert small_runs.contents() != contents
        backfill(small_runs, f"{day}", f"{day + timedelta(days=1)}")

        assert small_runs.dbt("test", "--select", *CONSERVATIONS) == []
        assert small_runs.contents() == contents
    assert small_runs.query(WINDOWS) == windows


def test_upkeep_merges_files_and_leaves_no_orphan(small_runs: Lakehouse) -> None:
    contents, totals = small_runs.contents(), gold_totals(small_runs)
    before = known_files(small_runs)
    # What a killed run leaves; and what a run under way has written and not committed.
    orphan, under_way = (
        next(iter(before)).with_name(f"ducklake-{name}.parquet") for name in ("old", "new")
    )
    for path in (orphan, under_way):
        path.write_bytes(b"PAR1")
    two_hours_ago = time.time() - 2 * 60 * 60
    os.utime(orphan, (two_hours_ago, two_hours_ago))

    with polled(small_runs) as seen:
        small_runs.run_operation("upkeep", keep_hours=0)

    under_way.unlink()
    assert small_runs.contents() == contents
    after = known_files(small_runs)
    # One file is left in the folder of each partition, and no list of deletions.
    assert len(after) == len({path.parent for path in after}) < len(before)
    assert set(small_runs.home.glob("data/**/*.parquet")) == after
    assert seen.errors == []
    assert seen.answers == {name: [answer] for name, answer in totals.items()}


def known_files(lakehouse: Lakehouse) -> set[Path]:
    """The files of data and of deletions that the latest state needs."""
    with lakehouse.connect() as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'lakehouse'"
        ).fetchall()
        files = [
            row
            for schema, table in tables
            for row in connection.execute(
                "select data_file, delete_file "
                f"from ducklake_list_files('lakehouse', '{table}', schema => '{schema}')"
            ).fetchall()
        ]
    return {Path(file) for row in files for file in row if file is not None}
