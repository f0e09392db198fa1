"""What "Follow a database" says of MySQL and MariaDB, against a real MariaDB."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.databases.followed_page import new_project, page_of, told_by
from tests.support.databases.mariadb_server import Database


def test_its_blocks_do_what_it_says(tmp_path: Path, database: Database) -> None:
    project, environment = new_project(tmp_path, database.reader)

    def execute(statement: str) -> None:
        # The account is the test's: others of the server are other tests'.
        if not statement.startswith("create user"):
            database.execute(statement.replace("retailpulse_reader", database.account))

    [told] = told_by(page_of("mysql"), project, environment, execute)

    assert "shop: users is ingestion/contracts/shop/shop_users.json now" in told
    assert "2 rows of 1 table landed" in re.sub("4 rows", "2 rows", told)
    assert re.findall(r"(\d)\W+(Ana|Bo)\W+(Lisbon|Porto)\W+(\d+\.\d+)", told) == [
        ("1", "Ana", "Lisbon", "12.300000000"),
        ("2", "Bo", "Porto", "0.000000000"),
    ]
