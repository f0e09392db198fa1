"""Pulling a real PostgreSQL by its log: what lands is what the tables hold, in the log's order."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from ingestion.raw_zone import FolderRawZone, StorageError
from ingestion.sources.databases import log_reading
from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.databases.log_pull import pull_log
from ingestion.sources.databases.reconciliation import Reconciled
from ingestion.sources.databases.settings import POLL, Table
from ingestion.sources.errors import SourceError
from ingestion.sources.state_store import FolderStateStore, Stored
from tests.support.databases.landed_rows import landed, latest
from tests.support.databases.postgresql_server import Database, new_database
from tests.support.databases.pulling import (
    SHOP,
    USERS,
    Dying,
    DyingZone,
    Home,
    Killed,
    add,
    compare_in_small_parts,
    texts,
)
from tests.support.databases.pulling_log import LogHome, by_log, publish


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    compare_in_small_parts(monkeypatch)
    monkeypatch.setattr(log_reading, "MESSAGES_AT_ONCE", 40)


def test_whatever_becomes_of_a_row_lands_as_it_was_committed(log_home: LogHome) -> None:
    home = log_home
    add(home, 1, 250)
    first = home.pull()
    assert (first.first_load_rows, first.changed_rows) == (250, 0)
    assert first.reconciled == Reconciled(compared_rows=250)
    assert home.rows() == texts(home)

    home.database.execute(
        "update users set city = E'Li\\\\sb\"on\\n' where id = 17",
        "begin; update users set city = 'kept' where id = 1; savepoint here; "
        "update users set city = 'rolled back' where id = 2; rollback to here; commit",
        "begin; delete from users; rollback",
        "update users set id = 1003 where id = 3",
        "delete from users where id = 4",
        "insert into users (id, name) values (5000, null)",
    )
    second = home.pull(compare=True)

    assert home.rows() == texts(home)
    assert home.rows()[("17",)][2] == 'Li\\sb"on\n'
    assert second.changed_rows == 6
    assert second.reconciled == Reconciled(compared_rows=250)
    moved = [event for event in landed(home.raw) if event["data"]["id"] in ("3", "1003")][-2:]
    assert [(event["op"], event["data"]["id"]) for event in moved] == [
        ("delete", "3"),
        ("upsert", "1003"),
    ]
    # Both of one transaction, whose commit is the time.
    assert len({event["time"] for event in moved}) == 1
    assert len({event["sequence"].rpartition("/")[0] for event in moved}) == 1
    assert home.pull().rows == 0


def test_a_truncated_table_is_deleted_row_by_row_in_its_place(log_home: LogHome) -> None:
    home = log_home
    add(home, 1, 250)
    home.pull()
    home.database.execute(
        "begin; insert into users (id, name) values (300, 'before'); truncate users; "
        "insert into users (id, name) values (7, 'behind'); commit",
        "update users set name = 'later' where id = 7",
    )

    pulled = home.pull(compare=True)

    assert home.rows() == texts(home)
    assert pulled.changed_rows == 1 + 251 + 1 + 1
    assert pulled.reconciled == Reconciled(compared_rows=1)
    versions = [e for e in landed(home.raw) if e["data"]["id"] == "7"]
    assert [(e["op"], e["data"].get("name")) for e in versions] == [
        ("upsert", "user 7"),
        ("delete", None),
        ("upsert", "behind"),
        ("upsert", "later"),
    ]


CHANGES = (
    "delete from users where id % 17 = {0}",
    "update users set city = '{1}' where id % 13 = {0}",
    "update users set id = id + 250 where id not in (select id - 250 from users) and id % 19 = {0}",
    "insert into users (id, name) select id, '{1}' from generate_series(1, 250) as id "
    "where id % 7 = {0} on conflict do nothing",
    "begin; truncate users; insert into users (id, name) values ({0}, '{1}'); commit",
)


def change(home: Home, some: random.Random) -> None:
    statements = some.choices(CHANGES, (3, 3, 3, 3, 0.5), k=some.randint(0, 3))
    home.database.execute(
        *(statement.format(some.randrange(7), some.random()) for statement in statements)
    )


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(10))
def test_wherever_pulls_die_the_next_puts_all_right(log_home: LogHome, seed: int) -> None:
    home, some = log_home, random.Random(seed)
    folder = home.raw.parent
    add(home, 1, 250)
    deaths = 0
    for _ in range(12):
        at, behind = some.randint(1, 9), some.random() < 0.5
        home.states, home.zone = FolderStateStore(folder / "pulled"), FolderRawZone(home.raw)
        if some.random() < 0.5:
            home.states = Dying(folder / "pulled", at, behind=behind)
        else:
            home.zone = DyingZone(home.raw, at, behind=behind)
        try:
            refused = home.pull_all(compare=some.random() < 0.4).refused
        except (StorageError, Killed):
            deaths += 1
        else:
            deaths += bool(refused)
        change(home, some)
    home.states, home.zone = FolderStateStore(folder / "pulled"), FolderRawZone(home.raw)

    pulled = home.pull()

    assert deaths > 2
    assert home.rows() == texts(home)
    again = home.pull(compare=True)
    assert again.reconciled == Reconciled(compared_rows=len(texts(home)))
    assert pulled.rows >= 0
    bodies: dict[str, object] = {}
    for event in landed(home.raw):
        # What lands twice is the same: silver keeps one.
        assert bodies.setdefault(event["id"], event) == event


@pytest.mark.parametrize("behind", [False, True])
def test_after_a_death_at_any_write_a_page_lands_twice_at_most(
    log_home: LogHome, behind: bool
) -> None:
    home = log_home
    folder = home.raw.parent / "pulled"
    add(home, 1, 250)
    home.pull()
    for deaths in range(50):
        # One transaction of some pages.
        home.database.execute(f"update users set city = '{deaths}'")
        before = len(landed(home.raw))
        home.states = Dying(folder, deaths + 1, behind=behind)
        try:
            is_done = not home.pull_all().refused
        except StorageError:
            is_done = False
        if is_done:
            break
        home.states = FolderStateStore(folder)
        home.pull()
        assert home.rows() == texts(home)
        found = landed(home.raw)
        assert len({event["id"] for event in found}) == 250 * (deaths + 2)
        assert len(found) - before <= 250 + SHOP.page_rows
    assert 8 <= deaths < 30


def test_a_large_transaction_takes_no_more_memory_than_a_small_one(log_home: LogHome) -> None:
    home = log_home
    home.source = replace(home.source, page_rows=200)
    home.pull()

    def peak(first: int, last: int) -> int:
        home.database.execute(
            "insert into users (id, name) "
            f"select id, repeat('x', 400) from generate_series({first}, {last}) as id"
        )
        # How often Python looks for cycles depends on what other tests have left in this process.
        gc.collect()
        gc.freeze()
        tracemalloc.start()
        try:
            assert home.pull().changed_rows == last - first + 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.unfreeze()

    peak(1, 2_000)
    assert peak(10_001, 30_000) < 1.3 * peak(2_001, 4_000)


def test_a_transaction_is_gone_on_with_where_it_was(log_home: LogHome) -> None:
    home = log_home
    home.pull()
    home.database.execute(
        "insert into users (id, name) select id, 'x' from generate_series(1, 1000) id"
    )
    home.zone = DyingZone(home.raw, 7, behind=False)
    with pytest.raises(Killed):
        home.pull()
    assert home.log_state().changes == 600
    home.zone = FolderRawZone(home.raw)

    assert home.pull().changed_rows == 400
    assert len(landed(home.raw)) == 1000


def test_of_two_pullers_one_goes_on(log_home: LogHome) -> None:
    home = log_home
    add(home, 1, 3)
    home.pull()
    home.database.execute("update users set city = 'A' where id = 1")
    with home.logged() as (slow, log):

        class Overtaken(FolderStateStore):
            """Another puller comes to its end between this one's reading and its writing."""

            def write(self, name: str, body: bytes, tag: str | None) -> Stored:
                home.database.execute("update users set city = 'B' where id = 1")
                home.pull()
                return super().write(name, body, tag)

        slow.states = Overtaken(home.raw.parent / "pulled")
        with pytest.raises(PullerMovedError, match="another puller has read"):
            pull_log(slow, log)

    home.pull()
    assert home.rows() == texts(home)


