"""`retailpulse rebuild`: gold as it was, from raw alone; and what it refuses to do."""

from __future__ import annotations

import fcntl
import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli
from tests.support.road.lakehouse import Lakehouse


@pytest.fixture
def copied(cli: Cli, tmp_path: Path) -> Cli:
    """A lakehouse of its own, like `cli`'s."""
    shutil.copytree(cli.home, tmp_path / "copy")
    return Cli(tmp_path / "copy")


def test_a_rebuild_that_ends_early_changes_nothing_and_is_run_again(copied: Cli) -> None:
    contents, raw = Lakehouse(copied.home).contents(), raw_objects(copied.home)
    tables = set(copied.home.glob("data/**/*.parquet"))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retailpulse.commands.rebuild.conservation", killed)
        assert copied("rebuild", "--yes").exit_code == 130

    assert set(copied.home.glob("data/**/*.parquet")) == tables
    assert Lakehouse(copied.home).contents() == contents
    assert "Rebuilt from 3 lines of raw: 1 accepted" in copied.ok("rebuild", "--yes")
    assert Lakehouse(copied.home).contents() == contents
    assert raw_objects(copied.home) == raw


@pytest.mark.parametrize("answer", [b"n\n", b"", b"\n"])
def test_without_a_yes_nothing_changes(copied: Cli, answer: bytes) -> None:
    result = copied("rebuild", stdin=answer)

    assert result.exit_code == 2
    assert "stays as it is" in result.output
    assert "nothing was changed" in result.stderr
    assert copied.rows("select count(*) as n from retailpulse.fact_orders") == [{"n": 1}]


def test_it_is_refused_while_dbt_works(copied: Cli) -> None:
    with (copied.home / ".in-use").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert "let it end" in copied.refused("rebuild", "--yes")
    assert (copied.home / "catalog.sqlite").is_file()


@pytest.mark.parametrize("event_type", ["order_created", "unknown"])
def test_it_is_refused_where_the_tables_hold_more_than_raw(copied: Cli, event_type: str) -> None:
    for lost in copied.home.glob(f"raw/events/event_type={event_type}/*/*/*Z-*.gz"):
        lost.unlink()

    assert "a rebuild would lose it" in copied.refused("rebuild", "--yes")
    assert (copied.home / "catalog.sqlite").is_file()


def test_it_is_refused_where_raw_is_damaged_or_empty(copied: Cli, empty: Cli) -> None:
    [created] = copied.home.glob("raw/events/event_type=order_created/*/*/*.gz")
    for damaged in (created.read_bytes()[:-9], flipped(created.read_bytes()), b"{}\n"):
        created.write_bytes(damaged)
        assert str(created) in copied.refused("rebuild", "--yes", exit_code=1)
    assert (copied.home / "catalog.sqlite").is_file()

    assert "no raw zone" in empty.refused("rebuild", "--yes")
    empty.home.joinpath("raw").mkdir(parents=True)
    assert "nothing has arrived" in empty.refused("rebuild", "--yes")


def flipped(object_: bytes) -> bytes:
    """An object whose text is another, and its checksum the old one."""
    text = gzip.decompress(object_)
    return gzip.compress(text.replace(b"123", b"124"), mtime=0)[:-8] + object_[-8:]


def raw_objects(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.glob("raw/**/*.gz")}


def test_a_catalog_that_cannot_be_read_is_no_hindrance(copied: Cli) -> None:
    (copied.home / "catalog.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(copied.home / "catalog.sqlite").execute("select * from sqlite_master")

    result = copied("rebuild", stdin=b"n\n")

    assert "cannot be told: file is not a database" in result.stdout
    assert "nothing was changed" in result.stderr
