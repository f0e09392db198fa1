"""Pulling a real PostgreSQL: what lands is what the tables hold, whatever happens between."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from benchmarks.cloud_source import SourceAssumptions
from ingestion.raw_zone import FolderRawZone, StorageError
from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.databases.postgresql import connect
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Activity
from ingestion.sources.databases.reconciliation import Reconciled
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.errors import SourceError
from ingestion.sources.state_store import FolderStateStore, Stored
from tests.support.databases.landed_rows import landed, latest
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulling import (
    SHOP,
    USERS,
    Dying,
    Home,
    add,
    fail_over,
    texts,
)


def test_the_first_pull_lands_the_table_page_by_page_and_the_next_what_changed(home: Home) -> None:
    add(home, 1, 250)

    first = home.pull()

    assert first.first_load_rows == 250
    assert home.rows() == texts(home)
    assert [told.rows for told in home.told if told.activity is Activity.FIRST_LOAD] == [
        100,
        200,
        250,
    ]
    assert home.told[0].expected_rows in (0, 250)

    home.database.execute(
        "update users set city = E'Li\\\\sb\"on\\n' , updated_at = now() where id = 17",
        "insert into users (id, name) values (1001, null)",
    )
    second = home.pull()

    assert (second.first_load_rows, second.changed_rows) == (0, 2)
    assert home.rows() == texts(home)
    assert home.rows()[("17",)][2] == 'Li\\sb"on\n'

    # They are read again only while a transaction is open that was then, be it of another test.
    end = time.monotonic() + 30
    while home.pull().changed_rows:
        assert time.monotonic() < end


def test_a_transaction_that_was_open_is_found_when_it_is_committed(
    home: Home, database: Database
) -> None:
    add(home, 1, 3)
    home.pull()
    source = Source("shop", "postgresql", "SHOP_DATABASE_URL", (USERS,), overlap_seconds=0)
    with psycopg.connect(database.owner) as writer:
        # With a savepoint, whose transaction id is another.
        writer.execute("update users set city = 'Porto', updated_at = now() where id = 1")
        writer.execute("savepoint later")
        writer.execute("update users set city = 'Faro', updated_at = now() where id = 2")
        writer.execute("release savepoint later")
        for number in range(3):
            home.database.execute(
                f"update users set updated_at = now(), name = '{number}' where id = 3"
            )
            home.pull(source)
        assert home.rows()[("1",)][2] is None
        writer.commit()

    home.pull(source)

    assert home.rows() == texts(home)


def test_a_clock_that_is_behind_is_overlapped(home: Home) -> None:
    add(home, 1, 3)
    home.pull()
    home.database.execute(
        "update users set city = 'Porto', updated_at = now() - interval '20 seconds' where id = 1"
    )

    home.pull()

    assert home.rows() == texts(home)


def test_every_row_says_where_it_was_read(home: Home) -> None:
    add(home, 1, 5)
    home.pull()
    home.database.execute("update users set city = 'A', updated_at = now() where id = 1")
    home.pull()
    home.database.execute("update users set city = null, updated_at = now() where id = 1")
    before = datetime.now(UTC)
    home.pull()

    events = [event for event in landed(home.raw) if event["data"]["id"] == "1"]
    # A → B → A are three versions.
    cities = [event["data"]["city"] for event in events]
    assert [city for city, last in zip(cities, [..., *cities], strict=False) if city != last] == [
        None,
        "A",
        None,
    ]
    assert len({event["id"] for event in landed(home.raw)}) == len(landed(home.raw))
    assert all(event["source"] == "shop" and event["op"] == "upsert" for event in events)
    assert datetime.fromisoformat(events[-1]["time"]) >= before


def test_a_key_of_several_columns_and_names_that_sql_does_not_like(
    tmp_path: Path, database: Database
) -> None:
    database.execute(
        'create schema "Sales"',
        'create table "Sales"."Größe" ("Artikel" text, "Farbe, %" varchar(20), "select" int[], '
        '"Geändert" timestamp not null default now(), primary key ("Artikel", "Farbe, %"))',
        'create index on "Sales"."Größe" ("Geändert")',
        'insert into "Sales"."Größe" select \'a\' || n % 7, n::text, array[n, null] '
        "from generate_series(1, 95) as n",
        "do $$ begin execute format('grant usage on schema \"Sales\" to %I', "
        f"'{psycopg.conninfo.conninfo_to_dict(database.reader)['user']}'); end $$",
    )
    table = Table("Sales", "Größe", ("Artikel", "Farbe, %"), "Geändert", "shop_sales_gr_e")
    home = Home(tmp_path, database)
    source = Source("shop", "postgresql", "SHOP_DATABASE_URL", (table,), page_rows=10)

    home.pull(source)

    found = latest(home.raw, ("artikel", "farbe"))
    assert len(found) == 95
    assert found[("a3", "3")]["select_"] == "[3,null]"


@pytest.mark.parametrize("behind", [False, True])
def test_wherever_a_pull_dies_the_next_goes_on_and_at_most_a_page_lands_twice(
    home: Home, behind: bool
) -> None:
    add(home, 1, 450)
    folder = home.raw.parent / "pulled"
    deaths = 0
    while True:
        home.states = Dying(folder, 7, behind=behind)
        try:
            home.pull()
        except StorageError:
            deaths += 1
            assert deaths < 20
        else:
            break

    assert deaths > 1
    assert home.rows() == texts(home)
    assert 450 <= len(landed(home.raw)) <= 450 + deaths * SHOP.page_rows


def test_of_two_pullers_one_goes_on(home: Home) -> None:
    add(home, 1, 3)
    home.pull()
    home.database.execute("update users set city = 'A', updated_at = now() where id = 1")
    with home.puller() as slow:

        class Overtaken(FolderStateStore):
            """Another puller comes to its end between this one's reading and its writing."""

            def write(self, name: str, body: bytes, tag: str | None) -> Stored:
                home.database.execute(
                    "update users set city = 'B', updated_at = now() where id = 1"
                )
                home.pull()
                return super().write(name, body, tag)

        slow.states = Overtaken(home.raw.parent / "pulled")
        with pytest.raises(PullerMovedError, match=r"another puller has read public\.users"):
            pull(slow, USERS)

    assert home.rows() == texts(home)


