"""A lakehouse that is built beside the one in use, and takes its place at one moment.

It is a home of its own whose raw zone and table files are those of the first by links: only the
catalog is another. DuckLake's files have unique names, so the tables of both lie in one folder, and
one rename of the catalog decides which of the two readers meet. What the catalog before named are
orphans then: readers that have it open go on with them until upkeep deletes them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from retailpulse.errors import WorkError
from retailpulse.local.catalog import BUSY_TIMEOUT_SECONDS
from retailpulse.local.home import HOME_VARIABLE, Home

_FOLDER: Final = "rebuild"
_SHARED: Final = ("raw", "data", "target", "logs")
_POLL_SECONDS: Final = 0.05
# SQLite's extended codes have more above it.
_PRIMARY_CODE: Final = 0xFF
# What SQLite keeps beside a database.
_COMPANIONS: Final = ("-wal", "-shm", "-journal")


@contextmanager
def lakehouse_beside(home: Home) -> Iterator[Home]:
    """Give an empty lakehouse with the same raw zone, which RETAILPULSE_HOME names in the block.

    If the block fails, what it built is deleted. If it is killed, the next one deletes it but for
    its table files, which upkeep takes for orphans. Nobody else may write meanwhile.
    """
    beside = Home(home.project, home.root / _FOLDER)
    _remove(beside)
    beside.root.mkdir()
    for name in _SHARED:
        (home.root / name).mkdir(exist_ok=True)
        (beside.root / name).symlink_to(Path("..") / name, target_is_directory=True)
    files_before = set(_table_files(home))
    os.environ[HOME_VARIABLE] = str(beside.root)
    try:
        yield beside
    except BaseException:
        # The disk may be full, and upkeep leaves orphans for an hour at least.
        for path in _table_files(home):
            if path not in files_before:
                path.unlink()
        raise
    finally:
        os.environ[HOME_VARIABLE] = str(home.root)
        _remove(beside)


def take_its_place(home: Home, beside: Home, wait_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
    """Let readers meet the lakehouse that was built beside, from one moment on.

    Nobody may write to either. Killed at any moment, it has happened or it has not.

    Args:
        home: The lakehouse in use; its catalog may be damaged or gone.
        beside: The one that takes its place.
        wait_seconds: How long to wait for readers that have a catalog open.

    Raises:
        WorkError: Readers had the catalog open all that time; nothing was changed.
    """
    _fold_log(beside.catalog, wait_seconds)
    try:
        if home.catalog.is_file():
            _fold_log(home.catalog, wait_seconds)
    except sqlite3.DatabaseError:
        # Nobody can read it.
        for ending in _COMPANIONS:
            home.catalog.with_name(home.catalog.name + ending).unlink(missing_ok=True)
    for path in _table_files(home):
        # Upkeep deletes orphans by their age, and these become such now. Some may be another's.
        with suppress(PermissionError):
            os.utime(path)
    beside.catalog.replace(home.catalog)


def _table_files(home: Home) -> Iterator[Path]:
    return home.data.rglob("*.parquet")


def _remove(beside: Home) -> None:
    """Delete its folder, and nothing that it shares."""
    if beside.root.exists():
        shutil.rmtree(beside.root)


def _fold_log(catalog: Path, wait_seconds: float) -> None:
    """Bring all that a catalog holds into its one file, without a log beside it.

    A log left there would be taken for that of the catalog that takes its place, and its index,
    which is shared memory, would tell readers the size of another file.
    """
    deadline = time.monotonic() + wait_seconds
    while not _is_folded(catalog):
        if time.monotonic() > deadline:
            raise WorkError(
                f"another program has {catalog} open, so nothing was changed: let it end, then "
                "run this again"
            )
        time.sleep(_POLL_SECONDS)


def _is_folded(catalog: Path) -> bool:
    try:
        with closing(sqlite3.connect(catalog, timeout=_POLL_SECONDS)) as connection:
            (mode,) = connection.execute("pragma journal_mode = delete").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY:
            return False
        raise
    return str(mode) == "delete"
