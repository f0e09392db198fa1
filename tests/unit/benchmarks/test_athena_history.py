from __future__ import annotations

from itertools import pairwise

import duckdb
import pytest

from benchmarks.athena_history import kept_tables, part_query


def test_tables_that_go_on_are_copied() -> None:
    def node(alias: str, materialized: str, **properties: str) -> dict[str, object]:
        return {
            "resource_type": "model",
            "schema": "silver",
            "alias": alias,
            "config": {"materialized": materialized, "table_properties": properties or None},
        }

    manifest = {
        "nodes": {
            "a": node("events", "incremental", optimize_rewrite_min_data_file_size_bytes="1024"),
            "b": node("windows", "ledger"),
            "c": node("mart", "view"),
            "d": node("arrivals", "arrivals"),
            "e": node("dates", "table"),
            "f": {"resource_type": "test"},
        }
    }
    assert kept_tables(manifest) == {"silver.events": 1024, "silver.windows": 0}


@pytest.mark.parametrize("written", ["received_at", "status_at"])
def test_each_row_is_in_one_part_and_parts_go_on_in_time(written: str) -> None:
    with duckdb.connect() as connection:
        # 100 days, of which 40 are parted, and a row that nobody knows the time of.
        connection.execute(
            f"create table rows as select n, timestamp '2026-01-01' + to_minutes(n) as {written} "
            "from range(144_000) as rows (n) union all select -1, null"
        )
        columns = {"n": "BIGINT", written: "TIMESTAMP"}
        connection.execute(f"create table parted as {part_query('rows', columns, 20_000)}")
        parts = connection.execute(
            f"select part, count(*), min({written}), max({written}) from parted "
            "group by part order by part"
        ).fetchall()
    assert [count for _, count, *_ in parts] == [86_400, 20_000, 20_000, 17_601]
    weeks = [(low.isocalendar().week, high.isocalendar().week) for *_, low, high in parts]
    assert all(end <= start for (_, end), (start, _) in pairwise(weeks))


def test_a_table_without_a_time_is_one_part() -> None:
    assert part_query("windows", {"name": "VARCHAR"}, 1) == "select *, 0 as part from windows"
