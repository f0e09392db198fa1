"""Pulling a real MariaDB: what lands is what the tables hold, whatever happens between."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from ingestion.raw_zone import FolderRawZone, StorageError
from ingestion.sources.databases import mysql_session
from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.reading import Activity
from ingestion.sources.databases.reconciliation import Reconciled
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.errors import SourceError
from ingestion.sources.state_store import FolderStateStore
from tests.databases.conftest import USERS
from tests.support.databases.landed_rows import landed, latest
from tests.support.databases.mariadb_server import Database
from tests.support.databases.pulling import Dying, DyingZone, Home, Killed
from tests.support.databases.users_of_mariadb import add, texts


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

    home.database.execute(
        "update users set city = 'Li\\\\sb\"on\\n', updated_at = now(6) where id = 17",
        "insert into users (id, name) values (1001, null)",
    )
    second = home.pull()

    assert (second.first_load_rows, second.changed_rows) == (0, 2)
    assert home.rows() == texts(home)
    assert home.rows()[("17",)][2] == 'Li\\sb"on\n'
    # They are read again, and do not land again.
    assert home.pull().changed_rows == 0


def without_overlap(home: Home) -> None:
    home.source = Source("shop", "mysql", "SHOP_DATABASE_URL", (USERS,), overlap_seconds=0)


def test_a_transaction_that_was_open_is_found_when_it_is_committed(
    home: Home, database: Database
) -> None:
    add(home, 1, 3)
    without_overlap(home)
    home.pull()
    with database.server.connection(database.name) as writer, writer.cursor() as cursor:
        cursor.execute("start transaction")
        cursor.execute("update users set city = 'Porto', updated_at = now(6) where id = 1")
        time.sleep(3)
        for number in range(3):
            database.execute(
                f"update users set updated_at = now(6), name = '{number}' where id = 3"
            )
            home.pull()
        assert home.rows()[("1",)][2] is None
        writer.commit()

    home.pull()

    assert home.rows() == texts(home)
    # Of what others committed meanwhile nothing has landed twice.
    assert [event["data"]["name"] for event in landed(home.raw) if event["data"]["id"] == "3"] == [
        *("user 3", "0", "1", "2")
    ]


def test_a_statement_that_waited_for_a_table_is_found_when_it_is_done(
    home: Home, database: Database
) -> None:
    add(home, 1, 3)
    without_overlap(home)
    home.pull()
    blocking, waiting = (database.server.connection(database.name) for _ in range(2))
    with blocking, waiting:
        with blocking.cursor() as cursor:
            cursor.execute("lock table users read")

        def write() -> None:
            with waiting.cursor() as cursor:
                cursor.execute("update users set city = 'Faro', updated_at = now(6) where id = 2")

        writer = threading.Thread(target=write)
        writer.start()
        # Its transaction begins when it gets the table, and its time is that of its start.
        time.sleep(6)
        home.pull()
        with blocking.cursor() as cursor:
            cursor.execute("unlock tables")
        writer.join()

    home.pull()

    assert home.rows() == texts(home)


def test_what_is_unchanged_before_the_first_page_with_a_change_does_not_land_again(
    home: Home,
) -> None:
    home.pull()
    home.database.execute("insert into users (id, name) select seq, 'new' from seq_1_to_250")
    assert home.pull().changed_rows == 250
    home.database.execute("update users set city = 'x', updated_at = now(6) where id = 9")

    assert [home.pull().changed_rows for _ in range(3)] == [1, 0, 0]


def test_a_version_that_comes_back_is_one_more(home: Home) -> None:
    add(home, 1, 3)
    home.pull()
    for city in ("A", "B", "A"):
        home.database.execute(f"update users set city = '{city}', updated_at = now(6) where id = 1")
        assert home.pull().changed_rows == 1
        assert home.pull().changed_rows == 0

    assert home.rows() == texts(home)
    assert [event["data"]["city"] for event in landed(home.raw) if event["data"]["id"] == "1"] == [
        *(None, "A", "B", "A")
    ]


@pytest.mark.parametrize("behind", [False, True])
def test_wherever_a_pull_dies_the_next_goes_on_and_at_most_a_page_lands_twice(
    home: Home, behind: bool
) -> None:
    add(home, 1, 5)
    home.pull()
    home.database.execute(
        "insert into users (id, name) select seq, concat('new ', seq) from seq_101_to_450"
    )
    home.pull()
    # In what is read again, this is seen, too.
    home.database.execute("update users set city = 'x' where id % 3 = 0 and id > 100")
    home.database.execute("update users set city = 'y', updated_at = now(6) where id % 3 = 1")
    before = len(landed(home.raw))
    folder = home.raw.parent / "pulled"
    deaths = 0
    while True:
        home.states = Dying(folder, 3 + deaths % 5, behind=behind)
        try:
            home.pull()
        except StorageError:
            deaths += 1
            assert deaths < 20
        else:
            break

    assert deaths > 1
    assert home.rows() == texts(home)
    changed = 117 + 117 + 2
    assert len(landed(home.raw)) - before <= changed + deaths * home.source.page_rows
    home.states = FolderStateStore(folder)
    assert home.pull().changed_rows == 0


@pytest.mark.parametrize("how", ["killed", "nothing landed"])
def test_what_a_killed_pull_noted_is_not_taken_for_what_landed_nor_forgotten(
    home: Home, how: str
) -> None:
    home.pull()
    home.database.execute("insert into users (id, city) values (1, 'A'), (2, 'x')")
    home.pull()

    def set_city(city: str) -> None:
        # Its cursor stays as it was, as one of whole seconds or days may.
        home.database.execute(
            f"update users set city = '{city}', updated_at = updated_at where id = 1"
        )

    set_city("B")
    folder = home.raw.parent / "pulled"
    if how == "killed":
        home.states = Dying(folder, 3, behind=False)
    else:
        home.zone = DyingZone(home.raw, 1, behind=False)
    with pytest.raises((StorageError, Killed)):
        home.pull()
    home.states, home.zone = FolderStateStore(folder), FolderRawZone(home.raw)
    for city in ("A", "B", "A"):
        set_city(city)
        home.pull()
        assert home.rows() == texts(home), city


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("last_page_alone", [True, False])
def test_a_pull_that_dies_among_unchanged_rows_lands_a_page_twice_at_most(
    home: Home, at: int, last_page_alone: bool
) -> None:
    home.pull()
    home.database.execute("insert into users (id, name) select seq, 'new' from seq_1_to_450")
    home.pull()
    which = "450" if last_page_alone else "1"
    home.database.execute(f"update users set city = 'x' where id = {which}")
    folder = home.raw.parent / "pulled"
    home.states = Dying(folder, at, behind=False)
    before = len(landed(home.raw))
    with suppress(StorageError):
        home.pull()
    home.states = FolderStateStore(folder)

    home.pull()
    home.pull()

    assert home.rows() == texts(home)
    assert len(landed(home.raw)) - before <= 1 + home.source.page_rows


def test_keys_of_several_columns_and_names_that_sql_does_not_like(
    tmp_path: Path, database: Database
) -> None:
    database.execute(
        "create table `Größe ``x``` (`Artikel` varchar(20) character set latin1, "
        "`Farbe, %` binary(2), `Preis` decimal(20, 2), `select` varchar(9), "
        "`Geändert` datetime not null default '2026-01-01', "
        "primary key (`Preis`, `Artikel`, `Farbe, %`), index (`Geändert`))",
        "insert into `Größe ``x``` (`Artikel`, `Farbe, %`, `Preis`, `select`) "
        "select concat(if(seq % 2, 'ä', 'Z'), seq % 7), char(seq, 0), "
        "900719925474099300 + seq % 5 + 0.01, 'x' from seq_1_to_95",
    )
    key = ("Artikel", "Farbe, %", "Preis")
    table = Table("", "Größe `x`", key, "Geändert", "shop_gr_e_x")
    source = Source("shop", "mysql", "SHOP_DATABASE_URL", (table,), page_rows=10)
    home = Home(tmp_path, database, source)

    first = home.pull()
    database.execute("delete from `Größe ``x``` where `Farbe, %` = char(5, 0)")
    second = home.pull(compare=True)

    assert first.first_load_rows == 95
    assert second.reconciled is not None
    assert (second.reconciled.changed_rows, second.reconciled.deleted_rows) == (0, 1)
    found = latest(home.raw, ("artikel", "farbe", "preis"))
    assert len(found) == 94
    assert ("ä3", "0300", "900719925474099303.01") in found


REFUSED = {
    "table": (["drop table users"], "there is no table `users`, or the account may not read it"),
    "view": (
        ["rename table users to people", "create view users as select * from people"],
        "no table: follow the tables",
    ),
    "without transactions": (
        ["alter table users engine = MyISAM"],
        "run `alter table `users` engine = InnoDB`",
    ),
    "column": (
        ["alter table users rename column updated_at to changed"],
        "has no column updated_at: it has id, name, city, changed",
    ),
    "key": (
        ["alter table users drop primary key"],
        "alter table `users` add unique index (`id`)",
    ),
    "key that can be null": (
        [
            "alter table users drop primary key, modify id bigint null",
            "create unique index one on users (id)",
        ],
        "alter table `users` modify `id` bigint(20) not null",
    ),
    "key that has no order": (
        ["alter table users modify id enum('1', '0') not null"],
        "by which rows cannot be found again in their order",
    ),
    "key of a prefix": (
        [
            "alter table users drop primary key, modify id varchar(40) not null",
            "create unique index one on users (id(10))",
        ],
        "no unique index of `users` is of id",
    ),
    "index of the cursor": (
        ["alter table users drop index updated_at"],
        "alter table `users` add index (`updated_at`)",
    ),
    "cursor": (
        ["alter table users modify updated_at varchar(40)"],
        "is of type varchar(40): a cursor is a column of type timestamp",
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


def test_an_account_that_may_not_see_transactions_or_the_table_is_told_the_grant(
    home: Home, database: Database
) -> None:
    database.execute(f"revoke process on *.* from {database.account}")
    with pytest.raises(SourceError, match=r"grant process on \*\.\* to"):
        home.pull()

    database.execute(
        f"grant process on *.* to {database.account}",
        f"revoke select on {database.name}.* from {database.account}",
        # So that it may still connect to it.
        f"grant insert on {database.name}.* to {database.account}",
    )
    with pytest.raises(SourceError, match="run `grant select on` that table"):
        home.pull()


def test_a_server_that_is_read_only_is_taken_for_a_replica(home: Home) -> None:
    home.database.execute("set global read_only = 1")
    try:
        with pytest.raises(SourceError, match="replicas"):
            home.pull()
    finally:
        home.database.execute("set global read_only = 0")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mysql://reader:s3cret@127.0.0.1:1/shop", "no connection"),
        ("postgresql://reader:s3cret@127.0.0.1/shop", "is no address of MySQL"),
        ("mysql://reader:s3cret@127.0.0.1/shop?sslmode=require", "is no address of MySQL"),
        ("mysql://reader:s3cret@127.0.0.1:s3cret/shop", "is no address of MySQL"),
        ("mysql://reader:s3cret@127.0.0.1/shop?ssl_ca=/no/such/file", "cannot be read"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(address: str, told: str) -> None:
    source = Source("shop", "mysql", "SHOP_DATABASE_URL", (USERS,))

    with pytest.raises(SourceError, match=told) as refused, connect(source, address):
        pass

    assert "SHOP_DATABASE_URL" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_wrong_account_or_database_is_told(home: Home, database: Database) -> None:
    for wrong, told in (
        (database.reader.replace(database.account, "nobody_here"), "Access denied"),
        (database.reader.replace(f"/{database.name}", "/no_such_shop"), "Access denied"),
    ):
        with pytest.raises(SourceError, match=told) as refused, connect(home.source, wrong):
            pass
        assert database.password not in str(refused.value)
        assert quote(database.password, safe="") not in str(refused.value)


def test_a_server_elsewhere_without_tls_is_sent_no_password(
    home: Home, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_session, "THIS_MACHINE", ())
    address = f"mysql://{database.account}:x@127.0.0.1:{database.server.port}/{database.name}"

    with pytest.raises(SourceError, match="SSL"), connect(home.source, address):
        pass


def test_a_table_without_a_cursor_or_transactions_is_compared_by_each_pull(home: Home) -> None:
    add(home, 1, 250)
    home.database.execute("alter table users engine = MyISAM")
    with pytest.raises(SourceError, match="engine = InnoDB`, or say `whole: true`"):
        home.pull()
    whole = replace(home.source, tables=(replace(USERS, cursor=""),))
    assert home.pull(whole).first_load_rows == 250
    home.database.execute(
        "update users set city = 'x' where id <= 9",
        "delete from users where id = 10",
        "insert into users (id, name) values (251, null)",
    )

    pulled = home.pull(whole)

    assert pulled.reconciled == Reconciled(compared_rows=250, changed_rows=10, deleted_rows=1)
    assert home.rows() == texts(home)
    assert home.pull(whole).rows == 0
