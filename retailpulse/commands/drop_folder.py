"""The folder into which files are dropped, and where they are when they are done with.

All of them are in RETAILPULSE_HOME. Files are dropped into `drop/`. `archive/<feed>/dt=…/` has
those that have landed, by the day of their delivery, its number before their names. `rejected/` has
those that could not be read, each with a report.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from ingestion.durable_files import fsync_folder
from ingestion.sources.errors import TransientError
from ingestion.sources.files.delivering import Delivered, DroppedFile
from ingestion.sources.files.manifests import manifest_of
from retailpulse.errors import SetupError

_INCOMING: Final = ".incoming"
_LOCK: Final = ".lock"
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class DropFolder:
    """The folders of one lakehouse.

    Attributes:
        root: RETAILPULSE_HOME.
    """

    root: Path

    @property
    def drop(self) -> Path:
        """Where files are dropped."""
        return self.root / "drop"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process at a time take files from it.

        Raises:
            SetupError: Another one does.
        """
        self.drop.mkdir(parents=True, exist_ok=True)
        with (self.drop / _LOCK).open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SetupError(
                    f"another `retailpulse drop` is at work in {self.drop}: let that end"
                ) from error
            yield

    def waiting(self) -> list[Path]:
        """Return the files that wait, in the order in which they were delivered.

        What begins with a point is none of them: programs write there first.
        """
        found = []
        for path in self.drop.rglob("*"):
            # It may go away meanwhile.
            with suppress(OSError):
                is_hidden = any(part.startswith(".") for part in path.relative_to(self.drop).parts)
                if path.is_file() and not is_hidden:
                    found.append((path.stat().st_ctime_ns, path))
        return [path for _, path in sorted(found)]

    def name_of(self, path: Path) -> str:
        """Return the name of a file in it, below it; what is no UTF-8 is replaced."""
        name = path.relative_to(self.drop).as_posix()
        return os.fsencode(name).decode(errors="replace")

    def put(self, file: Path) -> Path:
        """Copy a file into it; it is there whole or not at all.

        Raises:
            OSError: It cannot be read or written, or one of that name waits.
        """
        target = self.drop / file.name
        if target.exists():
            raise FileExistsError(f"one of that name still waits there, {target}")
        incoming = self.drop / _INCOMING
        shutil.copyfile(file, incoming)
        with incoming.open("rb") as copied:
            os.fsync(copied.fileno())
        incoming.replace(target)
        fsync_folder(self.drop)
        return target

    def dropped(self, path: Path) -> DroppedFile:
        """Return a file as what is delivered.

        It was delivered when it got its place and its name, whatever time it brought along.
        """
        place = path.stat()
        changed_at = place.st_ctime_ns

        def open_file(offset: int) -> BinaryIO:
            file = path.open("rb")
            if not _is_same(place, os.fstat(file.fileno())):
                file.close()
                raise self._replaced(path)
            file.seek(offset)
            return file

        return DroppedFile(
            name=self.name_of(path),
            delivered_at=datetime.fromtimestamp(changed_at / 1e9, UTC),
            order=f"{changed_at:020d}",
            open=open_file,
        )

    def archive(self, path: Path, file: DroppedFile, feed: str, delivered: Delivered) -> Path:
        """Move a file to where those are that have landed, and its manifest; return its place.

        Raises:
            TransientError: It is another file by now, which has not landed.
            OSError: It cannot be moved.
        """
        if f"{path.stat().st_ctime_ns:020d}" != file.order:
            raise self._replaced(path)
        delivered_at = file.delivered_at
        day = self.root / "archive" / feed / f"dt={delivered_at:%Y-%m-%d}"
        name = path.relative_to(self.drop)
        place = _move(path, day / name.with_name(f"{delivered.number:06d}-{name.name}"))
        if not delivered.is_unchanged:
            manifest = place.with_name(f"{place.name}.manifest.json")
            manifest.write_bytes(manifest_of(file, feed, delivered))
        return place

    def reject(self, path: Path, report: str) -> Path:
        """Move a file to where those are that cannot be read, with a report; return its place.

        Raises:
            OSError: It cannot be moved.
        """
        target = self.root / "rejected"
        place = _move(path, target / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{path.name}")
        place.with_name(f"{place.name}.report.txt").write_text(f"{report}\n", encoding="utf-8")
        return place

    def _replaced(self, path: Path) -> TransientError:
        return TransientError(
            f"{self.name_of(path)}: it was replaced while it landed: what is there now lands with "
            "the next `retailpulse drop`"
        )


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_ino, one.st_ctime_ns) == (other.st_ino, other.st_ctime_ns)


def _move(path: Path, target: Path) -> Path:
    name = os.fsencode(target.name)
    if len(name) > _LONGEST_NAME:
        # A file system takes 255 bytes, and a report's name is longer than its file's.
        digest = hashlib.sha256(name).hexdigest()[:16]
        start = name[: _LONGEST_NAME - len(digest) - 1].decode(errors="ignore")
        target = target.with_name(f"{start}-{digest}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.is_symlink():
            raise OSError(errno.EXDEV, "a link would be moved, and not the file")
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # `drop` may be a file system of its own.
        incoming = target.with_name(_INCOMING)
        shutil.copyfile(path, incoming)
        incoming.replace(target)
        path.unlink()
    fsync_folder(target.parent)
    return target
