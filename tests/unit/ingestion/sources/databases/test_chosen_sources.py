"""Which databases are pulled: those that are named, or all whose address is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.sources.databases.chosen_sources import choose_sources
from ingestion.sources.errors import ConfigurationError

SHOP = "postgresql://reader@db.example.com/shop"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("shop", "till"):
        (tmp_path / f"{name}.yml").write_text(
            f"engine: postgresql\nconnection: {name.upper()}_URL\n"
            "tables: [{table: users, key: id, cursor: updated_at}]\n"
        )
    return tmp_path


def test_all_whose_address_is_set(folder: Path) -> None:
    chosen = choose_sources(folder, [], {"SHOP_URL": SHOP, "TILL_URL": ""})
    assert [(source.name, address) for source, address in chosen.addresses] == [("shop", SHOP)]
    assert chosen.left_out == ("till is left out: TILL_URL is not set",)


def test_none_that_is_disabled(folder: Path) -> None:
    chosen = choose_sources(folder, [], {"SHOP_URL": SHOP, "TILL_URL": SHOP}, ["till"])
    assert [source.name for source, _ in chosen.addresses] == ["shop"]
    told = "till is left out: it is among the disabled_sources of dbt_project.yml"
    assert chosen.left_out == (told,)
    with pytest.raises(ConfigurationError, match=told):
        choose_sources(folder, ["till"], {"TILL_URL": SHOP}, ["till"])
    with pytest.raises(ConfigurationError, match="shop is left out: it is among"):
        choose_sources(folder, [], {"SHOP_URL": SHOP}, ["shop", "till"])


def test_only_those_that_are_named(folder: Path) -> None:
    chosen = choose_sources(folder, ["shop"], {"SHOP_URL": SHOP})
    assert [source.name for source, _ in chosen.addresses] == ["shop"]
    assert chosen.left_out == ()


@pytest.mark.parametrize(
    ("names", "environment", "told"),
    [
        (["till"], {"SHOP_URL": SHOP}, "till: set TILL_URL to the database's address"),
        ([], {}, "shop: set SHOP_URL to the database's address"),
        (["shop", "shoe"], {"SHOP_URL": SHOP}, "there is no source shoe: .* has shop, till"),
    ],
)
def test_what_cannot_be_chosen(
    folder: Path, names: list[str], environment: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        choose_sources(folder, names, environment)


def test_a_folder_without_sources(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no source: describe a database in"):
        choose_sources(tmp_path, [], {})
