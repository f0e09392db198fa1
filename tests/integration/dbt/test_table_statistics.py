"""What gives a new table statistics changes no row of it."""

from __future__ import annotations

import duckdb
import pytest

from tests.support.dbt.rendering import Rendering

STATISTICS = "{{ with_statistics(api.Relation.create(identifier='select')) }}"


@pytest.mark.parametrize(
    "rows",
    [
        # Of words that SQL has for itself.
        'select 1 as "order", cast(null as varchar) as "group" where false',
        'select cast(null as integer) as "order", cast(null as varchar) as "group"',
        'select unnest([1, null]) as "order", cast(null as varchar) as "group"',
    ],
    ids=["none", "one that is NULL", "two"],
)
def test_a_table_keeps_the_rows_it_has(duckdb_project: Rendering, rows: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f'create table "select" as {rows}')
        before = connection.execute('from "select"').fetchall()
        connection.execute(f"begin; {duckdb_project.compile(STATISTICS)}; commit")
        assert connection.execute('from "select"').fetchall() == before
