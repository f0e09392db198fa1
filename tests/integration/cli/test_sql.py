from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.integration.cli.conftest import REVENUE, Cli


def test_formats(cli: Cli) -> None:
    assert cli.ok("sql", REVENUE, "--format", "csv") == (
        "event_date,daily_revenue\n2026-01-14,123.00\n"
    )
    assert cli.ok("sql", REVENUE, "--format", "json") == (
        '[\n  {"event_date": "2026-01-14", "daily_revenue": 123.00}\n]\n'
    )
    table = cli.ok("sql", REVENUE)
    assert "event_date" in table
    assert "123.00" in table


def test_a_table_off_a_terminal_cuts_nothing(cli: Cli) -> None:
    assert "x" * 300 in cli.ok("sql", "select repeat('x', 300) as a, repeat('y', 300) as b")


@pytest.mark.parametrize(
    "statement",
    [
        "drop table retailpulse.fact_orders",
        "delete from retailpulse.fact_orders",
        "copy (select 1) to '/tmp/x.csv'",
        "set enable_external_access = true",
        "from ducklake_cleanup_old_files('lakehouse', cleanup_all => true)",
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
