"""Which rows of a table have landed, so that it can be told what it no longer has.

Whoever lands rows first notes which: a *note* a page. A reconciliation puts the notes together into
a *base*, in buckets by the hash of the key: so one bucket at a time is in memory.

A row is noted by its *fingerprint*, in COPY's text format: the hash of its key, the hash of the
row, and the columns of its key. In the place of the row's hash `?` says that nobody knows which of
its versions has landed last, and `-` that its deletion has.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from ingestion.raw_zone import StorageError
from ingestion.sources.databases.database import Checksum
from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.databases.positions import epoch_of
from ingestion.sources.databases.state import TableState
from ingestion.sources.errors import SourceError
from ingestion.sources.packing import packed
from ingestion.sources.state_store import StateMovedError, StateStore

UNKNOWN: Final = b"?"
DELETED: Final = b"-"

KEYS_OF_A_BUCKET: Final = 50_000
"""How many keys are in memory at once, about."""

KNOWN_AT_MOST: Final = 200_000
"""How many of the keys that a pull has read are known to the next one, about."""

_NOTE: Final = "note"
_BASE: Final = "base"
_TAKEN: Final = "taken"
_LINES_IN_MEMORY: Final = 100_000

# Of a key, in COPY's text: the hash of the key, and that of the row or a mark.
Hashes = tuple[bytes, bytes]


def parsed(fingerprint: bytes) -> tuple[bytes, Hashes]:
    """Return the key of a fingerprint, as COPY's text, and its hashes."""
    of_key, of_row, key = fingerprint.split(b"\t", 2)
    return key, (of_key, of_row)


def fingerprint(key: bytes, of_key: bytes, of_row: bytes) -> bytes:
    """Return a fingerprint of its parts."""
    return b"\t".join((of_key, of_row, key))


def checksum(keys: Mapping[bytes, Hashes]) -> Checksum | None:
    """Return the checksum of the rows that have landed; None where it is not known of one."""
    rows = [of_row for _, of_row in keys.values() if of_row != DELETED]
    if UNKNOWN in rows:
        return None
    return Checksum(len(rows), sum(map(int, rows)))


