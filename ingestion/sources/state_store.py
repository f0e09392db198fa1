"""Where pullers keep what they know of tables, so that of two pullers one alone goes on."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingestion.durable_files import fsync_folder, write_file
from ingestion.raw_zone import StorageError, check_key


class StateMovedError(Exception):
    """An object is not the one that was read: somebody else has written it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it is kept.

    Attributes:
        body: Its bytes.
        tag: Which version of it this is.
    """

    body: bytes
    tag: str


class StateStore(Protocol):
    """Keeps small objects by their names, which are as the raw zone's keys."""

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

    def names(self, folder: str) -> list[str]:
        """Return the names of a folder's objects, sorted.

        Raises:
            StorageError: They cannot be listed.
        """

    def delete(self, name: str) -> None:
        """Delete an object, if it is there.

        Raises:
            StorageError: It may have been deleted or not.
        """


class FolderStateStore:
    """Keeps objects in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        """Use `root`, which is made with the first object."""
        self._root = root

    def read(self, name: str) -> Stored | None:
        """Return an object; see `StateStore.read`."""
        try:
            body = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read {self._path(name)}: {error}") from error
        return Stored(body, hashlib.sha256(body).hexdigest())

    def write(self, name: str, body: bytes, tag: str | None) -> Stored:
        """Keep an object; see `StateStore.write`."""
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                kept = self.read(name)
                if (kept.tag if kept else None) != tag:
                    raise StateMovedError(name)
                temporary = self._root / ".new"
                temporary.unlink(missing_ok=True)
                write_file(temporary, body)
                temporary.replace(path)
                fsync_folder(path.parent)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error}") from error
        return Stored(body, hashlib.sha256(body).hexdigest())

    def names(self, folder: str) -> list[str]:
        """Return the names of objects; see `StateStore.names`."""
        try:
            return sorted(f"{folder}/{file.name}" for file in self._path(folder).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(f"cannot list {self._path(folder)}: {error}") from error

    def delete(self, name: str) -> None:
        """Delete an object; see `StateStore.delete`."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"cannot delete {self._path(name)}: {error}") from error

    def _path(self, name: str) -> Path:
        check_key(name)
        return self._root / name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._root / ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
