"""Comparing a table with what has landed of it: what polling cannot see is found and landed.

These are rows that are gone, keys that have changed, and rows that were updated without their
cursor. First the rows of each bucket of keys are compared by a checksum, in one walk along the key;
then, in a second, the rows of those buckets that differ, one by one. What differs is read by its
key and lands: as it is then, or as deleted.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from msgspec.structs import replace

from ingestion.sources.databases.database import Checksum, KeyRange
from ingestion.sources.databases.errors import TooSlowError
from ingestion.sources.databases.landed_keys import (
    DELETED,
    UNKNOWN,
    Hashes,
    Spool,
    fingerprint,
    parsed,
)
from ingestion.sources.databases.reading import Activity, TableReading, Told
from ingestion.sources.databases.row_lines import DELETE
from ingestion.sources.databases.state import TableState

# A row is compared in about a microsecond of the server's time.
_ROWS_OF_A_RANGE: Final = 50_000
_ROWS_BY_KEY: Final = 1_000

_SCRATCH: Final = "compared-"
_LONGEST_SECONDS: Final = 7 * 86_400

_Found = TypeVar("_Found")


@dataclass(slots=True)
class Reconciled:
    """What a comparison found.

    Attributes:
        compared_rows: Rows that the table has.
        changed_rows: Those that were not as they had landed, or had not landed: they have now.
        deleted_rows: Rows that had landed, and are gone: their deletions have landed.
    """

    compared_rows: int = 0
    changed_rows: int = 0
    deleted_rows: int = 0

    @property
    def rows(self) -> int:
        """All rows that landed."""
        return self.changed_rows + self.deleted_rows


def reconcile(
    reading: TableReading, state: TableState, catch_up: Callable[[], None] | None = None
) -> Reconciled:
    """Compare a table with what has landed of it, and land what differs.

    Args:
        reading: The table.
        state: Its state.
        catch_up: Where a log tells what changes, lands all that it has told by then. What it tells
            of while the table is compared is as it says, and is no difference.

    Raises:
        SourceError: The table cannot be read as it is, or rows could not be landed.
        PullerMovedError: Another puller reads the same table.
        StorageError: What is known of it could not be read or written.
    """
    scratch = reading.puller.scratch
    if scratch is not None:
        _clear(scratch)
    with TemporaryDirectory(prefix=_SCRATCH, dir=scratch) as folder:
        return _Reconciliation(reading, state, Path(folder), catch_up).run()


def _clear(scratch: Path) -> None:
    """Delete what killed comparisons left."""
    for folder in scratch.glob(f"{_SCRATCH}*"):
        # One that ends right now is gone by itself.
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _LONGEST_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


class _Reconciliation:
    def __init__(
        self,
        reading: TableReading,
        state: TableState,
        scratch: Path,
        catch_up: Callable[[], None] | None,
    ) -> None:
        self._catch_up = catch_up
        self._reading = reading
        self._database = reading.puller.database
        self._state = state
        self._scratch = scratch
        self._expected = reading.puller.database.row_estimate(reading.table, reading.shape)
        self._told = Told(reading.puller, Activity.COMPARISON, self._expected)
        self._found = Reconciled()

    def run(self) -> Reconciled:
        reading = self._reading
        begun_at = reading.puller.clock()
        state = reading.begin(self._state)
        base = reading.name()
        gathered = reading.keys.gathered(base, state, self._scratch / "landed", self._expected)
        landed = reading.keys.write_base(base, gathered)
        state = reading.write(replace(state, base=base, buckets=gathered.keys.buckets, unsure=()))
        reading.keys.delete_taken(base, gathered)
        known = gathered.keys
        differing = self._differing(landed)
        if differing:
            seen = self._seen(known.buckets, differing)
            told = Spool(self._scratch / "told", known.buckets)
            if self._catch_up:
                self._catch_up()
                told.add(reading.keys.noted_since(base))
                state = reading.begin(reading.state or state)
            for bucket in differing:
                self._land_differences(known.read(bucket), seen.read(bucket), told.read(bucket))
        reading.write(replace(state, reconciled_at=begun_at))
        return self._found

    def _differing(self, landed: Sequence[Checksum | None]) -> list[int]:
        """The buckets whose rows have not the checksums of what has landed."""
        table, shape = self._reading.table, self._reading.shape
        sums: dict[int, Checksum] = {}
        for found in self._each_range(
            lambda keys: self._database.checksums(table, shape, keys, len(landed))
        ):
            for bucket, one in found.items():
                sums[bucket] = sums.get(bucket, Checksum()) + one
                self._found.compared_rows += one.rows
            self._told.tell(self._found.compared_rows, self._found.compared_rows)
        return [bucket for bucket, one in enumerate(landed) if one != sums.get(bucket, Checksum())]

    def _seen(self, buckets: int, wanted: Sequence[int]) -> Spool:
        """The fingerprints of the rows in some buckets."""
        table, shape = self._reading.table, self._reading.shape
        seen = Spool(self._scratch / "seen", buckets)
        rows = 0
        for found in self._each_range(
            lambda keys: self._database.fingerprints(table, shape, keys, buckets, wanted)
        ):
            seen.add(found)
            rows += len(found)
            self._told.tell(rows, rows)
        return seen

    def _each_range(self, read: Callable[[KeyRange], _Found]) -> Iterator[_Found]:
        """Read all keys of the table, range by range, as large as the server has time for."""
        reading = self._reading
        rows = min(_ROWS_OF_A_RANGE, reading.puller.source.rows_per_second or _ROWS_OF_A_RANGE)
        after = None
        while True:
            started = reading.puller.monotonic()
            try:
                keys = self._database.key_range(reading.table, reading.shape, after, rows)
                found = read(keys)
            except TooSlowError:
                if rows == 1:
                    raise
                rows = max(1, rows // 4)
                continue
            yield found
            if keys.until is None:
                return
            reading.puller.pace(rows, started)
            after = keys.until

    def _land_differences(
        self, landed: dict[bytes, Hashes], seen: dict[bytes, Hashes], told: Collection[bytes]
    ) -> None:
        differing = (key for key in _differences(landed, seen) if key not in told)
        while keys := list(islice(differing, _ROWS_BY_KEY)):
            self._land({key: seen.get(key) or landed[key] for key in keys}, landed.keys())

    def _land(self, keys: dict[bytes, Hashes], landed: Collection[bytes]) -> None:
        """Land rows as they are now, or as deleted.

        Args:
            keys: The hashes of their keys.
            landed: The keys of which something has landed.
        """
        reading = self._reading
        # Whoever is killed behind this leaves them to be compared again.
        reading.note(fingerprint(key, of_key, UNKNOWN) for key, (of_key, _) in keys.items())
        page = self._database.of_keys(reading.table, reading.shape, list(keys))
        found = {parsed(row.fingerprint)[0] for row in page.rows}
        gone = [key for key in keys if key not in found]
        deleted = [key for key in gone if key in landed]
        if page.rows:
            reading.land_rows([row.copied for row in page.rows], page.read_at)
        if deleted:
            reading.land_rows(deleted, page.read_at, DELETE, reading.table.key)
        reading.note(
            [
                *(row.fingerprint for row in page.rows),
                *(fingerprint(key, keys[key][0], DELETED) for key in gone),
            ]
        )
        self._found.changed_rows += len(page.rows)
        self._found.deleted_rows += len(deleted)
        self._told.tell(self._found.rows, self._found.rows)


def _differences(landed: dict[bytes, Hashes], seen: dict[bytes, Hashes]) -> Iterator[bytes]:
    """The keys whose rows are not as they have landed."""
    for key, hashes in landed.items():
        if key in seen:
            if seen[key] != hashes:
                yield key
        elif hashes[1] != DELETED:
            yield key
    yield from (key for key in seen if key not in landed)
