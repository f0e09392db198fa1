"""One lakehouse however its folder is written and wherever it is copied, by plain dbt."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retailpulse.local.home import find_home
from retailpulse.local.lakehouse import open_lakehouse
from tests.integration.road.test_backfill_and_upkeep import known_files
from tests.integration.road.test_corrections import created
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import PROJECT, Lakehouse

RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
LINES = "select sum(landed_count), sum(accepted_count) from retailpulse_silver.event_conservation"


class Written(Lakehouse):
    """A lakehouse whose RETAILPULSE_HOME is written in some way."""

    written: str

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"RETAILPULSE_HOME": self.written}

    @classmethod
    def like(cls, other: Lakehouse, home: Path, written: str) -> Written:
        """One that shares the parsed project, in which no home is."""
        lakehouse = cls(home)
        lakehouse.written = written
        lakehouse._parsed = other._parsed
        return lakehouse


@pytest.fixture(scope="module")
def built(shared_lakehouse: Lakehouse) -> Iterator[Lakehouse]:
    """A lakehouse with two orders, each brought to gold by a run of its own."""
    lakehouse = shared_lakehouse
    lakehouse.reset()
    for day, selection in ((8, ()), (9, ("--selector", "fast"))):
        at = RUN - timedelta(days=10 - day)
        order = created(f"e{day}", f"o{day}", f"2026-03-{day:02d}T10:00:00Z", 10, "EUR")
        lakehouse.land([order], at, f"batch{day}")
        lakehouse.build(*BUILD[1:], *selection, at=at + timedelta(hours=1))
    yield lakehouse
    lakehouse.reset()


@pytest.mark.parametrize("written", ["{}/", "/{}/.//", "relative/"])
def test_upkeep_keeps_every_file_however_the_home_is_written(
    built: Lakehouse, written: str
) -> None:
    if written == "relative/":
        written = os.path.relpath(built.home, PROJECT) + "/"
        # As a plain `dbt build` left it once.
        with closing(sqlite3.connect(built.home / "catalog.sqlite")) as catalog, catalog:
            catalog.execute(
                "update ducklake_metadata set value = './lakehouse/data/' where key = 'data_path'"
            )
    lakehouse = Written.like(built, built.home, written.format(built.home))
    contents = built.contents()
    age(built.home / "data")

    lakehouse.run_operation("upkeep", keep_hours=1)

    files = known_files(built)
    assert files
    assert all(path.is_file() for path in files)
    assert built.contents() == contents
    with open_lakehouse(find_home({"RETAILPULSE_HOME": lakehouse.written})) as reader:
        assert reader.execute(LINES).fetchall() == [(2, 2)]


def test_upkeep_deletes_nothing_where_a_live_file_would_go(
    built: Lakehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    age(built.home / "data")
    before = set(built.home.glob("data/**/*.parquet"))
    spell = "update ducklake_data_file set path = {} where path_is_relative = 1"
    with closing(sqlite3.connect(built.home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute(spell.format("'./' || path"))

    try:
        assert not built._invoke("run-operation", "upkeep").success
    finally:
        with closing(sqlite3.connect(built.home / "catalog.sqlite")) as catalog, catalog:
            catalog.execute(spell.format("replace(path, './', '')"))

    assert "files for orphans that the catalog names" in capsys.readouterr().out
    assert set(built.home.glob("data/**/*.parquet")) >= before


def test_a_copy_is_a_lakehouse_of_its_own(built: Lakehouse, tmp_path: Path) -> None:
    shutil.copytree(built.home, tmp_path / "copy")
    copy = Written.like(built, tmp_path / "copy", f"{tmp_path}/copy/")
    original = tree(built.home)
    assert copy.contents() == built.contents()

    copy.land([created("e10", "o10", "2026-03-10T10:00:00Z", 10, "EUR")], RUN, "batch10")
    copy.build("--selector", "fast", *BUILD[1:], at=RUN + timedelta(hours=1))
    age(copy.home / "data")
    copy.run_operation("upkeep", keep_hours=0)

    assert copy.query(LINES) == [(3, 3)]
    assert copy.query("select count(*) from retailpulse.fact_orders") == [(3,)]
    assert all(path.is_relative_to(copy.home) and path.is_file() for path in known_files(copy))
    assert tree(built.home) == original


@pytest.mark.parametrize(
    ("written", "told"),
    [("it's", "choose a path without '"), ("[a]", "without [ ]"), ("x/" * 1_500, "at most")],
)
def test_plain_dbt_refuses_a_home_that_cannot_work(
    built: Lakehouse,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    written: str,
    told: str,
) -> None:
    lakehouse = Written.like(built, tmp_path, f"{tmp_path}/{written}")

    assert not lakehouse._invoke("run-operation", "upkeep").success

    output = capsys.readouterr().out
    assert told in output
    assert "Traceback" not in output
    assert not (tmp_path / "x").exists()


def test_plain_dbt_leaves_alone_what_is_being_rebuilt(
    built: Lakehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lakehouse = Written.like(built, tmp_path, f"{tmp_path}/")
    with (tmp_path / ".in-use").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert not lakehouse._invoke("run-operation", "upkeep").success
    assert "is about to be rebuilt by another process" in capsys.readouterr().out
    assert not (tmp_path / "catalog.sqlite").exists()


def test_plain_dbt_says_what_is_wrong_with_a_catalog(
    built: Lakehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lakehouse = Written.like(built, tmp_path, str(tmp_path))
    (tmp_path / "catalog.sqlite").write_bytes(b"not a database" * 100)

    assert not lakehouse._invoke("run-operation", "upkeep").success

    output = capsys.readouterr().out
    assert "cannot be opened (file is not a database)" in output
    assert "Traceback" not in output


def age(folder: Path) -> None:
    """Let every file be old enough to be an orphan."""
    then = time.time() - 48 * 60 * 60
    for path in folder.rglob("*.parquet"):
        os.utime(path, (then, then))


def tree(folder: Path) -> set[tuple[Path, int, int]]:
    """Every file with its size and when it was written, but dbt's own and what readers leave."""
    return {
        (path, path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
        and not {"target", "logs"} & {*path.parts}
        and path.suffix not in (".sqlite-wal", ".sqlite-shm")
    }
