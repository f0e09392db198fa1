"""The folder into which files are dropped, and where they are when they are done with.

All of them are in RETAILPULSE_HOME. Files are dropped into `drop/`. `archive/<feed>/dt=…/` has
those that have landed, by the day of their delivery, its number before their names. `rejected/` has
those that could not be read, each with a report.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from ingestion.durable_files import fsync_folder
from ingestion.sources.files.delivering import DroppedFile
from retailpulse.errors import SetupError

_INCOMING: Final = ".incoming"
_LOCK: Final = ".lock"


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

        def open_file(offset: int) -> BinaryIO:
            file = path.open("rb")
            file.seek(offset)
            return file

        changed_at = path.stat().st_ctime_ns
        return DroppedFile(
            name=self.name_of(path),
            delivered_at=datetime.fromtimestamp(changed_at / 1e9, UTC),
            order=f"{changed_at:020d}",
            open=open_file,
        )

    def archive(self, path: Path, feed: str, number: int, delivered_at: datetime) -> Path:
        """Move a file to where those are that have landed; return its place."""
        day = self.root / "archive" / feed / f"dt={delivered_at:%Y-%m-%d}"
        name = path.relative_to(self.drop)
        return _move(path, day / name.with_name(f"{number:06d}-{name.name}"))

    def reject(self, path: Path, report: str) -> Path:
        """Move a file to where those are that cannot be read, with a report; return its place."""
        target = self.root / "rejected"
        place = _move(path, target / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{path.name}")
        place.with_name(f"{place.name}.report.txt").write_text(f"{report}\n", encoding="utf-8")
        return place


def _move(path: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    fsync_folder(target.parent)
    return target
