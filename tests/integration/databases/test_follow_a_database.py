"""Each block of "Follow a database", in the order it is told, against a real PostgreSQL."""

from __future__ import annotations

import fcntl
import re
from pathlib import Path

import psycopg

from tests.support.databases.followed_page import new_project, page_of, told_by
from tests.support.databases.postgresql_server import Database
from tests.support.progress import run


def test_its_blocks_do_what_it_says(tmp_path: Path, database: Database) -> None:
    project, environment = new_project(tmp_path, database.reader)
    role = str(psycopg.conninfo.conninfo_to_dict(database.reader)["user"])

    def execute(content: str) -> None:
        # The role is the test's: others of the server are other tests'.
        content = re.sub("create role [^;]+;", "", content)
        database.execute(content.replace("retailpulse_reader", f'"{role}"'))

    sources, first, later, compared = told_by(page_of("postgresql"), project, environment, execute)
    assert "shop: public.users is ingestion/contracts/shop/shop_users.json now" in sources
    assert "2 rows of 1 table landed" in re.sub(r"[4-9] rows", "2 rows", first)
    assert re.search(r"1\W+Ana\W+Lisbon\W+12\.300000000", first), first
    assert "the column newsletter (boolean) came: `make sources` takes it up" in later
    assert re.findall(r"(\d)\W+(Lisbon|Porto|Faro|Braga)\W+(true|false)", later) == [
        ("1", "Lisbon", "false"),
        ("1", "Faro", "true"),
        ("2", "Porto", "true"),
        ("3", "Braga", "true"),
    ]
    # Rows that were written just now are read again by polling, whatever their cursor says.
    assert re.search("2 rows, [01] of them changed unseen, 1 deleted", compared), compared
    assert re.findall(r"(\d)\W+(Lisbon|Porto|Faro|Braga|Lagos)\b", compared) == [
        ("1", "Faro"),
        ("3", "Lagos"),
    ]

    with (tmp_path / "lakehouse/pulled/shop.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused = run(["retailpulse", "pull"], cwd=project, env=environment)
    assert refused.returncode == 1
    assert "another `retailpulse pull` is reading it: let that end" in refused.stdout
