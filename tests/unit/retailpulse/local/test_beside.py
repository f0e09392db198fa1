"""A lakehouse built beside another takes its place at one moment, whatever happens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from retailpulse.errors import WorkError
from retailpulse.local import beside as beside_module
from retailpulse.local.beside import lakehouse_beside, take_its_place
from retailpulse.local.dbt_plugin import prepare
from retailpulse.local.home import HOME_VARIABLE, Home
from retailpulse.local.lakehouse import open_lakehouse

PROJECT = Path(__file__).parents[4]

# Two tables that say the same in every lakehouse that is whole.
READER = """
import sys
from pathlib import Path
from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse
home = Home(Path(sys.argv[1]), Path(sys.argv[2]))
while True:
    with open_lakehouse(home) as lakehouse:
        found = lakehouse.sql("select (select min(n) from a), (select max(n) from b)").fetchone()
    print(*found, flush=True)
"""


def build(home: Home, number: int) -> None:
    """Make a lakehouse all of whose rows are one number, as dbt leaves it: with a log beside it."""
    prepare(home.root)
    with duckdb.connect() as connection:
        connection.execute("load ducklake; load sqlite")
        connection.execute(
            f"attach 'ducklake:sqlite:{home.catalog}' as lake "
            f"(data_path '{home.data}/', meta_journal_mode 'WAL')"
        )
        connection.execute("create schema lake.retailpulse")
        for name in ("a", "b"):
            connection.execute(
                f"create table lake.retailpulse.{name} as select {number} as n from range(5000)"
            )


def number_in(home: Home) -> set[int]:
    with open_lakehouse(home) as lakehouse:
        rows = lakehouse.execute("select n from a union select n from b").fetchall()
    return {number for (number,) in rows}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path / "lake house"))
        home = Home(PROJECT, tmp_path / "lake house")
        build(home, 0)
        yield home


def test_readers_meet_one_of_the_two_at_any_moment(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(PROJECT), str(home.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        for number in range(1, 5):
            with lakehouse_beside(home) as beside:
                build(beside, number)
                take_its_place(home, beside)
            time.sleep(0.1)
        # It has to end by being killed, and by no error before.
        assert reader.poll() is None
        reader.kill()
        seen = [line.split() for line in reader.communicate()[0].splitlines() if line[-1:]]

    pairs = [(int(pair[0]), int(pair[1])) for pair in seen if len(pair) == 2]
    assert all(a == b for a, b in pairs)
    assert [a for a, _ in pairs] == sorted(a for a, _ in pairs)
    assert len({a for a, _ in pairs}) > 1
    assert number_in(home) == {4}


@pytest.mark.parametrize("step", ["_fold_log", "os.utime", "Path.replace", "_remove"])
def test_killed_at_any_step_it_has_happened_or_not(
    home: Home, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a process that dies there, so that nothing is put right on the way out.
    child = os.fork()
    if child == 0:
        owner, name = {
            "_fold_log": (beside_module, "_fold_log"),
            "os.utime": (os, "utime"),
            "Path.replace": (Path, "replace"),
            "_remove": (beside_module, "_remove"),
        }[step]
        with lakehouse_beside(home) as beside:
            build(beside, 1)
            monkeypatch.setattr(owner, name, lambda *_: os._exit(9))
            take_its_place(home, beside)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9

    assert number_in(home) == ({1} if step == "_remove" else {0})
    with lakehouse_beside(home) as beside:
        build(beside, 2)
        take_its_place(home, beside)
    assert number_in(home) == {2}
    assert not (home.root / "rebuild").exists()


def test_what_a_reader_has_open_stays(home: Home) -> None:
    with open_lakehouse(home) as lakehouse:
        with lakehouse_beside(home) as beside:
            build(beside, 1)
            take_its_place(home, beside)
        assert lakehouse.execute("select distinct n from a").fetchall() == [(0,)]
    assert number_in(home) == {1}


def test_files_before_are_as_old_as_the_swap(home: Home) -> None:
    before = list(home.data.rglob("*.parquet"))
    for path in before:
        os.utime(path, (0, 0))
    with lakehouse_beside(home) as beside:
        build(beside, 1)
        take_its_place(home, beside)
    assert before
    assert all(path.stat().st_mtime > time.time() - 600 for path in before)


def test_what_fails_leaves_nothing(home: Home) -> None:
    before = {path for path in home.root.rglob("*") if path.name != "logs"}

    def build_half() -> None:
        with lakehouse_beside(home) as beside:
            build(beside, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        build_half()
    after = {path for path in home.root.rglob("*") if path.is_file()}
    assert after == {path for path in before if path.is_file()}
    assert os.environ[HOME_VARIABLE] == str(home.root)
    assert number_in(home) == {0}


def test_a_catalog_that_somebody_has_open_is_waited_for(home: Home) -> None:
    with lakehouse_beside(home) as beside:
        build(beside, 1)
        with closing(sqlite3.connect(home.catalog)) as reader:
            reader.execute("select count(*) from ducklake_table").fetchone()
            with pytest.raises(WorkError, match="let it end"):
                take_its_place(home, beside, wait_seconds=0.2)
        assert number_in(home) == {0}
        take_its_place(home, beside)
    assert number_in(home) == {1}


@pytest.mark.parametrize("content", [None, b"", b"not a database " * 1000])
def test_a_catalog_that_is_gone_or_damaged_gives_way(home: Home, content: bytes | None) -> None:
    home.catalog.unlink()
    if content is not None:
        home.catalog.write_bytes(content)
        home.catalog.with_name("catalog.sqlite-wal").write_bytes(b"left")
    with lakehouse_beside(home) as beside:
        build(beside, 1)
        take_its_place(home, beside)
    assert number_in(home) == {1}
    assert not list(home.root.glob("catalog.sqlite-*"))


def test_table_files_may_be_on_another_disk(home: Home, tmp_path: Path) -> None:
    home.data.rename(tmp_path / "disk")
    home.data.symlink_to(tmp_path / "disk", target_is_directory=True)
    with lakehouse_beside(home) as beside:
        build(beside, 1)
        take_its_place(home, beside)
    assert number_in(home) == {1}
    assert home.data.is_symlink()
