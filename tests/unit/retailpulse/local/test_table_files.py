"""A table's file that is gone or cut off is found by the catalog alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from retailpulse.local.dbt_plugin import prepare
from retailpulse.local.table_files import damaged_table_files

ROWS = 1_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A lake with a table of two files, one of them of deletions, and a table that was dropped."""
    home = tmp_path / "lake house"
    home.mkdir()
    prepare(home)
    with duckdb.connect() as connection:
        connection.execute("load ducklake; load sqlite")
        connection.execute(
            f"attach 'ducklake:sqlite:{home}/catalog.sqlite' as lake (data_path '{home}/data/')"
        )
        connection.execute("create schema lake.s")
        connection.execute(f"create table lake.s.gone as select * from range({ROWS})")
        connection.execute("drop table lake.s.gone")
        connection.execute(f"create table lake.s.t as select i from range({ROWS}) as numbers(i)")
        connection.execute(f"delete from lake.s.t where i < {ROWS // 2}")
    return home


def damaged(home: Path) -> list[tuple[str, str]]:
    return list(damaged_table_files(home / "catalog.sqlite", home / "data"))


def test_what_readers_need_is_there(home: Path) -> None:
    for path in (home / "data" / "s" / "gone").iterdir():
        path.unlink()

    assert damaged(home) == []


def test_each_file_that_is_gone_or_cut_off_is_named(home: Path) -> None:
    paths = sorted((home / "data" / "s" / "t").iterdir())
    assert len(paths) == 2
    size = paths[0].stat().st_size
    paths[0].write_bytes(b"")
    paths[1].unlink()

    assert damaged(home) == [
        (str(paths[0]), f"has 0 bytes and was written with {size:,}"),
        (str(paths[1]), "is gone"),
    ]
