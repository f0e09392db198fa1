"""Where the states of tables are kept, so that of two pullers one alone goes on."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingestion.event_type import NAME
from ingestion.raw_zone import StorageError


class StateMovedError(Exception):
    """A state is not the one that was read: somebody else has written it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A state as it is kept.

    Attributes:
        body: Its bytes.
        tag: Which version of it this is.
    """

    body: bytes
    tag: str


class StateStore(Protocol):
    """Keeps one object for each name."""

    def read(self, name: str) -> Stored | None:
        """Return what is kept under a name; None if there is nothing.

        Raises:
            StorageError: It cannot be read.
        """

    def write(self, name: str, body: bytes, tag: str | None) -> Stored:
        """Keep a body in the place of the version that `tag` says; None where there must be none.

        Raises:
            StateMovedError: There is another version.
            StorageError: Anything else went wrong; it may have been written or not.
        """


class FolderStateStore:
    """Keeps states in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        """Use `root`, which is made with the first state."""
        self._root = root

    def read(self, name: str) -> Stored | None:
        """Return a state; see `StateStore.read`."""
        try:
            body = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read {self._path(name)}: {error}") from error
        return Stored(body, hashlib.sha256(body).hexdigest())

    def write(self, name: str, body: bytes, tag: str | None) -> Stored:
        """Keep a state; see `StateStore.write`."""
        path = self._path(name)
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with self._locked():
                kept = self.read(name)
                if (kept.tag if kept else None) != tag:
                    raise StateMovedError(name)
                temporary = path.with_suffix(".new")
                with temporary.open("wb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error}") from error
        return Stored(body, hashlib.sha256(body).hexdigest())

    def _path(self, name: str) -> Path:
        return self._root / f"{_checked(name)}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._root / ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"not a state's name: {name[:256]!r}")
    return name
