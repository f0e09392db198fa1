from __future__ import annotations

import duckdb

from retailpulse.commands.export import gold_tables


def test_what_dbt_has_not_finished_is_no_table_of_gold() -> None:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as lakehouse; create schema lakehouse.retailpulse")
        for name in ("dim_stores", "dim_stores__dbt_new", "agg_sales__dbt_tmp"):
            connection.execute(f"create table lakehouse.retailpulse.{name} as select 1 as one")

        assert gold_tables(connection) == ["dim_stores"]
