from __future__ import annotations

from benchmarks.athena_history import kept_tables


def test_tables_that_go_on_are_copied_by_the_columns_that_partition_them() -> None:
    def node(
        alias: str, materialized: str, partitions: list[str] | None = None
    ) -> dict[str, object]:
        return {
            "resource_type": "model",
            "schema": "silver",
            "alias": alias,
            "config": {"materialized": materialized, "partitioned_by": partitions},
        }

    manifest = {
        "nodes": {
            "a": node("by_month", "incremental", ["month(a_date)"]),
            "b": node("by_day", "incremental", ["a_date", "system"]),
            "c": node("windows", "ledger"),
            "d": node("mart", "view"),
            "e": node("dates", "table"),
            "f": {"resource_type": "test"},
        }
    }
    assert kept_tables(manifest) == {
        "silver.by_month": ["a_date"],
        "silver.by_day": ["a_date", "system"],
        "silver.windows": [],
    }
