"""What polling cannot see is found by a comparison with all that has landed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ingestion.raw_zone import FolderRawZone, StorageError
from ingestion.sources.databases import postgresql_queries
from ingestion.sources.databases.database import Checksum
from ingestion.sources.databases.errors import TooSlowError, UnfitValueError
from ingestion.sources.databases.postgresql import Postgresql
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Activity
from ingestion.sources.databases.reconciliation import Reconciled
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.errors import SourceError
from ingestion.sources.state_store import FolderStateStore
from tests.support.databases.landed_rows import landed, latest
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulling import (
    SHOP,
    USERS,
    Dying,
    DyingZone,
    Home,
    Killed,
    add,
    compare_in_small_parts,
    fail_over,
    texts,
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    compare_in_small_parts(monkeypatch)


UNSEEN = {
    "deleted": ("delete from users where id % 10 = 0", 0, 25),
    "truncated": ("truncate users", 0, 250),
    "updated without the cursor": ("update users set city = 'x' where id <= 9", 9, 0),
    "keys changed": ("update users set id = id + 1000 where id <= 40", 40, 40),
    "set back by the application": (
        "update users set name = 'b', updated_at = '2020-01-01' where id = 250",
        *(1, 0),
    ),
    "deleted and made again": (
        "delete from users where id = 7;"
        "insert into users values (7, 'another', null, '2021-01-01')",
        *(1, 0),
    ),
    "null and empty": ("update users set city = '' where id = 3", 1, 0),
    "two columns exchanged": ("update users set name = city, city = name where id = 3", 1, 0),
    "nothing": ("select 1", 0, 0),
}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("what", UNSEEN)
def test_what_polling_does_not_see_is_found_and_nothing_else(home: Home, what: str) -> None:
    statements, changed, deleted = UNSEEN[what]
    add(home, 1, 250)
    first = home.pull()
    assert first.reconciled == Reconciled(compared_rows=250)
    home.database.execute(*statements.split(";"))
    assert home.pull().rows == 0

    pulled = home.pull(compare=True)

    assert pulled.reconciled is not None
    assert (pulled.reconciled.changed_rows, pulled.reconciled.deleted_rows) == (changed, deleted)
    assert home.rows() == texts(home)
    again = home.pull(compare=True)
    assert again.reconciled == Reconciled(compared_rows=len(texts(home)))


def test_a_row_that_came_and_went_between_two_comparisons_is_deleted(home: Home) -> None:
    add(home, 1, 3)
    home.pull()
    home.database.execute("insert into users (id, name) values (77, 'for a moment')")
    home.pull()
    home.database.execute("delete from users where id = 77")

    home.pull(compare=True)

    assert home.rows() == texts(home)
    [born, gone] = [event for event in landed(home.raw) if event["data"]["id"] == "77"][-2:]
    assert (born["op"], gone["op"]) == ("upsert", "delete")
    assert gone["data"] == {"id": "77"}


def test_a_day_after_the_last_comparison_another_is_due(home: Home) -> None:
    add(home, 1, 3)
    home.pull()
    home.database.execute("delete from users where id = 1")
    home.hours = 23
    assert home.pull().reconciled is None

    home.hours = 24

    assert home.pull().reconciled == Reconciled(compared_rows=2, deleted_rows=1)
    assert home.pull().reconciled is None
    assert home.told[-1].activity is Activity.COMPARISON


def test_a_new_column_changes_no_row_until_something_is_in_it(home: Home) -> None:
    add(home, 1, 30)
    home.pull()
    home.database.execute("alter table users add column note text")
    pulled = home.pull(compare=True)
    assert pulled.reconciled == Reconciled(compared_rows=30)

    home.database.execute("alter table users add column points int not null default 5")
    pulled = home.pull(compare=True)

    assert pulled.reconciled == Reconciled(compared_rows=30, changed_rows=30)
    assert {row["points"] for row in latest(home.raw).values()} == {"5"}


@pytest.mark.usefixtures("small")
def test_keys_of_texts_that_are_not_in_the_order_of_their_bytes(
    tmp_path: Path, database: Database
) -> None:
    database.execute(
        "create extension citext",
        'create table "Größe" ("Name" citext, nr numeric(9, 2), note char(5), '
        "at timestamptz not null default '2026-01-01', primary key (\"Name\", nr))",
        'create index on "Größe" (at)',
        """insert into "Größe" select c || n % 30, n / 4.0, 'x' from generate_series(1, 60) as n,
        unnest(array['a', 'B', 'c', 'ä', E'\\t', E'back\\\\slash', '"', E'line\\n']) as c""",
    )
    table = Table("public", "Größe", ("Name", "nr"), "at", "shop_gr_e")
    source = Source("shop", "postgresql", "SHOP_DATABASE_URL", (table,), page_rows=50)
    home = Home(tmp_path, database)
    assert home.pull(source).reconciled == Reconciled(compared_rows=480)
    database.execute(
        'delete from "Größe" where nr > 12 and "Name" like \'ä%\'',
        "update \"Größe\" set note = 'y' where \"Name\" ~ 'line|slash' and nr < 2",
        # To the index of the key these are the same.
        'update "Größe" set "Name" = lower("Name"::text) where "Name" like \'B%\' and nr < 3',
    )

    pulled = home.pull(source, compare=True)

    rows = database.rows('select "Name"::text, nr::text, format(\'%s\', note) from "Größe"')
    found = latest(home.raw, ("name", "nr"))
    assert {key: row["note"] for key, row in found.items()} == {
        (name, number): note for name, number, note in rows
    }
    assert pulled.reconciled is not None
    assert pulled.reconciled.deleted_rows == 12 + 11
    assert home.pull(source, compare=True).rows == 0


CHANGES: tuple[Callable[[random.Random], str], ...] = (
    lambda some: f"delete from users where id % 17 = {some.randrange(17)}",
    lambda some: f"update users set city = '{some.random()}' where id % 13 = {some.randrange(13)}",
    lambda some: (
        f"update users set name = '{some.random()}', updated_at = clock_timestamp() "
        f"where id % 11 = {some.randrange(11)}"
    ),
    lambda some: (
        "insert into users (id, name) select id, 'late' from generate_series(1, 250) as id "
        f"where id % 7 = {some.randrange(7)} on conflict do nothing"
    ),
    lambda some: (
        "update users set id = id + 250 where id not in (select id - 250 from users) "
        f"and id % 19 = {some.randrange(19)}"
    ),
)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(8))
def test_wherever_pulls_and_comparisons_die_the_next_comparison_puts_all_right(
    home: Home, seed: int
) -> None:
    some = random.Random(seed)
    folder = home.raw.parent
    add(home, 1, 250)
    deaths = 0
    for _ in range(12):
        at, behind = some.randint(1, 14), some.random() < 0.5
        home.states, home.zone = FolderStateStore(folder / "pulled"), FolderRawZone(home.raw)
        if some.random() < 0.5:
            home.states = Dying(folder / "pulled", at, behind=behind)
        else:
            home.zone = DyingZone(home.raw, at, behind=behind)
        try:
            home.pull(compare=some.random() < 0.7)
        except (StorageError, Killed):
            deaths += 1
        home.database.execute(*(some.choice(CHANGES)(some) for _ in range(some.randint(0, 2))))
    home.states, home.zone = FolderStateStore(folder / "pulled"), FolderRawZone(home.raw)

    home.pull(compare=True)

    assert deaths > 2
    assert home.rows() == texts(home)
    again = home.pull(compare=True)
    assert again.reconciled == Reconciled(compared_rows=len(texts(home)))
    # What was noted is in the base, and nothing else is kept.
    names = home.states.names("shop_users")
    assert len({name.rpartition("-")[0] for name in names}) <= 2


@pytest.mark.parametrize("behind", [False, True])
def test_after_a_death_at_any_write_a_page_lands_twice_at_most(home: Home, behind: bool) -> None:
    add(home, 1, 250)
    for deaths in count():
        shutil.rmtree(home.raw, ignore_errors=True)
        shutil.rmtree(home.raw.parent / "pulled", ignore_errors=True)
        home.states = Dying(home.raw.parent / "pulled", deaths + 1, behind=behind)
        try:
            home.pull()
        except StorageError:
            home.states = FolderStateStore(home.raw.parent / "pulled")
            home.pull()
        else:
            break
        assert home.rows() == texts(home)
        assert len(landed(home.raw)) <= 250 + SHOP.page_rows, deaths

    assert deaths > 10


def note_a_change_that_does_not_land(home: Home) -> None:
    add(home, 1, 5)
    home.pull()
    home.database.execute("update users set city = 'Faro', updated_at = now() where id = 1")
    home.zone = DyingZone(home.raw, 1, behind=False)
    with pytest.raises(Killed):
        home.pull()
    home.zone = FolderRawZone(home.raw)


def test_what_was_noted_and_never_landed_is_found_after_a_fail_over(home: Home) -> None:
    note_a_change_that_does_not_land(home)
    fail_over(home)

    home.pull()

    assert home.rows() == texts(home)


def test_nor_is_it_taken_for_landed_where_the_next_pull_died_before_it_noted_anything(
    home: Home,
) -> None:
    note_a_change_that_does_not_land(home)
    # The first write takes the reading's number.
    home.states = Dying(home.raw.parent / "pulled", 2, behind=False)
    with pytest.raises(StorageError):
        home.pull()
    home.states = FolderStateStore(home.raw.parent / "pulled")
    fail_over(home)

    home.pull()

    assert home.rows() == texts(home)


def test_a_row_that_cannot_be_read_is_not_taken_for_deleted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(home, 1, 5)
    home.pull()
    home.database.execute("update users set city = 'Faro' where id = 1")

    def unfit(*_: object) -> sql.Composed:
        raise UnfitValueError

    # Nothing but the look at single rows: pages and checksums are as they were.
    monkeypatch.setattr(postgresql_queries, "of_keys", unfit)
    with pytest.raises(UnfitValueError):
        home.pull(compare=True)

    assert len(home.rows()) == 5


def test_another_cursor_begins_a_new_epoch_and_another_key_begins_anew(home: Home) -> None:
    add(home, 1, 5)
    home.pull()
    home.database.execute(
        "alter table users add column seen_at timestamptz not null default '2020-01-01'",
        "alter table users add column number int generated always as identity unique",
        "alter table users alter number set not null",
        "create index on users (seen_at)",
        "update users set city = 'Faro' where id = 2",
    )
    by_another_cursor = replace(USERS, cursor="seen_at")
    pulled = home.pull(replace(SHOP, tables=(by_another_cursor,)))
    assert pulled.first_load_rows == 0
    assert pulled.reconciled == Reconciled(compared_rows=5, changed_rows=5)

    by_another_key = replace(USERS, key=("number",))
    pulled = home.pull(replace(SHOP, tables=(by_another_key,)))

    assert pulled.first_load_rows == 5
    assert pulled.reconciled == Reconciled(compared_rows=5)


def test_a_key_that_fits_its_column_no_more_is_deleted(tmp_path: Path, database: Database) -> None:
    database.execute(
        "create type colour as enum ('red', 'green', 'blue')",
        "create table paints (colour colour primary key, litres int, at timestamptz default now())",
        "create index on paints (at)",
        "insert into paints select c, 1, '2026-01-01' from unnest(enum_range(null::colour)) as c",
    )
    table = Table("public", "paints", ("colour",), "at", "shop_paints")
    source = Source("shop", "postgresql", "SHOP_DATABASE_URL", (table,))
    home = Home(tmp_path, database)
    home.pull(source)
    database.execute("alter type colour rename value 'green' to 'lime'")

    pulled = home.pull(source, compare=True)

    assert pulled.reconciled == Reconciled(compared_rows=3, changed_rows=1, deleted_rows=1)
    assert latest(home.raw, ("colour",)).keys() == {("red",), ("lime",), ("blue",)}


@pytest.mark.usefixtures("small")
def test_each_table_has_the_types_of_its_own_key(tmp_path: Path, database: Database) -> None:
    database.execute(
        "create extension citext",
        "create domain sku as text",
        "create table people (name citext primary key, at timestamptz default '2026-01-01')",
        "create table parts (nr int, sku sku, at timestamptz default '2026-01-01', "
        "primary key (nr, sku))",
        "create index on people (at)",
        "create index on parts (at)",
        "insert into people select 'p' || n from generate_series(1, 90) as n",
        "insert into parts select n, 's' || n from generate_series(1, 90) as n",
    )
    people = Table("public", "people", ("name",), "at", "shop_people")
    # Not in the order of the index.
    parts = Table("public", "parts", ("sku", "nr"), "at", "shop_parts")
    source = Source("shop", "postgresql", "SHOP_DATABASE_URL", (people, parts), page_rows=20)
    home = Home(tmp_path, database)

    with home.puller(source) as puller:
        found = [pull(puller, table) for table in source.tables]

    assert [each.first_load_rows for each in found] == [90, 90]
    assert [each.reconciled for each in found] == [Reconciled(compared_rows=90)] * 2
    assert found[1].shape.key == ("nr", "sku")


def test_rows_that_a_policy_hides_are_not_taken_for_deleted(home: Home) -> None:
    add(home, 1, 5)
    home.pull()
    home.database.execute("alter table users enable row level security")

    with pytest.raises(SourceError, match="row-level security policy"):
        home.pull(compare=True)

    assert len(home.rows()) == 5


def test_an_index_that_is_not_valid_is_no_key(home: Home) -> None:
    home.database.execute(
        "alter table users drop constraint users_pkey",
        "insert into users (id) values (1), (1)",
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        home.database.execute("create unique index concurrently on users (id)")

    with pytest.raises(SourceError, match="no unique index"):
        home.pull()


@pytest.mark.usefixtures("small")
def test_a_range_that_takes_too_long_is_read_in_parts(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(home, 1, 250)
    slow = Postgresql.checksums

    def in_time(database: Postgresql, *arguments: Any) -> Mapping[int, Checksum]:
        found = slow(database, *arguments)
        if sum(one.rows for one in found.values()) > 20:
            raise TooSlowError
        return found

    monkeypatch.setattr(Postgresql, "checksums", in_time)

    assert home.pull().reconciled == Reconciled(compared_rows=250)


def test_a_lost_state_loses_no_deletion(home: Home) -> None:
    add(home, 1, 20)
    home.pull()
    home.states.delete("shop_users.json")
    home.hours = 1
    home.database.execute("delete from users where id = 4")

    pulled = home.pull(replace(SHOP, page_rows=7))

    assert pulled.first_load_rows == 19
    assert home.rows() == texts(home)
    # Once by the load of before, once by this one, and its deletion.
    assert len(landed(home.raw)) == 20 + 19 + 1
