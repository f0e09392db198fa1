"""A web shop that is followed by its log: who lived where, and what cost what, at any instant."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from ingestion.sources.databases.settings import LOG, read_source
from simulator.databases.rows import apply, insert_all, make_tables
from simulator.databases.webshop import Webshop
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulling_log import LogHome
from tests.support.project.without_databases import copy_without_databases
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import PROJECT, Lakehouse

CHANGES = 3_000
PULLS = 5
INSTANTS = 1_000
TABLES = ("dim_users", "dim_products", "fact_sales")

# What the business has done by its own account: a transaction's commit has a time that the server
# keeps.
ACCOUNT = (
    "create table account (nth bigint generated always as identity, xid xid, entity text, "
    "id bigint, what text)",
    """create function keep_account() returns trigger language plpgsql as $$
    begin
        insert into account (xid, entity, id, what) values (
            pg_current_xact_id()::xid,
            tg_table_name,
            case when tg_op = 'DELETE' then old.id else new.id end,
            case when tg_op <> 'DELETE' then to_jsonb(new) ->> tg_argv[0] end
        );
        return null;
    end $$""",
    "create trigger account after insert or update or delete on dim_users "
    "for each row execute function keep_account('city')",
    "create trigger account after insert or update or delete on dim_products "
    "for each row execute function keep_account('price')",
)
STATES = {
    "dim_users": "select customer_id, city, valid_from, valid_to "
    "from retailpulse.dim_customers_history",
    "dim_products": "select product_id, unit_price::decimal(12, 2)::varchar, valid_from, valid_to "
    "from retailpulse.dim_products_history",
}


def test_history_is_the_business_own_account_of_it(tmp_path: Path, logged: Database) -> None:
    source = replace(read_source(PROJECT / "ingestion/sources/webshop.yml"), mode=LOG)
    lakehouse = Lakehouse(tmp_path / "lakehouse", tmp_path / "project")
    copy_without_databases(lakehouse.project, ["wholesale"])
    home = LogHome(lakehouse.home, logged, source)
    some = Random(5)
    shop = Webshop(Random("a shop"))
    with shop_of(logged) as connection:
        now = datetime.now(UTC)
        with connection.cursor() as cursor:
            insert_all(cursor, shop.opening(300, 200, now - timedelta(days=30), now))
            connection.commit()
            for statement in ACCOUNT:
                cursor.execute(statement.encode())
            connection.commit()
            home.pull_all()
            loaded_at = datetime.now(UTC)
            for number in range(CHANGES):
                apply(cursor, shop.next_change())
                # Some transactions change a row more than once.
                if some.random() < 0.5:
                    connection.commit()
                if number % (CHANGES // PULLS) == 0:
                    home.pull_all()
            connection.commit()
        home.pull_all()

    lakehouse.build(*BUILD[1:])

    for entity, query in STATES.items():
        done, told = account(logged, entity), states(lakehouse, query)
        end = max(times[-1] for times, _ in done.values())
        for _ in range(INSTANTS // 2):
            row = some.choice(sorted(done))
            # And at the very moments at which states begin.
            times, values = done[row]
            at = some.choice([*times, loaded_at + (end - loaded_at) * some.random()])
            place = bisect_right(times, at)
            if place:
                assert told_at(told.get(row, []), at) == values[place - 1], (entity, row, at)
        assert sum(len(times) > 1 for times, _ in done.values()) > 5, entity


@contextmanager
def shop_of(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The shop's tables, published."""
    with psycopg.connect(database.owner) as connection:
        with connection.cursor() as cursor:
            make_tables(cursor, "webshop")
            for table in TABLES:
                cursor.execute(f"alter table {table} replica identity full".encode())
            cursor.execute(
                f"create publication retailpulse_webshop for table {', '.join(TABLES)} "
                "with (publish_via_partition_root = true)".encode()
            )
        connection.commit()
        yield connection


def account(database: Database, entity: str) -> dict[str, tuple[list[datetime], list[str | None]]]:
    """Of each row, since when what was so; of several changes at once the last."""
    done: dict[str, tuple[list[datetime], list[str | None]]] = defaultdict(lambda: ([], []))
    for row, what, at in database.rows(
        "select id::text, what, pg_xact_commit_timestamp(xid) from account "
        f"where entity = '{entity}' order by 3, nth"
    ):
        done[row][0].append(at)
        done[row][1].append(what)
    return done


def states(lakehouse: Lakehouse, query: str) -> dict[str, list[tuple[str, datetime, datetime]]]:
    """Of each row, what gold says: what was so, from when and to when."""
    told: dict[str, list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for row, what, since, until in lakehouse.query(query):
        told[row].append((what, since.replace(tzinfo=UTC), until.replace(tzinfo=UTC)))
    return told


def told_at(of_row: list[tuple[str, datetime, datetime]], at: datetime) -> str | None:
    """What gold says was so at an instant; None if the row was not there."""
    found = [what for what, since, until in of_row if since <= at < until]
    assert len(found) <= 1, of_row
    return found[0] if found else None
