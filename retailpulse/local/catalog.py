"""The catalog as it is between two commits, copied for whoever reads."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from retailpulse.errors import SetupError, WorkError

# As in profiles.yml.
BUSY_TIMEOUT_SECONDS: Final = 60.0

_DUCKLAKE_TABLE: Final = "ducklake_snapshot"
_FULL: Final = "SQLITE_FULL"
_ATTEMPTS: Final = 5


def copy_catalog(catalog: Path, copy: Path) -> None:
    """Copy a catalog as it is between two commits; nothing is written beside it.

    Raises:
        SetupError: It may not be read.
        WorkError: It is damaged or no catalog, or the copy does not fit the disk.
    """
    if not os.access(catalog, os.R_OK):
        raise SetupError(
            f"{catalog} cannot be read: ask whoever owns the lakehouse for permission to read it"
        )
    try:
        if not _back_up(catalog, copy):
            _copy_unused(catalog, copy)
        with closing(sqlite3.connect(copy)) as copied:
            found = copied.execute(
                "select 1 from sqlite_schema where name = ?", [_DUCKLAKE_TABLE]
            ).fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorname == _FULL:
            raise WorkError(
                f"the disk of {copy.parent} is full: free some space, or set TMPDIR to a folder "
                "on another disk"
            ) from error
        raise _damaged(catalog, str(error)) from error
    if found is None:
        raise _damaged(catalog, "it holds no lakehouse")


def _back_up(catalog: Path, copy: Path) -> bool:
    """Copy by SQLite, which waits for the writer; say whether it could."""
    try:
        with (
            closing(sqlite3.connect(catalog, timeout=BUSY_TIMEOUT_SECONDS)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.OperationalError:
        # A log of writes needs a file of shared memory beside it, which a reader without the
        # right to write can use but not make (sqlite.org/wal.html, "Read-Only Databases").
        if os.access(catalog.parent, os.W_OK):
            raise
        return False
    return True


def _copy_unused(catalog: Path, copy: Path) -> None:
    """Copy the files of a catalog that nobody has open, with its log if a killed run left one."""
    names = ("", "-wal")
    for _ in range(_ATTEMPTS):
        before = [_state(catalog, name) for name in names]
        for name in names:
            if _state(catalog, name):
                shutil.copyfile(f"{catalog}{name}", f"{copy}{name}")
        if before == [_state(catalog, name) for name in names]:
            return
        # Somebody has begun to write, and so has made what was missing.
        for name in names:
            Path(f"{copy}{name}").unlink(missing_ok=True)
        if _back_up(catalog, copy):
            return
    raise WorkError(f"{catalog} changes while it is read: try again")


def _state(catalog: Path, name: str) -> tuple[int, int] | None:
    try:
        status = Path(f"{catalog}{name}").stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size


def _damaged(catalog: Path, why: str) -> WorkError:
    return WorkError(
        f"{catalog} is damaged ({why}): raw has every event still, and `retailpulse rebuild` "
        "makes the catalog and the tables anew from it"
    )
