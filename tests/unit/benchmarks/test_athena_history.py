from __future__ import annotations

from benchmarks.athena_history import kept_tables


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
