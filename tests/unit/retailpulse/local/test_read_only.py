from __future__ import annotations

import duckdb
import pytest

from retailpulse.errors import RetailPulseError, SetupError, WorkError
from retailpulse.local.read_only import check_read_only, described_table


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "with a as (select 1) from a;",
        "values (1)",
        "show tables",
        "show all tables",
        "describe select 1",
        "summarize select 1",
        "select ';' -- ;",
        "-- a comment\nselect 1",
        "explain select 1",
        "/* é */ EXPLAIN -- why\n analyze select 1",
        "explain (analyze, format json) select 1",
        "pivot (select 1 as a, 2 as b) on a using sum(b)",
        "from (pivot (select 1 as a, 2 as b) on a using sum(b))",
        "pivot (select 1 as a, 2 as b) on a in (1) using sum(b)",
    ],
)
def test_what_reads_may_run(sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(check_read_only(connection, sql))


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("create table t (a int)", "CREATE"),
        ("copy (select 1) to 'x.csv'", "COPY"),
        ("insert into t values (1)", "INSERT"),
        ("update t set a = 1", "UPDATE"),
        ("delete from t", "DELETE"),
        ("drop table t", "DROP"),
        ("attach 'x.db'", "ATTACH"),
        ("set threads = 1", "SET"),
        ("install httpfs", "LOAD"),
        ("load httpfs", "LOAD"),
        ("pragma threads = 1", "SET"),
        ("call ducklake_cleanup_old_files('lakehouse')", "CALL"),
        ("explain analyze copy (select 1) to 'x.csv'", "COPY"),
        ("explain (analyze) delete from t", "DELETE"),
        ("explain analyze from sqlite_scan('x', 't')", "sqlite_scan"),
        ("explain select 1; drop table t", "EXPLAIN"),
        ("pivot (from query('select 1 as a, 2 as b')) on a using sum(b)", "query"),
        ("""pivot (from "SQLite_Scan" /**/ ('x', 't')) on a using sum(b)""", "sqlite_scan"),
        ("create table t as pivot (select 1 as a, 2 as b) on a using sum(b)", "not allowed"),
        ("pivot (select 1 as a) on a; pivot (select 1 as a) on a", "CREATE"),
        ("select 1; select 2", "several"),
        ("select 1; drop table t", "DROP"),
        ("", "no SQL"),
        ("from sqlite_scan('x.sqlite', 't')", "sqlite_scan"),
        ("""select (select max(a) from "SQLite_Scan"('x', 't'))""", "sqlite_scan"),
        ("with a as (from main.sqlite_scan('x', 't')) from a", "sqlite_scan"),
        ("from ducklake_cleanup_old_files('lakehouse')", "ducklake_cleanup_old_files"),
        ("from query('from sqlite' || '_scan(1, 2)')", "query"),
    ],
)
def test_what_does_more_than_read_is_refused(sql: str, named: str) -> None:
    with duckdb.connect() as connection, pytest.raises(SetupError, match=named):
        check_read_only(connection, sql)


def test_what_is_no_sql_is_said_in_one_line() -> None:
    with duckdb.connect() as connection, pytest.raises(WorkError) as caught:
        check_read_only(connection, "select from where")
    assert "\n" not in str(caught.value)
    assert issubclass(WorkError, RetailPulseError)


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("describe fact_orders", "fact_orders"),
        ('/* x */ DESC lakehouse.retailpulse."Fact_Orders" ; -- y', "fact_orders"),
        ("describe select 1", None),
        ("describe select a.b", None),
        ("show tables", None),
    ],
)
def test_which_table_is_described(sql: str, table: str | None) -> None:
    assert described_table(sql) == table
