"""Which rows of a table have landed, so that it can be told what it no longer has.

Whoever lands rows first notes which: a *note* a page. A reconciliation puts the notes together into
a *base*, in buckets by the hash of the key: so one bucket at a time is in memory.

A row is noted by its *fingerprint*, in COPY's text format: the hash of its key, the hash of the
row, and the columns of its key. In the place of the row's hash `?` says that nobody knows which of
its versions has landed last, and `-` that its deletion has.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ingestion.sources.databases.database import Checksum
from ingestion.sources.databases.state_store import StateStore

UNKNOWN: Final = b"?"
DELETED: Final = b"-"

KEYS_OF_A_BUCKET: Final = 50_000
"""How many keys are in memory at once, about."""

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
        """Return what was added last of each key of a bucket."""
        self._write()
        try:
            lines = self._path(bucket).read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return {}
        return dict(map(parsed, lines))

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for bucket, lines in self._waiting.items():
            with self._path(bucket).open("ab") as file:
                file.write(_body(lines))
        self._waiting.clear()
        self._lines = 0

    def _path(self, bucket: int) -> Path:
        return self.folder / str(bucket)


@dataclass(frozen=True, slots=True)
class LandedKeys:
    """The notes and the base of a table.

    Attributes:
        store: Where they are.
        folder: The name of their folder there.
    """

    store: StateStore
    folder: str

    def note(self, position: str, page: int, fingerprints: Iterable[bytes]) -> None:
        """Note the rows of a page.

        Args:
            position: The name of the read, which grows with each.
            page: Which page of the read it is.
            fingerprints: Of its rows.

        Raises:
            StateMovedError: Another puller has the same read, which cannot be.
            StorageError: They may have been noted or not.
        """
        self._put(self._name(_NOTE, position, page), fingerprints)

    def gathered(self, position: str, base: str | None, spool: Path) -> tuple[Spool, list[str]]:
        """Put the base and the notes together.

        Args:
            position: The name of the read.
            base: The position of the base; None if there is none.
            spool: An empty folder for them.

        Returns:
            Them, and the names of all that there is.
        """
        names = self.store.names(self.folder)
        taken = set() if base is None else set(_lines(self._get(self._name(_TAKEN, base, 0))))
        left = [name for name in names if name.encode() not in taken]
        known = [name for name in left if _kind(name) == _BASE and _position(name) == base]
        known += [name for name in left if _is_note_since(name, base)]
        unsure = [name for name in left if _is_unsure(name, base, position)]
        lines = sum(body.count(b"\n") for body in map(self._get, (*known, *unsure)))
        gathered = Spool(spool, _buckets(lines))
        for name in known:
            gathered.add(_lines(self._get(name)))
        for name in unsure:
            gathered.add(_unknown(_lines(self._get(name))))
        return gathered, names

    def write_base(self, position: str, keys: Spool, taken: Iterable[str]) -> None:
        """Write a base; it is one as soon as the table's state says so.

        Args:
            position: The name of the read.
            keys: What has landed.
            taken: The names of all that it was gathered from, and that can be deleted then.

        Raises:
            StateMovedError: Another puller has the same read, which cannot be.
            StorageError: It may be there in part.
        """
        for bucket in range(keys.buckets):
            landed = (
                fingerprint(key, *hashes)
                for key, hashes in keys.read(bucket).items()
                if hashes[1] != DELETED
            )
            self._put(self._name(_BASE, position, bucket), landed)
        self._put(self._name(_TAKEN, position, 0), (name.encode() for name in taken))

    def delete_taken(self, position: str, taken: Iterable[str]) -> None:
        """Delete what has been taken into a base.

        Raises:
            StorageError: Some may be left.
        """
        for name in (*taken, self._name(_TAKEN, position, 0)):
            self.store.delete(name)

    def _name(self, kind: str, position: str, number: int) -> str:
        return f"{self.folder}/{kind}-{position}-{number:06d}.gz"

    def _put(self, name: str, fingerprints: Iterable[bytes]) -> None:
        self.store.write(name, gzip.compress(_body(fingerprints), 1, mtime=0), None)

    def _get(self, name: str) -> bytes:
        stored = self.store.read(name)
        return gzip.decompress(stored.body) if stored else b""


def _buckets(keys: int) -> int:
    buckets = 1
    while keys > buckets * KEYS_OF_A_BUCKET:
        buckets *= 2
    return buckets


def _is_note_since(name: str, base: str | None) -> bool:
    return _kind(name) == _NOTE and (base is None or _position(name) >= base)


def _is_unsure(name: str, base: str | None, position: str) -> bool:
    """Whether something landed of these keys, and nobody can say what landed last.

    So it is with what a puller has noted that others have overtaken, and with the base that a lost
    state named. One that was written without becoming the base says nothing new.
    """
    if _kind(name) == _NOTE:
        return not _is_note_since(name, base)
    is_of_before = _position(name).partition(".")[0] < position.partition(".")[0]
    return _kind(name) == _BASE and base is None and is_of_before


def _kind(name: str) -> str:
    return name.rpartition("/")[2].partition("-")[0]


def _position(name: str) -> str:
    return name.rpartition("/")[2].partition("-")[2].rpartition("-")[0]


def _unknown(fingerprints: Iterable[bytes]) -> Iterator[bytes]:
    for line in fingerprints:
        key, (of_key, _) = parsed(line)
        yield fingerprint(key, of_key, UNKNOWN)


def _body(fingerprints: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in fingerprints)


def _lines(body: bytes) -> list[bytes]:
    return body.split(b"\n")[:-1]