def test_another_server_begins_a_new_epoch_with_a_comparison(home: Home) -> None:
    add(home, 1, 5)
    home.pull()
    # As a fail-over to a copy that was behind leaves it.
    home.database.execute(
        "delete from users where id = 1", "update users set name = 'of before' where id = 2"
    )
    before = home.state()
    fail_over(home)

    pulled = home.pull()

    assert pulled.first_load_rows == 0
    assert pulled.reconciled == Reconciled(compared_rows=4, changed_rows=1, deleted_rows=1)
    assert home.state().epoch > before.epoch
    assert home.rows() == texts(home)


REFUSED = {
    "table": (
        ["drop table users"],
        'there is no table "public"."users"',
    ),
    "view": (
        ["alter table users rename to people", "create view users as select * from people"],
        "no table: follow the tables",
    ),
    "column": (
        ["alter table users rename column updated_at to changed"],
        "has no column updated_at: it has id, name, city, changed",
    ),
    "key": (
        ["alter table users drop constraint users_pkey"],
        'create unique index concurrently on "public"."users" ("id")',
    ),
    "key that can be null": (
        [
            "alter table users drop constraint users_pkey",
            "alter table users alter id drop not null",
            "create unique index on users (id)",
        ],
        'alter table "public"."users" alter column "id" set not null',
    ),
    "index of the cursor": (
        ["drop index users_updated_at_idx"],
        'create index concurrently on "public"."users" ("updated_at")',
    ),
    "cursor": (
        ["alter table users alter updated_at type text using updated_at::text"],
        "is of type text: a cursor is a column of type timestamp with time zone",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_followed_is_refused_with_what_to_do(home: Home, what: str) -> None:
    statements, told = REFUSED[what]
    home.database.execute(*statements)

    with pytest.raises(SourceError) as refused:
        home.pull()

    assert told in str(refused.value)
    assert str(refused.value).startswith("shop: ")
    assert landed(home.raw) == []


def test_a_role_that_may_not_see_open_transactions_or_the_table_is_told_the_grant(
    home: Home,
) -> None:
    role = psycopg.conninfo.conninfo_to_dict(home.database.reader)["user"]
    home.database.execute(f"revoke select on users from {role}")
    with pytest.raises(SourceError, match=f'grant select on "public"."users" to "{role}"'):
        home.pull()
    home.database.execute(
        f"grant select on users to {role}", f"revoke pg_read_all_stats from {role}"
    )
    with pytest.raises(SourceError, match=f'grant pg_read_all_stats to "{role}"'):
        home.pull()
    assert landed(home.raw) == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://reader:s3cret@127.0.0.1:1/shop", "no connection"),
        ("mysql://reader:s3cret@127.0.0.1/shop", "is no address of PostgreSQL"),
        ("host='s3cret", "is no address of PostgreSQL"),
        ("postgresql://reader:my@s3cret@127.0.0.1/shop", "is no address of PostgreSQL"),
        ("postgresql://reader:s3cret/@127.0.0.1/shop", "is no address of PostgreSQL"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(address: str, told: str) -> None:
    with (
        pytest.raises(SourceError, match=told) as refused,
        connect(address, "shop", "SHOP_DATABASE_URL"),
    ):
        pass

    assert "SHOP_DATABASE_URL" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_wrong_role_or_database_is_told(database: Database) -> None:
    for change in ({"user": "nobody_here"}, {"dbname": "no_such_shop"}):
        address = psycopg.conninfo.make_conninfo(database.reader, **change)
        with (
            pytest.raises(SourceError, match="does not exist"),
            connect(address, "shop", "SHOP_DATABASE_URL"),
        ):
            pass


def test_a_table_without_a_cursor_is_compared_by_each_pull(home: Home) -> None:
    add(home, 1, 250)
    whole = replace(SHOP, tables=(replace(USERS, cursor=""),))
    first = home.pull(whole)
    assert (first.first_load_rows, first.changed_rows) == (250, 0)
    home.hours = 1
    home.database.execute(
        "update users set city = 'x' where id <= 9",
        "delete from users where id = 10",
        "insert into users (id, name) values (251, null)",
    )

    second = home.pull(whole)

    assert second.reconciled == Reconciled(compared_rows=250, changed_rows=10, deleted_rows=1)
    assert home.rows() == texts(home)
    assert second.pulled_before is not None
    [pulled_at, reconciled_at] = [home.state().pulled_at, home.state().reconciled_at]
    assert pulled_at is not None
    assert reconciled_at is not None
    assert second.pulled_before < reconciled_at <= pulled_at
    assert home.pull(whole).rows == 0

    # What changed before it got a cursor is not asked for by that.
    home.database.execute("update users set city = 'y' where id = 1")
    assert home.pull().rows == 1
    assert home.rows() == texts(home)


def test_a_pull_writes_as_much_as_the_page_of_costs_says(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    put, write = FolderRawZone.put, FolderStateStore.write

    def counted_put(zone: FolderRawZone, key: str, body: bytes) -> None:
        written.append(key)
        put(zone, key, body)

    def counted_write(states: FolderStateStore, name: str, body: bytes, tag: str | None) -> Stored:
        written.append(name)
        return write(states, name, body, tag)

    monkeypatch.setattr(FolderRawZone, "put", counted_put)
    monkeypatch.setattr(FolderStateStore, "write", counted_write)
    assumed = SourceAssumptions()
    add(home, 1, 250)
    home.pull()
    # What was written just now is found once more.
    while home.pull().rows:
        pass

    written.clear()
    home.pull()
    assert len(written) == assumed.puts, written

    home.database.execute("update users set city = 'x', updated_at = now() where id = 1")
    written.clear()
    assert home.pull().rows == 1
    assert len(written) == assumed.puts_of_news, written
