"""A web shop that is followed: who lived where, and what cost what, at any instant."""

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
import pytest

from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.settings import LOG, read_source
from simulator.databases.rows import apply, insert_all, make_tables
from simulator.databases.webshop import Webshop
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulling import Home
from tests.support.databases.pulling_log import LogHome, publish
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import PROJECT, Lakehouse

CHANGES = 3_000
PULLS = 5
INSTANTS = 1_000
WEBSHOP = read_source(PROJECT / "ingestion/sources/webshop.yml")

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
ROWS = {
    "dim_users": "select id::text, city from dim_users",
    "dim_products": "select id::text, price::text from dim_products",
}
STATES = {
    "dim_users": "select customer_id, city, valid_from, valid_to "
    "from retailpulse.dim_customers_history",
    "dim_products": "select product_id, unit_price::decimal(12, 2)::varchar, valid_from, valid_to "
    "from retailpulse.dim_products_history",
}


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(tmp_path / "lakehouse")


def test_by_its_log_history_is_the_business_own_account_of_it(
    lakehouse: Lakehouse, logged: Database
) -> None:
    home = LogHome(lakehouse.home, logged, replace(WEBSHOP, mode=LOG))
    some = Random(5)
    with shop_of(logged) as (shop, connection):
        connection.execute("; ".join(ACCOUNT).encode())
        connection.commit()
        home.pull_all()
        loaded_at = datetime.now(UTC)
        for number in range(CHANGES):
            apply(connection.cursor(), shop.next_change())
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


def test_by_polling_history_is_what_each_pull_found(
    lakehouse: Lakehouse, database: Database
) -> None:
    home = Home(lakehouse.home, database, WEBSHOP)
    found: list[tuple[datetime, dict[str, dict[str, str]]]] = []
    with shop_of(database) as (shop, connection):
        for _ in range(PULLS):
            with home.puller() as puller:
                for table in WEBSHOP.tables:
                    # So that it sees who has left, too.
                    pull(puller, table, compare=True)
            [(pulled_at,)] = database.rows("select clock_timestamp()")
            found.append(
                (pulled_at, {entity: dict(database.rows(rows)) for entity, rows in ROWS.items()})
            )
            for _ in range(CHANGES // PULLS):
                apply(connection.cursor(), shop.next_change())
            connection.commit()

    lakehouse.build(*BUILD[1:])

    for entity, query in STATES.items():
        told, known = states(lakehouse, query), set[str]()
        for pulled_at, of_entity in found:
            rows = of_entity[entity]
            # What came later has its first state since ever.
            known |= rows.keys()
            at_pull = {row: told_at(told[row], pulled_at) for row in known}
            assert {row: what for row, what in at_pull.items() if what} == rows
        assert entity == "dim_products" or known > rows.keys(), "nobody has left"
        assert found[0][1][entity] != found[-1][1][entity]


@contextmanager
def shop_of(database: Database) -> Iterator[tuple[Webshop, psycopg.Connection[Any]]]:
    """A shop that has opened, and a session in which it works; its tables are published."""
    shop, now = Webshop(Random("a shop")), datetime.now(UTC)
    with psycopg.connect(database.owner) as connection:
        with connection.cursor() as cursor:
            make_tables(cursor, "webshop")
            insert_all(cursor, shop.opening(300, 200, now - timedelta(days=30), now))
            for table in ROWS.keys() | {"fact_sales"}:
                cursor.execute(f"alter table {table} replica identity full".encode())
            cursor.execute(publish(WEBSHOP, *ROWS, "fact_sales").encode())
        connection.commit()
        yield shop, connection


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
