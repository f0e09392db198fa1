"""What a log does not tell is refused with the statement that lets it, which then is enough."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingestion.sources.databases import log_reading
from ingestion.sources.databases.database import Checksum
from ingestion.sources.databases.postgresql import Postgresql
from ingestion.sources.databases.postgresql_log import PostgresqlLog
from ingestion.sources.databases.reconciliation import Reconciled
from ingestion.sources.errors import SourceError
from tests.support.databases.landed_rows import landed
from tests.support.databases.postgresql_server import Database, new_database
from tests.support.databases.pulling import CREATE_USERS, SHOP, add, texts
from tests.support.databases.pulling_log import USERS_IN_FULL, LogHome, by_log, publish

# Statements that spoil it, where NAME is the publication's.
SPOILT = {
    "no publication": ("drop publication NAME",),
    "a publication without the table": ("alter publication NAME drop table users",),
    "a publication without deletions": ("alter publication NAME set (publish = 'insert, update')",),
    "a publication without truncations": (
        "alter publication NAME set (publish = 'insert, update, delete')",
    ),
    "some rows": ("alter publication NAME set table users where (id > 7)",),
    "some columns": ("alter publication NAME set table users (id, name)",),
    "large values": ("alter table users replica identity default",),
    "no key": ("alter table users replica identity nothing",),
    "another key": (
        "alter table users drop name, drop city",
        "alter table users add other int not null unique default 7",
        "alter table users replica identity using index users_other_key",
    ),
    "right": ("alter role ROLE noreplication",),
}


@pytest.mark.parametrize("what", SPOILT)
def test_the_statement_that_is_told_is_enough(log_home: LogHome, what: str) -> None:
    home = log_home
    name = f"retailpulse_{home.source.name}"
    role = str(psycopg.conninfo.conninfo_to_dict(home.database.reader)["user"])
    home.database.execute(
        *(each.replace("NAME", name).replace("ROLE", role) for each in SPOILT[what])
    )

    try:
        [told] = [str(error) for _, error in home.pull_all().refused]
    except SourceError as error:
        told = str(error)

    assert told.startswith(f"{home.source.name}: ")
    assert landed(home.raw) == []
    statements = re.findall("`([a-z][^`]+)`", told)
    assert statements, told
    # Other servers are told other statements.
    home.database.execute(*(each for each in statements if "rds" not in each))
    home.database.execute("insert into users (id) values (1)")
    assert home.pull(compare=True).reconciled == Reconciled(compared_rows=1)


def test_fixed_sizes_and_a_primary_key_need_no_identity(tmp_path: Path, logged: Database) -> None:
    home = LogHome(tmp_path, logged, by_log(SHOP))
    logged.execute(
        "create table users (id bigint primary key, points int, at timestamptz)",
        publish(home.source, "users"),
        "insert into users values (1, 1), (2, 2)",
    )
    home.pull()
    logged.execute("delete from users where id = 1", "update users set id = 3 where id = 2")

    pulled = home.pull(compare=True)

    assert (pulled.changed_rows, pulled.reconciled) == (3, Reconciled(compared_rows=1))


def test_a_server_whose_log_holds_no_rows_is_told_the_setting(
    tmp_path: Path, database: Database
) -> None:
    home = LogHome(tmp_path, database, by_log(SHOP))
    database.execute(CREATE_USERS)

    with pytest.raises(SourceError, match="run `alter system set wal_level = logical` and restart"):
        home.pull()


def test_a_slot_that_waits_for_a_transaction_is_told(
    log_home: LogHome, logged: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = log_home
    open_session = PostgresqlLog.__init__

    def impatient(log: PostgresqlLog, session, source) -> None:  # type: ignore[no-untyped-def]
        open_session(log, session, source)
        session.rows("select set_config('statement_timeout', '1s', false)")

    with psycopg.connect(logged.owner) as writer:
        writer.execute("insert into users (id) values (1)")
        with monkeypatch.context() as patched:
            patched.setattr(PostgresqlLog, "__init__", impatient)
            with pytest.raises(SourceError, match="it waits for every transaction that is open"):
                home.pull()
        writer.commit()

    assert home.pull().first_load_rows == 1


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of a server whose settings are nobody else's."""
    folder = tmp_path_factory.mktemp("own") / "postgresql"
    with new_database(folder, by_log=True) as database:
        yield database
        database.execute("alter system reset all", "select pg_reload_conf()")