def test_a_slot_that_another_reads_is_told(log_home: LogHome) -> None:
    home = log_home
    home.pull()
    name = f"retailpulse_{home.source.name}"
    address = psycopg.conninfo.make_conninfo(home.database.reader, replication="database")
    other = psycopg.pq.PGconn.connect(address.encode())
    try:
        other.exec_(
            f"START_REPLICATION SLOT {name} LOGICAL 0/0 "
            f"(proto_version '1', publication_names '{name}')".encode()
        )
        with pytest.raises(SourceError, match=r"another puller is reading its log .*is active"):
            home.pull()
    finally:
        other.finish()
    end = time.monotonic() + 30
    active = f"select 1 from pg_replication_slots where slot_name = '{name}' and active"
    while home.database.rows(active):
        assert time.monotonic() < end
    home.pull()


def test_what_one_commits_while_it_is_open_is_not_waited_for(
    log_home: LogHome, logged: Database
) -> None:
    home, owner = log_home, logged.owner
    add(home, 1, 3)
    home.pull()
    with psycopg.connect(owner) as writer:
        writer.execute("update users set city = 'Porto' where id = 1")
        home.database.execute("update users set city = 'Faro' where id = 2")
        assert home.pull(compare=True).changed_rows == 1
        assert home.rows()[("1",)][2] is None
        writer.commit()

    assert home.pull(compare=True).reconciled == Reconciled(compared_rows=3)
    assert home.rows() == texts(home)


