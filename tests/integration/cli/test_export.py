from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse
from tests.integration.cli.conftest import Cli

GOLD = [
    *("agg_abandoned_carts", "agg_abandonment_by_product", "agg_abandonment_rate"),
    *("agg_city_performance", "agg_customer_abandoned_products", "agg_daily_revenue"),
    *("agg_department_sales", "agg_order_status", "agg_overdue_references"),
    *("agg_product_reorders", "agg_product_sales", "dim_customers", "dim_customers_history"),
    *("dim_dates", "dim_departments", "dim_employees", "dim_offices", "dim_products"),
    *("dim_products_history", "fact_cart_abandonments", "fact_order_items", "fact_orders"),
    *("fact_payments", "fact_refunds"),
]
ALL = "from {} order by all"
TYPES = "select column_name, column_type from (describe from {})"


def of_lakehouse(cli: Cli, sql: str) -> list[tuple[object, ...]]:
    with open_lakehouse(Home(Path(), cli.home)) as lakehouse:
        return lakehouse.execute(sql).fetchall()


def test_a_folder_holds_gold_as_it_is(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "it's gold"
    for _ in range(2):
        assert "fact_orders" in cli.ok("export", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == [f"{table}.parquet" for table in GOLD]
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    for table in GOLD:
        file = str(folder / f"{table}.parquet")
        for sql in (ALL, TYPES):
            found = duckdb.execute(sql.format("read_parquet($file)"), {"file": file}).fetchall()
            assert found == of_lakehouse(cli, sql.format(f"retailpulse.{table}"))


def test_a_database_holds_gold_and_what_its_columns_mean(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "gold.duckdb"
    cli.ok("export", str(file))
    with duckdb.connect(str(file), read_only=True) as reader:
        cli.ok("export", str(file))
        # Whoever has the former file open reads on.
        assert reader.execute("select order_id from fact_orders").fetchall() == [("o100",)]
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    with duckdb.connect(str(file), read_only=True) as database:
        for table in GOLD:
            for sql in (
                "from {} order by all",
                "select column_name, column_type from (describe from {})",
            ):
                found = database.execute(sql.format(table)).fetchall()
                assert found == of_lakehouse(cli, sql.format(f"retailpulse.{table}"))
        [comment] = database.execute(
            "select comment from duckdb_columns() where column_name = 'order_amount' "
            "and table_name = 'fact_orders'"
        ).fetchone() or [None]
        assert comment == "Order total in units of currency_code."


def test_what_is_not_an_export_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.parquet").write_text("mine")
    assert "mine.parquet" in cli.refused("export", str(tmp_path))
    assert "file" in cli.refused("export", str(tmp_path / "mine.parquet"))
    (tmp_path / "folder.duckdb").mkdir()
    assert "folder" in cli.refused("export", str(tmp_path / "folder.duckdb"))
    (tmp_path / "open.duckdb.wal").touch()
    assert "open.duckdb.wal" in cli.refused("export", str(tmp_path / "open.duckdb"))
    assert (tmp_path / "mine.parquet").read_text() == "mine"


def test_an_export_that_fails_leaves_the_former(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok("export", str(tmp_path / "gold"))
    before = {path: path.read_bytes() for path in (tmp_path / "gold").iterdir()}

    def stop(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("retailpulse.commands.export._write_folder", stop)
    assert "No space left" in cli.refused("export", str(tmp_path / "gold"), exit_code=1)
    assert {path: path.read_bytes() for path in (tmp_path / "gold").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["gold"]


def test_status_tells_of_the_road(cli: Cli, empty: Cli, entry_file: Path) -> None:
    told = cli.ok("status")
    assert "succeeded" in told
    assert "1 accepted" in told
    assert "2 open of 2" in told
    assert "retailpulse quarantine" in told
    assert "make demo" in empty.ok("status")
    assert not empty.home.exists()
    empty.ok("ingest", str(entry_file))
    told = empty.ok("status")
    assert "1 objects wait for dbt" in told
    assert "`dbt build` brings what arrived to gold" in told
