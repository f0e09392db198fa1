"""What a source's file can say, and what it is told if it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.sources.databases.names import event_type_of
from ingestion.sources.databases.settings import Source, Table, read_source, read_sources
from ingestion.sources.errors import ConfigurationError
from ingestion.sources.field_names import field_of

RIGHT = """\
engine: postgresql
connection: SHOP_DATABASE_URL
tables:
  - {table: users, key: id, cursor: updated_at}
  - {table: Sales.Order Lines, key: [order_id, line], cursor: changed}
"""


def test_a_source_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_text(RIGHT)

    assert read_sources(tmp_path) == (
        Source(
            name="shop",
            engine="postgresql",
            connection="SHOP_DATABASE_URL",
            tables=(
                Table("public", "users", ("id",), "updated_at", "shop_users"),
                Table(
                    "Sales",
                    "Order Lines",
                    ("order_id", "line"),
                    "changed",
                    "shop_sales_order_lines",
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("Shop", RIGHT, "a source's name must be like"),
        ("shop", "a: [", "is not YAML"),
        ("shop", "", "it must say connection, engine"),
        ("shop", RIGHT + "speed: 7\n", "speed cannot be said, only connection"),
        ("shop", RIGHT + "mode: binlog\n", "mode must be poll or log, not 'binlog'"),
        (
            "shop",
            RIGHT.replace("postgresql", "mysql") + "mode: log\n",
            "the log is read of postgresql only, not of mysql: leave `mode: log` out",
        ),
        ("s" * 49, RIGHT + "mode: log\n", "has a name of at most 48 characters"),
        (
            "shop",
            RIGHT.replace(", cursor: changed", ""),
            "cursor must be a column that is set .* say `whole: true`",
        ),
        ("shop", RIGHT.replace("cursor: changed", "whole: 1"), "whole must be true or false"),
        (
            "shop",
            RIGHT.replace("cursor: changed", "whole: 1") + "mode: log\n",
            "whole must be true or false",
        ),
        (
            "shop",
            RIGHT.replace("changed", "changed, whole: true"),
            "`whole: true` takes no cursor: leave one of them out",
        ),
        (
            "shop",
            RIGHT.replace("postgresql", "oracle"),
            "engine must be postgresql or mysql, not 'oracle'",
        ),
        ("shop", RIGHT.replace("id,", "[],", 1), "key must be a column's name, or a list of them"),
        ("shop", RIGHT.replace("cursor: changed", "cursor: 7"), "cursor must be a column"),
        ("shop", RIGHT + "page_rows: 0\n", "page_rows must be a whole number of at least 1"),
        ("shop", RIGHT + "page_rows: yes\n", "page_rows must be a whole number of at least 1"),
        ("shop", RIGHT.replace("Sales.Order Lines", "USERS"), "two tables are of the event type"),
        ("shop", RIGHT.replace("users", "u" * 64), "give the source a shorter name"),
        ("shop", RIGHT.partition("tables")[0] + "tables: []\n", "tables must be a list"),
    ],
)
def test_what_cannot_be_used_is_told(name: str, text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.yml"
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=told) as refused:
        read_source(file)

    assert str(refused.value).startswith(file.name)


def test_a_table_may_be_compared_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_text(RIGHT.replace("cursor: changed", "whole: true"))

    [users, lines] = read_source(tmp_path / "shop.yml").tables

    assert (users.cursor, lines.cursor) == ("updated_at", "")


def test_a_log_needs_no_cursor_and_one_that_is_said_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_text(RIGHT.replace(", cursor: changed", "") + "mode: log\n")

    source = read_source(tmp_path / "shop.yml")

    assert source.mode == "log"
    assert [table.cursor for table in source.tables] == ["", ""]


def test_an_address_in_the_place_of_its_variable_is_refused_and_not_repeated(
    tmp_path: Path,
) -> None:
    file = tmp_path / "shop.yml"
    file.write_text(RIGHT.replace("SHOP_DATABASE_URL", "postgresql://reader:s3cret@db/shop"))

    with pytest.raises(
        ConfigurationError, match="must be the name of an environment variable"
    ) as e:
        read_source(file)

    assert "s3cret" not in str(e.value)


def test_names_become_names_of_ours() -> None:
    assert event_type_of("shop", "public", "dim_users") == "shop_dim_users"
    assert event_type_of("shop", "Sales", "Größe (cm)") == "shop_sales_gr_e_cm"
    assert [
        field_of(name) for name in ("ID", "Straße", "order", "source", "2nd", "price_text")
    ] == [
        *("id", "stra_e", "order_", "source_", "c_2nd", "price_text_"),
    ]
    # Of a name without a letter of ours, one that is always the same.
    assert field_of("名前") == field_of("名前") != field_of("住所")
    assert field_of("x" * 200) == "x" * 60
