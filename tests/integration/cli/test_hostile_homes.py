"""Homes that cannot be written or read, or hold something else: a sentence, and no traceback."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli
from tests.support.cli.processes import obey_permissions, on_a_small_disk, refused, run

ORDERS = "select count(*) as orders from fact_orders"


@pytest.fixture
def home(cli: Cli, tmp_path: Path) -> Path:
    """A copy of the shared lakehouse to spoil."""
    return Path(shutil.copytree(cli.home, tmp_path / "lake"))


@pytest.fixture
def read_only(home: Path) -> Iterator[Path]:
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield home
    for folder in folders:
        folder.chmod(0o755)


def test_a_home_that_cannot_be_written_is_read(read_only: Path, tmp_path: Path) -> None:
    elsewhere = {"HOME": "/nonexistent"}
    for arguments, told in (
        (("sql", ORDERS, "--format", "csv"), "orders\n1\n"),
        (("status",), "Quarantine"),
        (("quarantine",), "unknown_event_type"),
        (("export", str(tmp_path / "gold")), "fact_orders"),
    ):
        process = run(read_only, *arguments, before=obey_permissions, variables=elsewhere)
        assert (process.returncode, process.stderr) == (0, ""), process.stderr
        assert told in process.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest", "-"),
        ("demo", "--events", "10"),
        ("live", "--duration", "1"),
        ("backfill", "--from", "2026-01-01", "--to", "2026-01-02"),
        ("quarantine", "--replay"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_writes_into_it_is_refused(read_only: Path, arguments: tuple[str, ...]) -> None:
    assert "cannot write in" in refused(run(read_only, *arguments, before=obey_permissions))


def test_a_killed_run_s_log_is_read_without_writing(home: Path, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    with sqlite3.connect(home / "catalog.sqlite") as writer:
        writer.execute("pragma wal_autocheckpoint = 0")
        writer.execute("create table only_in_the_log (n integer)")
        writer.execute("insert into only_in_the_log values (1)")
        writer.commit()
        shutil.copytree(home, killed)
    (killed / "catalog.sqlite-shm").unlink()
    assert (killed / "catalog.sqlite-wal").stat().st_size > 0
    killed.chmod(0o555)
    found = "from __ducklake_metadata_lakehouse.only_in_the_log"
    process = run(killed, "sql", found, "--format", "csv", before=obey_permissions)
    killed.chmod(0o755)
    assert process.stdout == "n\n1\n", process.stderr


def test_a_home_or_catalog_that_may_not_be_read(home: Path) -> None:
    catalog = home / "catalog.sqlite"
    catalog.chmod(0)
    for arguments in (("sql", ORDERS), ("status",), ("quarantine",), ("export", "/tmp/none")):
        told = refused(run(home, *arguments, before=obey_permissions))
        assert "catalog.sqlite cannot be read" in told
    home.chmod(0)
    for arguments in (("sql", ORDERS), ("status",), ("ingest", "-")):
        told = refused(run(home, *arguments, before=obey_permissions))
        assert str(home) in told
    home.chmod(0o755)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a database " * 1000, b"SQLite format 3\x00" + b"\x00" * 5000],
    ids=["empty", "overwritten", "zeroed"],
)
def test_a_catalog_that_is_none(cli: Cli, home: Path, content: bytes) -> None:
    (home / "catalog.sqlite").write_bytes(content)
    spoiled = Cli(home)
    for arguments in (("sql", ORDERS), ("status",), ("quarantine",), ("export", "/tmp/none")):
        told = spoiled.refused(*arguments, exit_code=1)
        assert "catalog.sqlite is damaged" in told
        assert "retailpulse rebuild" in told


def test_a_catalog_cut_short(home: Path) -> None:
    catalog = home / "catalog.sqlite"
    catalog.write_bytes(catalog.read_bytes()[: catalog.stat().st_size // 2])
    Cli(home).refused("sql", ORDERS, exit_code=1)
    Cli(home).refused("status", exit_code=1)


def test_a_table_file_that_is_gone(home: Path) -> None:
    for file in (home / "data" / "retailpulse").rglob("*.parquet"):
        file.unlink()
    told = Cli(home).refused("sql", "select * from dim_dates", exit_code=1)
    assert ".parquet" in told
    Cli(home).refused("export", str(home.parent / "gold"), exit_code=1)
    assert [path.name for path in home.parent.iterdir()] == [home.name]


def test_a_full_disk(home: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    prefix = on_a_small_disk(small, 64)
    temporary = {"TMPDIR": str(small)}
    assert "TMPDIR" in refused(run(home, "sql", ORDERS, prefix=prefix, variables=temporary))
    for arguments in (("export", f"{small}/gold"), ("export", f"{small}/gold.duckdb")):
        assert "No space left" in refused(run(home, *arguments, prefix=prefix))
    assert "No space left" in refused(run(home, "simulate", "--out", str(small), prefix=prefix))
    with Path("/dev/full").open("w") as full:
        for query in (ORDERS, "from range(100000)"):
            told = refused(run(home, "sql", query, "--format", "csv", stdout=full.fileno()))
            assert "No space left" in told
