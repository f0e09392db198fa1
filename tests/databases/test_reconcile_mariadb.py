"""What polling does not see of MariaDB is found by a comparison with all that has landed."""

from __future__ import annotations

import pytest

from ingestion.sources.databases.reconciliation import Reconciled
from tests.support.databases.landed_rows import latest
from tests.support.databases.pulling import Home, compare_in_small_parts
from tests.support.databases.users_of_mariadb import add, texts


@pytest.fixture(autouse=True)
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
    "null and empty": ("update users set city = '' where id = 3", 1, 0),
    "two columns exchanged": ("update users set name = city, city = name where id = 3", 1, 0),
    "capitals alone": ("update users set name = 'USER 3' where id = 3", 1, 0),
    "blanks at the end": ("update users set name = 'user 3 ' where id = 3", 1, 0),
    "nothing": ("do 1", 0, 0),
}


@pytest.mark.parametrize("what", UNSEEN)
def test_what_polling_does_not_see_is_found_and_nothing_else(home: Home, what: str) -> None:
    statement, changed, deleted = UNSEEN[what]
    add(home, 1, 250)
    # Else an exchange of columns changes one twice.
    home.database.execute("update users set city = concat('city ', id)")
    first = home.pull()
    assert first.reconciled == Reconciled(compared_rows=250)
    home.database.execute(statement)
    assert home.pull().rows == 0

    pulled = home.pull(compare=True)

    assert pulled.reconciled is not None
    assert (pulled.reconciled.changed_rows, pulled.reconciled.deleted_rows) == (changed, deleted)
    assert home.rows() == texts(home)
    again = home.pull(compare=True)
    assert again.reconciled == Reconciled(compared_rows=len(texts(home)))


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


def test_keys_that_differ_in_capitals_alone_are_told_apart(home: Home) -> None:
    home.database.execute(
        "alter table users modify id varchar(20) character set utf8mb4 collate utf8mb4_general_ci",
        "insert into users (id, updated_at) values ('a', '2020-01-01'), ('b', '2020-01-01')",
    )
    home.pull()
    home.database.execute("update users set id = 'A' where id = 'a'")

    home.pull(compare=True)

    assert set(home.rows()) == {("A",), ("b",)}


def test_so_is_one_that_the_characters_of_its_column_cannot_spell(home: Home) -> None:
    home.database.execute(
        "alter table users modify id varchar(20) character set utf8mb4",
        "insert into users (id, updated_at) values ('你', '2020-01-01'), ('2', '2020-01-01')",
    )
    home.pull()
    home.database.execute(
        "delete from users where id = '你'",
        "alter table users modify id varchar(20) character set latin1",
    )

    home.pull(compare=True)

    assert set(home.rows()) == {("2",)}


def test_a_key_that_fits_its_column_no_more_is_deleted(home: Home) -> None:
    home.database.execute(
        "alter table users modify id varchar(20)",
        "insert into users (id, updated_at) values ('one', '2020-01-01'), ('2', '2020-01-01')",
    )
    home.pull()
    home.database.execute("delete from users where id = 'one'", "alter table users modify id int")

    home.pull(compare=True)

    assert set(home.rows()) == {("2",)}
