"""Each block of "Follow a database", in the order it is told, against a real PostgreSQL."""

from __future__ import annotations

import fcntl
import re
from pathlib import Path

import psycopg

from tests.support.databases.followed_page import new_project, page_of, told_by
from tests.support.databases.postgresql_server import Database
from tests.support.progress import run


def test_its_blocks_do_what_it_says(tmp_path: Path, logged: Database) -> None:
    database = logged
    project, environment = new_project(tmp_path, database.reader)
    role = str(psycopg.conninfo.conninfo_to_dict(database.reader)["user"])

    def execute(statement: str) -> None:
        # The role is the test's: others of the server are other tests'.
        if not statement.startswith("create role"):
            database.execute(statement.replace("retailpulse_reader", f'"{role}"'))

    sources, first, later, compared, whole, corrected, by_log, told, dropped = told_by(
        page_of("postgresql"), project, environment, execute
    )
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

    assert "shop: public.order_lines is ingestion/contracts/shop/shop_order_lines.json" in whole
    assert "shop: public.order_lines: 3 rows" in re.sub(r"\s*\(.*?\)", "", whole), whole
    assert "shop: public.order_lines: 2 rows" in corrected, corrected
    assert re.findall(r"(\d)\W+(\d)\W+(\d)\W*\n", corrected) == [
        ("1", "1", "2"),
        ("1", "2", "3"),
    ]

    assert re.search("compared with all that has landed: 2 rows, 0 of them", by_log), by_log
    assert "shop: public.users: 3 rows" in told
    assert re.search(r"shop: the server keeps [0-9.]+ MB of its log", told)
    assert re.findall(r"4\W+(Evora|Beja)\W+(true|false)", told) == [
        ("Evora", "false"),
        ("Beja", "false"),
    ]
    assert "shop: the slot retailpulse_shop is removed" in dropped
    assert 'let its owner run `drop publication "retailpulse_shop"`' in dropped
    assert database.rows("select 1 from pg_replication_slots where slot_name like '%shop'") == []

    # Whoever goes back to polling is told of a slot that was left behind.
    database.execute("select pg_create_logical_replication_slot('retailpulse_shop', 'pgoutput')")
    polled = page_of("postgresql").partition("`ingestion/sources/shop.yml`:\n\n```yaml\n")[2]
    (project / "ingestion/sources/shop.yml").write_text(polled.partition("```")[0])
    left = run(["retailpulse", "pull"], cwd=project, env=environment)
    assert left.returncode == 0, left.stdout
    assert "`retailpulse pull --drop shop` ends that" in left.stdout
    wrong = run(["retailpulse", "pull", "--drop", "--reconcile"], cwd=project, env=environment)
    assert wrong.returncode == 2
    assert "give one" in wrong.stdout

    with (tmp_path / "lakehouse/pulled/shop.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused = run(["retailpulse", "pull"], cwd=project, env=environment)
    assert refused.returncode == 1
    assert "another `retailpulse pull` is reading it: let that end" in refused.stdout