@pytest.fixture
def own_home(tmp_path: Path, own_server: Database) -> LogHome:
    home = LogHome(tmp_path, own_server, by_log(SHOP))
    own_server.execute(*USERS_IN_FULL, publish(home.source, "users"))
    add(home, 1, 5)
    home.pull()
    return home


def test_what_the_server_has_thrown_away_begins_a_new_epoch(own_home: LogHome) -> None:
    home, database = own_home, own_home.database
    before = home.state()
    database.execute(
        "alter system set max_slot_wal_keep_size = '1MB'",
        "alter system set max_wal_size = '32MB'",
        "select pg_reload_conf()",
        "delete from users where id = 1",
        "create table large (t text)",
        *["insert into large select repeat('x', 1000) from generate_series(1, 20000)"] * 3,
        "checkpoint",
    )
    assert database.rows("select wal_status from pg_replication_slots") == [("lost",)]

    pulled = home.pull()

    assert home.state().epoch > before.epoch
    assert pulled.reconciled == Reconciled(compared_rows=4, deleted_rows=1)
    assert home.rows() == texts(home)
    database.execute("update users set city = 'told' where id = 2")
    assert home.pull().changed_rows == 1


def test_what_is_told_and_not_seen_yet_does_not_count_as_read(
    own_home: LogHome, own_server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, database = own_home, own_server
    monkeypatch.setattr(log_reading, "_SECONDS_TO_BE_SEEN", 0.5)
    before = home.log_state()
    # A standby that never answers: commits are in the log, and nobody sees them.
    database.execute(
        "alter system set synchronous_standby_names = 'nobody'", "select pg_reload_conf()"
    )
    with ThreadPoolExecutor() as pool:
        update = "set synchronous_commit to on; update users set city = 'Faro' where id = 1"
        waiting = pool.submit(database.execute, update)
        try:
            end = time.monotonic() + 30
            while not database.rows("select 1 from pg_stat_activity where wait_event = 'SyncRep'"):
                assert time.monotonic() < end
            # The second meets what the first has landed.
            for _ in range(2):
                with pytest.raises(SourceError, match="in the log are not seen for"):
                    home.pull(compare=True)
            assert home.log_state().tables == before.tables
        finally:
            with psycopg.connect(database.owner, autocommit=True) as connection:
                connection.execute("set synchronous_commit to local")
                connection.execute("alter system reset synchronous_standby_names")
                connection.execute("select pg_reload_conf()")
        waiting.result(30)

    assert home.pull(compare=True).reconciled == Reconciled(compared_rows=5)
    assert home.rows() == texts(home)


def test_what_a_comparison_sees_before_the_log_has_it_is_waited_for(
    own_home: LogHome, own_server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, database = own_home, own_server
    database.execute("alter system set wal_writer_delay = '1s'", "select pg_reload_conf()")
    checksums = Postgresql.checksums

    def meanwhile(session: Postgresql, *arguments: Any) -> Mapping[int, Checksum]:
        with psycopg.connect(database.owner, autocommit=True) as writer:
            writer.execute("set synchronous_commit to off")
            writer.execute("update users set city = 'Faro' where id = 1")
        return checksums(session, *arguments)

    monkeypatch.setattr(Postgresql, "checksums", meanwhile)

    pulled = home.pull(compare=True)

    assert (pulled.changed_rows, pulled.reconciled) == (1, Reconciled(compared_rows=5))
    assert home.rows() == texts(home)
