"""Tables of which nothing has ever landed are empty, and a query does not pay for that."""

from __future__ import annotations

from datetime import UTC, datetime

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


def test_each_table_has_statistics_and_no_row(lakehouse: Lakehouse) -> None:
    lakehouse.build(*BUILD[1:], at=RUN)

    records: dict[str, int | None] = dict(lakehouse.query(TABLES))

    assert records["retailpulse_silver.orders"] == 0
    # Without statistics, each column of each query asks the catalog for them again.
    assert [table for table, count in records.items() if count is None] == []
    assert lakehouse.query("select count(*) from retailpulse_silver.orders") == [(0,)]
    assert lakehouse.query("select count(*) from retailpulse_silver.orders_events") == [(0,)]
