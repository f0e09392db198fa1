from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.cli.conftest import ENTRY, REVENUE, Cli


def test_formats(cli: Cli) -> None:
    assert cli.ok("sql", REVENUE, "--format", "csv") == (
        "event_date,daily_revenue\n2026-01-14,123.0000\n"
    )
    assert cli.ok("sql", REVENUE, "--format", "json") == (
        '[\n  {"event_date": "2026-01-14", "daily_revenue": 123.0000}\n]\n'
    )
    table = cli.ok("sql", REVENUE)
    assert "event_date" in table
    assert "123.0000" in table


def test_a_table_off_a_terminal_cuts_nothing(cli: Cli) -> None:
    assert "x" * 300 in cli.ok("sql", "select repeat('x', 300) as a, repeat('y', 300) as b")


def test_where_the_sql_comes_from(cli: Cli, tmp_path: Path) -> None:
    query = "-- the orders\nselect count(*) as orders from fact_orders"
    (tmp_path / "query.sql").write_text(query)
    orders = "orders\n1\n"
    assert cli.ok("sql", "--file", str(tmp_path / "query.sql"), "--format", "csv") == orders
    assert cli.ok("sql", query, "--format", "csv") == orders
    assert cli.ok("sql", "--format", "csv", stdin=query.encode()) == orders
    assert cli.ok("sql", "-", "--format", "csv", stdin=query.encode()) == orders
    assert "twice" in cli.refused("sql", query, "--file", "x.sql")
    assert "there is no SQL" in cli.refused("sql")
    assert "cannot be read" in cli.refused("sql", "--file", str(tmp_path / "none.sql"))


def test_a_name_without_a_schema_is_gold_s_or_silver_s(cli: Cli) -> None:
    assert cli.rows("select order_id from fact_orders") == [{"order_id": "o100"}]
    assert cli.rows("select event_id from orders_events") == [{"event_id": "test-100"}]
    names = {row["name"] for row in cli.rows("show tables")}
    assert {"fact_orders", "orders_events"} <= names


def test_describe_says_what_the_columns_mean(cli: Cli) -> None:
    for statement in ("describe retailpulse.fact_orders", "DESC fact_orders;"):
        meanings = {row["column_name"]: row["meaning"] for row in cli.rows(statement)}
        assert meanings["currency_code"] == "ISO 4217 code of order_amount."
        assert all(meanings.values())


def test_a_table_as_it_was(cli: Cli, tmp_path: Path) -> None:
    copy = Cli(shutil.copytree(cli.home, tmp_path / "copy"))
    before = datetime.now(UTC)
    copy.ok("ingest", "-", stdin=ENTRY.replace("100", "101").encode())
    copy.build()

    count = "select count(*) as n from fact_orders"
    assert copy.rows(count) == [{"n": 2}]
    assert copy.rows(f"{count} at (timestamp => timestamptz '{before.isoformat()}')") == [{"n": 1}]
    told = copy.refused("sql", f"{count} at (timestamp => timestamptz '2020-01-01')", exit_code=1)
    assert "No snapshot found" in told


def test_pivot_and_explain(cli: Cli) -> None:
    pivot = "pivot fact_orders on status using count(*) group by currency_code"
    assert cli.rows(pivot) == [{"currency_code": "USD", "CREATED": 1}]
    plan = cli.ok("sql", "explain analyze select count(*) from fact_orders")
    assert "┌─" in plan
    assert "Total Time" in plan


def test_a_long_table_is_cut_and_says_so(cli: Cli) -> None:
    result = cli("sql", "select range + 100000 as n from range(1001)")
    assert "100999" in result.stdout
    assert "101000" not in result.stdout
    assert "first 1,000 rows" in result.stderr
    whole = cli("sql", "select range + 100000 as n from range(1000)")
    assert ("100999" in whole.stdout, whole.stderr) == (True, "")
    rows = cli.ok("sql", "select range as n from range(3000)", "--format", "csv")
    assert rows.count("\n") == 3001


@pytest.mark.parametrize(
    "statement",
    [
        "drop table retailpulse.fact_orders",
        "delete from retailpulse.fact_orders",
        "copy (select 1) to '/tmp/x.csv'",
        "set enable_external_access = true",
        "from ducklake_cleanup_old_files('lakehouse', cleanup_all => true)",
        "explain analyze delete from retailpulse.fact_orders",
    ],
)
def test_what_writes_is_refused(cli: Cli, statement: str) -> None:
    cli.refused("sql", statement)


def test_files_outside_the_lakehouse_cannot_be_read(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    with sqlite3.connect(tmp_path / "secret.sqlite") as secret:
        secret.execute("create table t as select 'secret' as a")
    told = cli.refused("sql", f"from read_text('{tmp_path}/secret.txt')", exit_code=1)
    assert "Permission Error" in told
    way = f"{cli.home}/../{tmp_path.name}/secret.txt"
    cli.refused("sql", f"from read_text('{way}')", exit_code=1)
    cli.refused("sql", f"from '{tmp_path}/secret.sqlite'", exit_code=1)
    cli.refused("sql", f"from sqlite_scan('{tmp_path}/secret.sqlite', 't')")


def test_an_error_is_one_line(cli: Cli) -> None:
    assert "nope" in cli.refused("sql", "select nope from retailpulse.fact_orders", exit_code=1)
    assert "Parser Error" in cli.refused("sql", "selec 1", exit_code=1)
    assert "Conversion Error" in cli.refused(
        "sql", "select 'x'::int", "--format", "csv", exit_code=1
    )


def test_without_a_lakehouse_it_says_how_to_get_one(empty: Cli) -> None:
    assert "make demo" in empty.refused("sql", "select 1")
    assert "make demo" in empty.refused("quarantine")
    assert "dbt build" in empty.refused("backfill", "--from", "2026-01-01", "--to", "2026-01-02")
    assert not empty.home.exists()
