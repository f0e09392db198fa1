"""Comparing a table with what has landed of it: what polling cannot see is found and landed.

These are rows that are gone, keys that have changed, and rows that were updated without their
cursor. First the rows of each bucket of keys are compared by a checksum, in one walk along the key;
then, in a second, the rows of those buckets that differ, one by one. What differs is read by its
key, all at one moment, and lands: as it is, or as deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec.structs import replace

from ingestion.sources.databases.database import Checksum, KeyRange
from ingestion.sources.databases.landed_keys import (
    DELETED,
    UNKNOWN,
    Hashes,
    Spool,
    checksum,
    fingerprint,
    parsed,
)
from ingestion.sources.databases.reading import Activity, Progress, TableReading
from ingestion.sources.databases.row_lines import DELETE, unescaped
from ingestion.sources.databases.state import TableState

# A row is compared in about a microsecond of the server's time.
_ROWS_OF_A_RANGE: Final = 50_000
_ROWS_BY_KEY: Final = 1_000


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


def reconcile(reading: TableReading, state: TableState) -> Reconciled:
    """Compare a table with what has landed of it, and land what differs.

    Raises:
        SourceError: The table cannot be read as it is, or rows could not be landed.
        PullerMovedError: Another puller reads the same table.
        StorageError: What is known of it could not be read or written.
    """
    with TemporaryDirectory(prefix="retailpulse-") as scratch:
        return _Reconciliation(reading, state, Path(scratch)).run()


class _Reconciliation:
    def __init__(self, reading: TableReading, state: TableState, scratch: Path) -> None:
        self._reading = reading
        self._database = reading.puller.database
        self._state = state
        self._scratch = scratch
        self._started = reading.puller.monotonic()
        self._expected = reading.puller.database.row_estimate(reading.shape)
        self._found = Reconciled()

    def run(self) -> Reconciled:
        reading = self._reading
        begun_at = reading.puller.clock()
        state = reading.begin(self._state)
        base = reading.position()
        known, names = reading.keys.gathered(base, state.base, self._scratch / "landed")
        reading.keys.write_base(base, known, names)
        state = reading.write(replace(state, base=base))
        reading.keys.delete_taken(base, names)
        differing = self._differing(known)
        if differing:
            seen = self._seen(known.buckets, differing)
            for bucket in differing:
                self._land_differences(known.read(bucket), seen.read(bucket))
        reading.write(replace(state, reconciled_at=begun_at))
        return self._found

    def _differing(self, known: Spool) -> list[int]:
        """The buckets whose rows are not those that have landed."""
        sums: dict[int, Checksum] = {}
        for keys in self._ranges():
            found = self._database.checksums(
                self._reading.table, self._reading.shape, keys, known.buckets
            )
            for bucket, one in found.items():
                sums[bucket] = sums.get(bucket, Checksum()) + one
                self._found.compared_rows += one.rows
            self._tell(self._found.compared_rows)
        return [
            bucket
            for bucket in range(known.buckets)
            if checksum(known.read(bucket)) != sums.get(bucket, Checksum())
        ]

    def _seen(self, buckets: int, wanted: Sequence[int]) -> Spool:
        """The fingerprints of the rows in some buckets."""
        seen = Spool(self._scratch / "seen", buckets)
        rows = 0
        for keys in self._ranges():
            found = self._database.fingerprints(
                self._reading.table, self._reading.shape, keys, buckets, wanted
            )
            seen.add(found)
            rows += len(found)
            self._tell(rows)
        return seen

    def _ranges(self) -> Iterator[KeyRange]:
        """All keys of the table, range by range."""
        reading = self._reading
        limit = reading.puller.source.rows_per_second
        rows = min(_ROWS_OF_A_RANGE, limit or _ROWS_OF_A_RANGE)
        after = None
        while True:
            started = reading.puller.monotonic()
            keys = self._database.key_range(reading.table, reading.shape, after, rows)
            yield keys
            if keys.until is None:
                return
            reading.pace(rows, started)
            after = keys.until

    def _land_differences(self, landed: dict[bytes, Hashes], seen: dict[bytes, Hashes]) -> None:
        differing = iter(_differences(landed, seen))
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
        page = self._database.of_keys(
            reading.table,
            reading.shape,
            [[unescaped(text) for text in key.split(b"\t")] for key in keys],
        )
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
        self._tell(self._found.rows)

    def _tell(self, rows: int) -> None:
        puller = self._reading.puller
        seconds = puller.monotonic() - self._started
        puller.tell(Progress(Activity.COMPARISON, rows, rows, self._expected, seconds))


def _differences(landed: dict[bytes, Hashes], seen: dict[bytes, Hashes]) -> Iterator[bytes]:
    """The keys whose rows are not as they have landed."""
    for key, hashes in landed.items():
        if key in seen:
            if seen[key] != hashes:
                yield key
        elif hashes[1] != DELETED:
            yield key
    yield from (key for key in seen if key not in landed)