def test_columns_come_and_go_with_what_the_log_says_of_them(log_home: LogHome) -> None:
    home = log_home
    add(home, 1, 3)
    home.pull()
    home.database.execute(
        "update users set city = 'Faro' where id = 1",
        "alter table users add column points int, drop column city",
        "update users set points = 7 where id = 2",
    )

    pulled = home.pull()

    rows = {event["data"]["id"]: event["data"] for event in landed(home.raw)}
    assert rows["1"]["city"] == "Faro"
    assert "points" not in rows["1"]
    assert rows["2"]["points"] == "7"
    assert "city" not in rows["2"]
    assert [column.name for column in pulled.shape.columns][-1] == "points"


def test_large_values_that_did_not_change_are_filled_from_the_old_row(log_home: LogHome) -> None:
    home = log_home
    home.database.execute(
        "alter table users alter name set storage external",
        "insert into users (id, name) values (1, repeat('x', 10000)), (2, repeat('y', 10000))",
    )
    home.pull()
    home.database.execute(
        "update users set city = 'Faro' where id = 1", "update users set id = 20 where id = 2"
    )

    pulled = home.pull(compare=True)

    assert home.rows() == texts(home)
    assert pulled.reconciled == Reconciled(compared_rows=2)


def test_what_the_log_did_not_tell_for_a_while_a_comparison_finds(log_home: LogHome) -> None:
    home = log_home
    home.database.execute(
        "alter table users alter name set storage external",
        "insert into users (id, name) select id, repeat('x', 10000) from generate_series(1, 5) id",
    )
    home.pull()
    before = home.state()
    home.database.execute(
        "alter table users replica identity default",
        "update users set city = 'Faro' where id = 1",
        "delete from users where id = 2",
        "alter table users replica identity full",
        "update users set city = 'Porto' where id = 3",
    )

    pulled = home.pull()

    assert home.state().epoch > before.epoch
    assert pulled.reconciled == Reconciled(compared_rows=4, changed_rows=2, deleted_rows=1)
    assert home.rows() == texts(home)


