from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from benchmarks.athena_history import kept_tables, parts_of


def test_tables_that_go_on_are_copied() -> None:
    def node(alias: str, materialized: str) -> dict[str, object]:
        return {
            "resource_type": "model",
            "schema": "silver",
            "alias": alias,
            "config": {"materialized": materialized},
        }

    manifest = {
        "nodes": {
            "a": node("events", "incremental"),
            "b": node("windows", "ledger"),
            "c": node("mart", "view"),
            "d": node("arrivals", "arrivals"),
            "e": node("dates", "table"),
            "f": {"resource_type": "test"},
        }
    }
    assert kept_tables(manifest) == ["silver.events", "silver.windows"]


@pytest.mark.parametrize("starts", [[], [3], [3, 5], [1, 3, 3, 9]])
def test_each_row_is_in_one_part(starts: list[int]) -> None:
    parts = parts_of("written_at", [datetime(2026, 1, day) for day in starts])
    assert len(parts) == len(starts) + 1
    conditions = " + ".join(f"coalesce(cast(({part}) as integer), 0)" for part in parts)
    days = (
        "select date '2026-01-01' + cast(day as integer) as written_at from range(10) as days (day)"
    )
    counted = duckdb.sql(
        f"select distinct {conditions} from ({days} union all select null) as rows"
    ).fetchall()
    assert counted == [(1,)]
