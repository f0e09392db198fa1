"""Who has the lakehouse in use: any number of processes with dbt, or one that takes it apart."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from retailpulse.errors import SetupError
from retailpulse.local.home import Home

_NAME: Final = ".in-use"

# By home: open, and so locked, until the process ends, however it does.
_files: Final[dict[Path, int]] = {}


def share(home: Home) -> None:
    """Have the lakehouse in use from now on until this process ends.

    Raises:
        SetupError: Another process is taking it apart.
        OSError: Its folder cannot be written.
    """
    if not _lock(home, fcntl.LOCK_SH):
        raise SetupError(
            f"{home.root} is about to be rebuilt by another process: let `retailpulse rebuild` end"
        )


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Have the lakehouse to this process alone; afterwards it is in use as by `share`.

    Raises:
        SetupError: Another process uses it.
        OSError: Its folder cannot be written.
    """
    if not _lock(home, fcntl.LOCK_EX):
        raise SetupError(
            f"dbt or `retailpulse live` is using {home.root}: let it end, then run this again"
        )
    try:
        yield
    finally:
        _lock(home, fcntl.LOCK_SH)


def _lock(home: Home, kind: int) -> bool:
    if home.root not in _files:
        _files[home.root] = os.open(home.root / _NAME, os.O_RDONLY | os.O_CREAT, 0o666)
    try:
        fcntl.flock(_files[home.root], kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
