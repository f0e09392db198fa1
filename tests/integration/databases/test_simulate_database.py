"""`retailpulse simulate-database` on a real PostgreSQL; on MariaDB in tests/databases."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.databases.postgresql_server import Database
from tests.support.progress import run
from tests.support.road.lakehouse import PROJECT


def simulate(address: str, *arguments: str, code: int = 0) -> str:
    program = Path(sys.executable).with_name("retailpulse")
    environment = os.environ | {"SHOP_OWNER_URL": address}
    options = (*arguments, "--connection", "SHOP_OWNER_URL")
    done = run([program, "simulate-database", *options], cwd=PROJECT, env=environment)
    assert done.returncode == code, done.stdout
    return done.stdout


def test_a_web_shop_opens_and_goes_on(database: Database) -> None:
    def counts() -> tuple[int, int]:
        [(users, sales)] = database.rows(
            "select (select count(*) from dim_users), (select count(*) from fact_sales)"
        )
        return users, sales

    simulate(database.owner, "webshop", "--changes", "0")
    assert counts() == (2_000, 1_000)
    simulate(database.owner, "webshop", "--changes", "200", "--rate", "1000")
    users, sales = counts()
    assert 1_000 < sales <= 1_200
    assert users != 2_000
    simulate(database.owner, "webshop", "--changes", "200", "--rate", "1000")
    assert counts()[1] > sales


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "set SHOP_OWNER_URL to the address of a database for the webshop"),
        ("no address", "SHOP_OWNER_URL is no address of PostgreSQL"),
        # An @ that is not escaped: libpq would seek, and name, the server secret@127.0.0.1.
        ("postgresql://shop:my@secret@127.0.0.1:9/shop", "SHOP_OWNER_URL is no address of"),
        # A / that is not: the password would be the port.
        ("postgresql://shop:secret/@127.0.0.1:9/shop", "SHOP_OWNER_URL is no address of"),
    ],
)
def test_an_address_that_is_none_is_refused(address: str, told: str) -> None:
    said = simulate(address, "webshop", code=2)
    assert told in said
    assert "secret" not in said


def test_a_server_that_is_not_there_is_told_in_one_sentence() -> None:
    told = simulate("postgresql://nobody:secret@127.0.0.1:9/shop", "webshop", code=1)
    assert "the database at SHOP_OWNER_URL says:" in told
    assert "Traceback" not in told


def test_tables_of_somebody_else_are_left_alone(database: Database) -> None:
    database.execute("create table dim_users (id int)")
    told = simulate(database.owner, "webshop", code=2)
    assert "the database has tables that no webshop made, such as dim_users" in told
