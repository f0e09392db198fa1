"""How many rows a server returns for each that was changed, pull by pull."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from benchmarks.database_servers import Server
from benchmarks.sales_table import source_of
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.databases.database import Database, Page, Shape
from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.settings import Table
from ingestion.sources.databases.state import Watermark
from ingestion.sources.state_store import FolderStateStore
from tests.support.databases.writers import Writing

OVERLAP_SECONDS: Final = 10
PULL_SECONDS: Final = 5
HELD_SECONDS: Final = 12

_PULLS: Final = 12
# In these there is less to read again: changes began with the first.
_FIRST_PULLS: Final = 5
_ROWS_AT_ONCE: Final = 50
_SECONDS_BETWEEN: Final = 0.05


@dataclass(frozen=True, slots=True)
class Returned:
    """What a server returned.

    Attributes:
        changes: Rows that were changed, each once.
        rows: Rows that pulls were given for them.
        age_seconds: How old the oldest transaction was at a pull, on average.
    """

    changes: int
    rows: int
    age_seconds: float

    @property
    def bound(self) -> float:
        """How many rows a change may take at most: its own, and those that are read again."""
        return 1 + (OVERLAP_SECONDS + self.age_seconds) / PULL_SECONDS


def returned_rows(server: Server, folder: Path, rows: int) -> Returned:
    """Pull a table that is being written to, every few seconds, in about a minute.

    Args:
        server: The server; its table is changed.
        folder: An empty folder.
        rows: How many rows the table has.
    """
    source = replace(source_of(server.engine), overlap_seconds=OVERLAP_SECONDS)
    business = _Business(rows)
    seen: list[tuple[int, int, float]] = []
    with connect(source, server.database.reader) as session, ThreadPoolExecutor(2) as threads:
        counted = _Counted(session)
        puller = Puller(
            source,
            cast(Database, counted),
            Ingester(FolderRawZone(folder / "raw")),
            FolderStateStore(folder / "pulled"),
        )
        pull(puller, source.tables[0])
        running = [
            threads.submit(business.change, server.writing()),
            threads.submit(business.hold, server.writing()),
        ]
        try:
            started = time.monotonic()
            for number in range(1, _PULLS + 1):
                time.sleep(max(0.0, started + number * PULL_SECONDS - time.monotonic()))
                seen.append((business.changes, counted.rows, business.age()))
                pull(puller, source.tables[0])
        finally:
            business.ended.set()
        for each in running:
            each.result()
    # Each has what there was before a pull: so many changes, and what was returned of them.
    measured = seen[_FIRST_PULLS:]
    (first_changes, first_rows, _), (last_changes, last_rows, _) = measured[0], measured[-1]
    return Returned(
        last_changes - first_changes,
        last_rows - first_rows,
        statistics.mean(age for _, _, age in measured),
    )


@dataclass(slots=True)
class _Business:
    """Changes each row once, one after the other, beside a transaction that is held open.

    Attributes:
        rows: How many rows there are.
        changes: How many have been changed.
        ended: Ends it.
    """

    rows: int
    changes: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    _began: float = field(default_factory=time.monotonic)

    def change(self, writing: Writing) -> None:
        with closing(writing):
            while not self.ended.is_set():
                first = self.changes + 1
                writing.run(
                    f"update sales set quantity = quantity + 1, updated_at = {writing.now} "  # noqa: S608
                    f"where sale_id between {first} and {first + _ROWS_AT_ONCE - 1}"
                )
                writing.commit()
                self.changes += _ROWS_AT_ONCE
                self.ended.wait(_SECONDS_BETWEEN)

    def hold(self, writing: Writing) -> None:
        with closing(writing):
            while not self.ended.is_set():
                self._began = time.monotonic()
                writing.run(
                    f"update sales set quantity = quantity + 1 where sale_id = {self.rows}"  # noqa: S608
                )
                self.ended.wait(HELD_SECONDS)
                writing.commit()

    def age(self) -> float:
        """How old the transaction is that is held open."""
        return time.monotonic() - self._began


class _Counted:
    """A database that counts what it returns as changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rows = 0

    def changed(
        self,
        table: Table,
        shape: Shape,
        since: Watermark,
        overlap_seconds: int,
        after: Sequence[str] | None,
        rows: int,
    ) -> Page:
        page = self._database.changed(table, shape, since, overlap_seconds, after, rows)
        self.rows += len(page.rows)
        return page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)