def test_partitions_are_one_table(tmp_path: Path, logged: Database) -> None:
    sales = Table("public", "sales", ("day", "id"), "", "shop_sales")
    home = LogHome(tmp_path, logged, by_log(replace(SHOP, tables=(sales,))))
    logged.execute(
        "create table sales (id int, day date, amount int, primary key (id, day)) "
        "partition by range (day)",
        "create table sales_1 partition of sales for values from ('2026-01-01') to ('2026-02-01')",
        # With its columns in another order.
        "create table sales_2 (amount int, day date not null, id int not null)",
        "alter table sales attach partition sales_2 for values from ('2026-02-01') "
        "to ('2026-03-01')",
        f"create publication retailpulse_{home.source.name} for table sales",
        "insert into sales select n, date '2026-01-01' + n, n from generate_series(1, 50) as n",
    )
    refused = [str(error) for _, error in home.pull_all().refused]
    assert "set (publish_via_partition_root = true)" in refused[0]
    logged.execute(
        f"alter publication retailpulse_{home.source.name} set (publish_via_partition_root = true)"
    )
    home.pull()
    logged.execute(
        "update sales set amount = amount + 1 where id % 3 = 0",
        "update sales set day = day + 28 where id = 5",
        "delete from sales where id = 50",
    )

    pulled = home.pull(compare=True)

    assert pulled.reconciled == Reconciled(compared_rows=49)
    assert {
        (row["id"], row["day"], row["amount"]) for row in latest(home.raw, ("id", "day")).values()
    } == set(logged.rows("select id::text, day::text, amount::text from sales"))


def test_a_table_that_is_refused_keeps_no_other(log_home: LogHome) -> None:
    home = log_home
    home.database.execute(
        "create table cities (id int primary key, inhabitants int)",
        f"alter publication retailpulse_{home.source.name} add table cities",
        "insert into cities values (1, 10), (2, 20), (3, 30)",
    )
    cities = Table("public", "cities", ("id",), "", "shop_cities")
    source = replace(home.source, tables=(cities, *home.source.tables))
    add(home, 1, 3)
    home.pull(source)
    home.database.execute(
        "alter table users replica identity nothing",
        "insert into cities values (4, 40)",
        "insert into users (id, name) values (4, 'meanwhile')",
    )

    pulled = home.pull_all(source)

    assert len(pulled.refused) == 1
    assert 'alter table "public"."users" replica identity full' in str(pulled.refused[0][1])
    assert [(each.table.name, each.rows) for each in pulled.tables] == [("cities", 1)]

    home.database.execute("alter table users replica identity full", "delete from cities")
    pulled = home.pull_all(source)

    assert pulled.refused == []
    [of_cities, of_users] = pulled.tables
    assert (of_cities.changed_rows, of_cities.reconciled) == (4, None)
    # What went by while it was refused.
    assert of_users.reconciled == Reconciled(compared_rows=4, changed_rows=1)


def test_a_table_that_is_added_later_is_loaded_where_the_log_is(log_home: LogHome) -> None:
    home = log_home
    add(home, 1, 3)
    home.pull()
    home.database.execute(
        "create table cities (id int primary key, inhabitants int)",
        "insert into cities values (1, 10)",
        f"alter publication retailpulse_{home.source.name} add table cities",
        "update cities set inhabitants = 11",
        "update users set city = 'Faro' where id = 1",
    )
    cities = Table("public", "cities", ("id",), "", "shop_cities")
    source = replace(home.source, tables=(*home.source.tables, cities))

    pulled = home.pull_all(source)

    assert [(each.first_load_rows, each.changed_rows) for each in pulled.tables] == [(0, 1), (1, 0)]
    home.database.execute("update cities set inhabitants = 12")
    assert [each.changed_rows for each in home.pull_all(source).tables] == [0, 1]
    last = [event for event in landed(home.raw) if event["type"] == "shop_cities"][-1]
    assert last["data"]["inhabitants"] == "12"


