"""Tables of which nothing has ever landed are empty, and a query does not pay for that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.project.followed import project_following
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse

RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
TABLES = """
    select schema_name || '.' || table_name, record_count
    from __ducklake_metadata_lakehouse.ducklake_table as tables
    join __ducklake_metadata_lakehouse.ducklake_schema using (schema_id)
    left join __ducklake_metadata_lakehouse.ducklake_table_stats using (table_id)
    where tables.end_snapshot is null
"""

LAST_SNAPSHOT = "select max(snapshot_id) from ducklake_snapshots('lakehouse')"
TABLES_AT = """
    select schema_name || '.' || table_name
    from __ducklake_metadata_lakehouse.ducklake_table as tables
    join __ducklake_metadata_lakehouse.ducklake_schema using (schema_id)
    where
        tables.begin_snapshot <= {0}
        and (tables.end_snapshot is null or tables.end_snapshot > {0})
"""

# A user's own, of which nothing is there yet.
EMPTY = "{{ config(materialized='table') }}\n\nselect cast(1 as bigint) as store_id where false\n"
EMPTY_YAML = """
models:
  - name: dim_stores
    columns:
      - name: store_id
        data_type: bigint
        constraints: [{type: not_null}]
"""
# And one with a row of NULLs, whose columns are words of SQL.
ODD = """{{ config(materialized='table', contract={'enforced': false}) }}

with odd as (select 1 as "order", 'x' as "group" union all select null, null)

select * from odd
"""
# And one whose files are sorted.
SORTED = """{{ config(
    materialized='incremental', sorted_by='store_id', contract={'enforced': false}
) }}

select cast(1 as bigint) as store_id
"""


def test_each_table_has_statistics_and_no_row(lakehouse: Lakehouse) -> None:
    lakehouse.build(*BUILD[1:], at=RUN)

    records: dict[str, int | None] = dict(lakehouse.query(TABLES))

    assert "retailpulse_silver.orders" in records
    # Without statistics, each column of each query asks the catalog for them again.
    without = [table for table, count in records.items() if count is None]
    assert without == ["retailpulse_silver.ordered_products"], "which is a `table`"
    # A table that may have rows in the catalog costs each connection a reading of all of that.
    kept = "select * from __ducklake_metadata_lakehouse.ducklake_inlined_data_tables"
    assert lakehouse.query(kept) == []
    assert lakehouse.query("select count(*) from retailpulse_silver.orders") == [(0,)]
    assert lakehouse.query("select count(*) from retailpulse_silver.orders_events") == [(0,)]


def test_a_second_build_takes_no_table_away_at_any_moment(lakehouse: Lakehouse) -> None:
    lakehouse.build(*BUILD[1:], at=RUN)
    tables = {table for table, _ in lakehouse.query(TABLES)}
    [(first,)] = lakehouse.query(LAST_SNAPSHOT)

    lakehouse.build(*BUILD[1:], at=RUN + timedelta(hours=1))

    [(last,)] = lakehouse.query(LAST_SNAPSHOT)
    assert last > first
    for snapshot in range(first, last + 1):
        there = {table for (table,) in lakehouse.query(TABLES_AT.format(snapshot))}
        assert tables <= there, (snapshot, tables - there)


def test_tables_of_ones_own_have_the_rows_that_they_say(tmp_path: Path) -> None:
    project_following(tmp_path / "project")
    folder = tmp_path / "project/models/gold/calendar"
    (folder / "dim_stores.sql").write_text(EMPTY)
    (folder / "dim_stores.yml").write_text(EMPTY_YAML)
    (folder / "dim_odd.sql").write_text(ODD)
    (folder / "dim_sorted.sql").write_text(SORTED)
    lakehouse = Lakehouse(tmp_path / "home", tmp_path / "project")
    lakehouse.home.mkdir()

    for _ in ("new", "there already"):
        selected = ("--select", "run_windows", "dim_stores", "dim_odd", "dim_sorted")
        lakehouse.build(*selected, command="run", at=RUN)

        assert lakehouse.query("select count(*) from retailpulse.dim_stores") == [(0,)]
        assert lakehouse.query("from retailpulse.dim_odd order by all nulls last") == [
            (1, "x"),
            (None, None),
        ]
    assert lakehouse.query("select count(*) from retailpulse.dim_sorted") == [(2,)]