@dataclass(slots=True)
class Spool:
    """Fingerprints on disk, by bucket, in the order in which they are added.

    Attributes:
        folder: Where they are put.
        buckets: How many buckets there are, a power of two.
    """

    folder: Path
    buckets: int
    _waiting: dict[int, list[bytes]] = field(default_factory=dict)
    _lines: int = 0

    def add(self, fingerprints: Iterable[bytes]) -> None:
        """Add fingerprints."""
        for line in fingerprints:
            bucket = int(line.partition(b"\t")[0]) & (self.buckets - 1)
            self._waiting.setdefault(bucket, []).append(line)
            self._lines += 1
            if self._lines > _LINES_IN_MEMORY:
                self._write()

    def read(self, bucket: int) -> dict[bytes, Hashes]:
        """Return what was added last of each key of a bucket.

        Raises:
            StorageError: The folder cannot be used.
        """
        self._write()
        try:
            return dict(map(parsed, _lines(self._path(bucket).read_bytes())))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StorageError(f"cannot read {self._path(bucket)}: {error}") from error

    def _write(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for bucket, lines in self._waiting.items():
                with self._path(bucket).open("ab") as file:
                    file.write(_body(lines))
        except OSError as error:
            raise StorageError(f"cannot write to {self.folder}: {error}") from error
        self._waiting.clear()
        self._lines = 0

    def _path(self, bucket: int) -> Path:
        return self.folder / str(bucket)


@dataclass(slots=True)
class _Lines:
    """Lines in a file, which are counted as they are added, and taken out once.

    Attributes:
        file: The file; its folder is made.
        count: How many lines there are.
    """

    file: Path
    count: int = 0

    def add(self, lines: Iterable[bytes]) -> None:
        """Add lines."""
        added = list(lines)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab") as file:
                file.write(_body(added))
        except OSError as error:
            raise StorageError(f"cannot write to {self.file}: {error}") from error
        self.count += len(added)

    def taken(self) -> Iterator[bytes]:
        """Yield all lines, and delete the file."""
        if not self.count:
            return
        try:
            with self.file.open("rb") as file:
                for line in file:
                    yield line[:-1]
            self.file.unlink()
        except OSError as error:
            raise StorageError(f"cannot read {self.file}: {error}") from error


@dataclass(frozen=True, slots=True)
class Gathered:
    """The base and the notes of a table, put together.

    Attributes:
        keys: What has landed.
        names: The names of all that it was gathered from, and of what says nothing new.
    """

    keys: Spool
    names: list[str]


@dataclass(frozen=True, slots=True)
class LandedKeys:
    """The notes and the base of a table. A reading has a name that grows (`positions`).

    Attributes:
        store: Where they are.
        folder: The name of their folder there.
    """

    store: StateStore
    folder: str

    def note(self, reading: str, number: int, fingerprints: Iterable[bytes]) -> None:
        """Note rows.

        Args:
            reading: The reading.
            number: Which of its notes it is.
            fingerprints: Of the rows.

        Raises:
            PullerMovedError: Another puller has the same reading.
            StorageError: They may have been noted or not.
        """
        self._put(self._name(_NOTE, reading, number), fingerprints)

    def noted(self, readings: Iterable[str]) -> Iterator[tuple[bytes, bytes]]:
        """Return what readings have noted, in that order: keys, and the hash of each row.

        Raises:
            StorageError: A note cannot be read.
        """
        for reading in readings:
            for number in count():
                lines = self._get(self._name(_NOTE, reading, number))
                if not lines:
                    # It was never written, or a comparison has taken it into its base.
                    break
                for key, (_, of_row) in map(parsed, lines):
                    yield key, of_row

    def noted_since(self, reading: str) -> Iterator[bytes]:
        """Return the fingerprints that a reading and those behind it have noted.

        Raises:
            StorageError: A note cannot be read.
        """
        for name in self.store.names(self.folder):
            if _kind(name) == _NOTE and _reading(name) >= reading:
                yield from self._get(name)

    def gathered(self, reading: str, state: TableState, spool: Path, rows: int) -> Gathered:
        """Put the base and the notes together.

        Args:
            reading: The reading.
            state: The table's, which says what the base is.
            spool: An empty folder for them.
            rows: About how many rows the table has.

        Raises:
            SourceError: The base is gone.
            StorageError: Something cannot be read.
        """
        names = self.store.names(self.folder)
        base = state.base
        taken = set() if base is None else set(self._get(self._name(_TAKEN, base, 0)))
        left = [name for name in names if name.encode() not in taken]
        known = [name for name in left if _kind(name) == _BASE and _reading(name) == base]
        if base is not None and len(known) != state.buckets:
            raise SourceError(
                f"what had landed of {self.folder} is gone (base-{base}): restore it, or delete "
                f"{self.folder}.json beside it, and the table is loaded anew"
            )
        known += [name for name in left if _is_sure_note(name, state)]
        unsure = [name for name in left if _is_unsure(name, state, reading)]
        # What has landed since says more than the base of a lost state.
        bases = [name for name in unsure if _kind(name) == _BASE]
        notes = [name for name in unsure if name not in bases]
        # How many lines there are says how many buckets: each object is asked for once, and then
        # read from a file.
        gathered = _Lines(spool / "gathered")
        for name in bases:
            gathered.add(_unknown(self._get(name), len(state.key)))
        for name in known:
            gathered.add(self._get(name))
        for name in notes:
            gathered.add(_unknown(self._get(name), len(state.key)))
        keys = Spool(spool, _buckets(max(gathered.count, rows)))
        keys.add(gathered.taken())
        return Gathered(keys, names)

    def landed(
        self, reading: str, state: TableState, spool: Path
    ) -> Iterator[list[tuple[bytes, bytes]]]:
        """Return the keys of which a row has landed, with their hashes, bucket by bucket.

        Args:
            reading: The reading.
            state: The table's.
            spool: An empty folder for them.

        Raises:
            SourceError: The base is gone.
            StorageError: Something cannot be read.
        """
        keys = self.gathered(reading, state, spool, 0).keys
        for bucket in range(keys.buckets):
            yield [
                (key, of_key)
                for key, (of_key, of_row) in keys.read(bucket).items()
                if of_row != DELETED
            ]

    def write_base(self, reading: str, gathered: Gathered) -> list[Checksum | None]:
        """Write a base; it is one as soon as the table's state says so.

        Returns:
            The checksum of each bucket; None where it is not known of a row.

        Raises:
            PullerMovedError: Another puller has the same reading.
            StorageError: It may be there in part.
        """
        checksums = []
        for bucket in range(gathered.keys.buckets):
            landed = gathered.keys.read(bucket)
            checksums.append(checksum(landed))
            there = (
                fingerprint(key, *hashes) for key, hashes in landed.items() if hashes[1] != DELETED
            )
            self._put(self._name(_BASE, reading, bucket), there)
        self._put(self._name(_TAKEN, reading, 0), (name.encode() for name in gathered.names))
        return checksums

    def delete_taken(self, reading: str, gathered: Gathered) -> None:
        """Delete what has been taken into the base.

        Raises:
            StorageError: Some may be left.
        """
        for name in (*gathered.names, self._name(_TAKEN, reading, 0)):
            self.store.delete(name)

    def last_epoch(self) -> int:
        """Return the last epoch of which there is something; 0 if there is nothing.

        Raises:
            StorageError: The names cannot be listed.
        """
        names = self.store.names(self.folder)
        return max((epoch_of(_reading(name)) for name in names), default=0)

    def forget(self) -> None:
        """Delete all of it.

        Raises:
            StorageError: Some may be left.
        """
        for name in self.store.names(self.folder):
            self.store.delete(name)

    def _name(self, kind: str, reading: str, number: int) -> str:
        return f"{self.folder}/{kind}-{reading}-{number:06d}.gz"

    def _put(self, name: str, lines: Iterable[bytes]) -> None:
        try:
            self.store.write(name, packed(_body(lines)), None)
        except StateMovedError as error:
            raise PullerMovedError(
                f"another puller reads {self.folder} at the same time: nothing is lost, and one is "
                "enough"
            ) from error

    def _get(self, name: str) -> list[bytes]:
        return _lines(self._body(name))

    def _body(self, name: str) -> bytes:
        stored = self.store.read(name)
        try:
            return gzip.decompress(stored.body) if stored else b""
        except (OSError, EOFError, zlib.error) as error:
            raise StorageError(f"{name} is damaged ({error}): restore it") from error


def _buckets(keys: int) -> int:
    buckets = 1
    while keys > buckets * KEYS_OF_A_BUCKET:
        buckets *= 2
    return buckets


def _is_sure_note(name: str, state: TableState) -> bool:
    if _kind(name) != _NOTE or _reading(name) in state.unsure:
        return False
    return state.base is None or _reading(name) >= state.base


def _is_unsure(name: str, state: TableState, reading: str) -> bool:
    """Whether something may have landed of these keys, and nobody can say what landed last.

    So it is with what a puller has noted that others have overtaken, or that never came to its end
    before a new epoch; and with the base that a lost state named. Another one that was written
    without becoming the base says nothing new.
    """
    if _kind(name) == _NOTE:
        return not _is_sure_note(name, state)
    is_of_before = epoch_of(_reading(name)) < epoch_of(reading)
    return _kind(name) == _BASE and state.base is None and is_of_before


def _kind(name: str) -> str:
    return name.rpartition("/")[2].partition("-")[0]


def _reading(name: str) -> str:
    return name.rpartition("/")[2].partition("-")[2].rpartition("-")[0]


def _unknown(fingerprints: Iterable[bytes], columns: int) -> Iterator[bytes]:
    for line in fingerprints:
        key, (of_key, _) = parsed(line)
        # Of a lost state the key may have been another.
        if key.count(b"\t") + 1 == columns:
            yield fingerprint(key, of_key, UNKNOWN)


def _body(lines: Iterable[bytes]) -> bytes:
    return b"\n".join([*lines, b""])


def _lines(body: bytes) -> list[bytes]:
    return body.split(b"\n")[:-1]
