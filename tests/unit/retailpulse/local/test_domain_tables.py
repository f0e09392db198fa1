from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from retailpulse.local.domain_tables import (
    accepted_rows,
    accepted_tables,
    gold_read_until,
    quarantines,
    rows_by_hour,
)


@pytest.fixture
def lakehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as lakehouse; use lakehouse")
        connection.execute("create schema retailpulse; create schema retailpulse_silver")
        yield connection


def test_every_domain_and_every_entity_counts(lakehouse: duckdb.DuckDBPyConnection) -> None:
    lakehouse.execute("""
        use lakehouse.retailpulse_silver;
        create table orders_events as select 'a' as event_id;
        create table product_versions as select 1 as sequence, 'b' as event_id;
        create table orders as select 'no event' as event_id;
        create table prevents as select 'no event' as event_id;
        create table carts_quarantined as select 'rejected' as event_id;
        create view quarantined_events as select 'rejected' as event_id;
        create table lakehouse.retailpulse.fact_events as select 'of gold' as event_id
    """)
    assert accepted_tables(lakehouse) == ["orders_events", "product_versions"]
    assert quarantines(lakehouse) == ["carts_quarantined"]
    rows = lakehouse.execute(accepted_rows(lakehouse, ["event_id"])).fetchall()
    assert sorted(rows) == [("a",), ("b",)]


def test_a_line_that_two_quarantines_have_is_one(lakehouse: duckdb.DuckDBPyConnection) -> None:
    assert rows_by_hour(lakehouse) == {}
    at = "timestamp '2026-03-10 12:00:00' as received_at"
    lakehouse.execute(f"""
        use lakehouse.retailpulse_silver;
        create table products_versions as select {at}, unnest(['m1', 'm2']) as message_id;
        create table products_versions_quarantined as
            select {at}, unnest(['m3', 'm4']) as message_id;
        create table catalog_quarantined as select {at}, unnest(['m3', 'm5']) as message_id
    """)
    assert rows_by_hour(lakehouse) == {"2026-03-10 12": 5}


def test_before_the_first_build_nothing_is_accepted(lakehouse: duckdb.DuckDBPyConnection) -> None:
    query = accepted_rows(lakehouse, ["received_at", "processed_at"])
    assert lakehouse.execute(query).fetchall() == []
    assert lakehouse.execute(f"select max(processed_at) from ({query})").fetchall() == [(None,)]
    assert gold_read_until(lakehouse) is None


def test_gold_is_as_late_as_the_latest_of_silver(lakehouse: duckdb.DuckDBPyConnection) -> None:
    lakehouse.execute("""
        create table retailpulse_silver.run_windows (model_name varchar, window_high timestamp);
        insert into retailpulse_silver.run_windows values
            ('a_model_of_the_release_before', '2026-01-01'),
            ('orders', '2026-03-04'), ('refunds', '2026-03-03')
    """)
    assert gold_read_until(lakehouse) is None
    lakehouse.execute("create table retailpulse_silver.orders (order_id varchar)")
    assert gold_read_until(lakehouse) == datetime(2026, 3, 4, tzinfo=UTC)
    lakehouse.execute("create table retailpulse_silver.refunds (refund_id varchar)")
    assert gold_read_until(lakehouse) == datetime(2026, 3, 3, tzinfo=UTC)
