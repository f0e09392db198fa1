from __future__ import annotations

import pytest

from retailpulse.cloud.athena_sql import check_reads
from retailpulse.errors import SetupError


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "  SELECT 1",
        "-- what for\nselect 1",
        "/* delete */ with a as (select 1) select * from a",
        "(select 1) union all (select 2)",
        "show tables in retailpulse",
        "describe retailpulse.fact_orders",
        "values 1, 2",
    ],
)
def test_what_reads_is_sent_as_it_is(sql: str) -> None:
    assert check_reads(sql) == sql


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("drop table retailpulse.fact_orders", "DROP"),
        ("-- select 1\ndelete from retailpulse.fact_orders", "DELETE"),
        ("/* select */ insert into t select 1", "INSERT"),
        ("create table t as select 1", "CREATE"),
        ("explain analyze insert into t select 1", "EXPLAIN"),
        ("unload (select 1) to 's3://elsewhere/'", "UNLOAD"),
        ("execute something", "EXECUTE"),
    ],
)
def test_what_may_write_is_refused_by_its_name(sql: str, word: str) -> None:
    with pytest.raises(SetupError, match=f"{word} is not allowed"):
        check_reads(sql)


@pytest.mark.parametrize("sql", ["", "  ", "-- nothing", "/* nothing */", "-- select 1"])
def test_nothing_to_run_is_said(sql: str) -> None:
    with pytest.raises(SetupError, match="there is no SQL"):
        check_reads(sql)
