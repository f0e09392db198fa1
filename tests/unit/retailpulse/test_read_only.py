from __future__ import annotations

import duckdb
import pytest

from retailpulse.errors import RetailPulseError, SetupError, WorkError
from retailpulse.read_only import check_read_only


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
        ("explain analyze copy (select 1) to 'x.csv'", "EXPLAIN"),
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