def test_the_server_may_let_the_log_go_though_nothing_changes_in_the_tables(
    log_home: LogHome,
) -> None:
    home = log_home
    home.pull()
    home.database.execute(
        "create table elsewhere (t text)",
        "insert into elsewhere select repeat('x', 1000) from generate_series(1, 10000)",
    )
    with home.logged() as (_, log):
        assert log.lag().kept_bytes > 10_000_000
    home.database.execute("checkpoint")
    home.pull()
    home.database.execute("checkpoint")

    lag = home.pull_all().lag

    assert lag.kept_bytes < 10_000_000
    assert lag.left_bytes is not None


def to_polling(home: LogHome) -> Home:
    """The same tables, polled."""
    home.database.execute("create index if not exists at on users (updated_at)")
    role = psycopg.conninfo.conninfo_to_dict(home.database.reader)["user"]
    home.database.execute(f"grant pg_read_all_stats to {role}")
    polled = Home(home.raw.parent, home.database, replace(SHOP, mode=POLL))
    polled.hours = home.hours
    return polled


def test_a_change_of_mode_begins_a_new_epoch_with_a_comparison(log_home: LogHome) -> None:
    home = log_home
    polled = to_polling(home)
    add(home, 1, 5)
    polled.pull()
    epochs = [polled.state().epoch]
    home.database.execute(
        "delete from users where id = 1", "update users set city = 'unseen' where id = 2"
    )

    pulled = home.pull()

    assert pulled.first_load_rows == 0
    assert pulled.reconciled == Reconciled(compared_rows=4, changed_rows=1, deleted_rows=1)
    assert home.rows() == texts(home)
    epochs.append(home.state().epoch)
    home.database.execute(
        "delete from users where id = 3", "update users set city = 'untold' where id = 4"
    )

    pulled = polled.pull()

    assert pulled.reconciled == Reconciled(compared_rows=3, changed_rows=1, deleted_rows=1)
    assert home.rows() == texts(home)
    epochs.append(polled.state().epoch)
    home.database.execute(
        "delete from users where id = 5",
        "update users set city = 'polled', updated_at = now() where id = 4",
    )
    polled.pull()
    home.database.execute("update users set city = 'told' where id = 2")

    # The slot is still there, and tells of what has been polled meanwhile.
    pulled = home.pull()

    assert pulled.reconciled is not None
    assert home.rows() == texts(home)
    epochs.append(home.state().epoch)
    assert epochs == sorted(set(epochs))
    assert home.pull(compare=True).rows == 0


def drop_and_make_the_slot(home: LogHome) -> None:
    name = f"retailpulse_{home.source.name}"
    home.database.execute(
        f"select pg_drop_replication_slot('{name}')",
        f"select pg_create_logical_replication_slot('{name}', 'pgoutput')",
    )


def take_the_log(home: LogHome) -> None:
    name = f"retailpulse_{home.source.name}"
    home.database.execute(
        f"select count(*) from pg_logical_slot_get_binary_changes('{name}', null, null, "
        f"'proto_version', '1', 'publication_names', '{name}')"
    )


def drop_the_slot(home: LogHome) -> None:
    home.database.execute(f"select pg_drop_replication_slot('retailpulse_{home.source.name}')")


def publish_anew(home: LogHome) -> None:
    name = f"retailpulse_{home.source.name}"
    home.database.execute(
        f"drop publication {name}",
        "update users set city = 'unpublished' where id = 4",
        publish(home.source, "users"),
    )


def publish_the_table_anew(home: LogHome) -> None:
    name = f"retailpulse_{home.source.name}"
    home.database.execute(
        "create table others (id int primary key)",
        f"alter publication {name} add table others",
        f"alter publication {name} drop table users",
        "update users set city = 'unpublished' where id = 4",
        f"alter publication {name} add table users",
    )


def fail_over(home: LogHome) -> None:
    """Let the states be of another server."""
    for name in ("shop_users.json", f"log/{home.source.name}.json"):
        stored = home.states.read(name)
        assert stored is not None
        moved = stored.body.replace(b'"server":"postgresql/', b'"server":"postgresql/1')
        home.states.write(name, moved, stored.tag)


def lose_the_state(home: LogHome) -> None:
    home.states.delete(f"log/{home.source.name}.json")


LOST = (
    drop_the_slot,
    drop_and_make_the_slot,
    take_the_log,
    publish_anew,
    publish_the_table_anew,
    fail_over,
    lose_the_state,
)


@pytest.mark.parametrize("lose", LOST)
def test_where_the_log_does_not_tell_all_a_comparison_does(log_home: LogHome, lose) -> None:  # type: ignore[no-untyped-def]
    home = log_home
    add(home, 1, 5)
    home.pull()
    before = home.state()
    home.database.execute(
        "delete from users where id = 1", "update users set city = 'lost' where id = 2"
    )
    lose(home)
    home.database.execute("update users set city = 'behind' where id = 3")

    pulled = home.pull()

    assert pulled.first_load_rows == 0
    assert pulled.reconciled is not None
    assert pulled.reconciled.deleted_rows == 1
    assert home.state().epoch > before.epoch
    assert home.rows() == texts(home)
    home.database.execute("update users set city = 'told' where id = 2")
    assert home.pull(compare=True).reconciled == Reconciled(compared_rows=4)
    assert home.rows() == texts(home)


def test_what_was_noted_and_never_landed_is_found_where_the_log_is_gone(
    log_home: LogHome,
) -> None:
    home = log_home
    add(home, 1, 5)
    home.pull()
    home.database.execute(
        "update users set city = 'Faro' where id = 1", "delete from users where id = 2"
    )
    home.zone = DyingZone(home.raw, 1, behind=False)
    with pytest.raises(Killed):
        home.pull()
    home.zone = FolderRawZone(home.raw)
    drop_the_slot(home)

    pulled = home.pull()

    assert pulled.reconciled == Reconciled(compared_rows=4, changed_rows=1, deleted_rows=1)
    assert home.rows() == texts(home)


def test_a_slot_of_another_database_is_not_taken(
    log_home: LogHome, postgresql_server_with_log: Path
) -> None:
    home = log_home
    home.pull()
    with new_database(postgresql_server_with_log, by_log=True) as other:
        other.execute("create table users (id bigint primary key)", publish(home.source, "users"))
        elsewhere = LogHome(home.raw.parent / "other", other, home.source)
        with pytest.raises(SourceError, match="not of this database, but of shop_"):
            elsewhere.pull()


def test_drop_removes_the_slot_and_the_publication_of_an_owner(log_home: LogHome) -> None:
    home = log_home
    home.pull()
    name = f"retailpulse_{home.source.name}"
    with home.logged() as (_, log):
        slot, publication = log.drop()
        assert slot == f"the slot {name} is removed"
        assert f'let its owner run `drop publication "{name}"`' in publication
        assert log.slot() is None
        role = psycopg.conninfo.conninfo_to_dict(home.database.reader)["user"]
        [(database,)] = home.database.rows("select current_database()")
        home.database.execute(
            f"grant create on database {database} to {role}",
            f"alter publication {name} owner to {role}",
        )
        assert log.drop() == [
            f"there is no slot {name}",
            f"the publication {name} is removed",
        ]
        assert log.drop()[1] == f"there is no publication {name}"
    assert home.database.rows("select 1 from pg_publication") == []


def test_of_users_the_key_alone_was_polled(log_home: LogHome) -> None:
    """A cursor may be left out, and nothing goes by it where it is not."""
    assert log_home.source.tables[0].cursor == ""
    assert USERS.cursor == "updated_at"
    log_home.database.execute("alter table users drop column updated_at")
    log_home.database.execute("insert into users values (1, 'a')")
    log_home.pull()
    assert log_home.pull(compare=True).reconciled == Reconciled(compared_rows=1)
