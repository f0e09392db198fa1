"""A table of users that is pulled: its database, its raw zone, and what lies between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from ingestion.ingester import Ingester, utc_now
from ingestion.raw_zone import FolderRawZone, RawZone, StorageError
from ingestion.sources.databases import landed_keys, reconciliation
from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.pull import Pulled, pull
from ingestion.sources.databases.reading import Progress, Puller
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.state import TableState, decode_state
from ingestion.sources.state_store import FolderStateStore, Stored
from tests.support.databases.landed_rows import latest

USERS = Table("public", "users", ("id",), "updated_at", "shop_users")
SHOP = Source("shop", "postgresql", "SHOP_DATABASE_URL", (USERS,), page_rows=100)
CREATE_USERS = (
    "create table users (id bigint primary key, name text, city text, "
    "updated_at timestamptz not null default now())"
)
INDEX = "create index on users (updated_at)"


class Database(Protocol):
    """A database of any engine."""

    @property
    def reader(self) -> str:
        """The address for a puller."""

    def execute(self, *statements: str) -> None:
        """Execute statements, each in a transaction of its own."""

    def rows(self, query: str) -> list[Any]:
        """Return the rows of a query."""


class Home:
    """A raw zone and states, and a puller between them and a database."""

    def __init__(self, folder: Path, database: Database, source: Source = SHOP) -> None:
        self.source = source
        self.raw = folder / "raw"
        self.database = database
        self.states = FolderStateStore(folder / "pulled")
        self.zone: RawZone = FolderRawZone(self.raw)
        self.told: list[Progress] = []
        self.hours = 0

    @contextmanager
    def puller(self, source: Source | None = None) -> Iterator[Puller]:
        source = source or self.source
        with connect(source, self.database.reader) as session:
            session.check()
            yield Puller(
                source, session, Ingester(self.zone), self.states, self.told.append, self._clock
            )

    def _clock(self) -> datetime:
        return utc_now() + timedelta(hours=self.hours)

    def pull(self, source: Source | None = None, *, compare: bool = False) -> Pulled:
        with self.puller(source) as puller:
            return pull(puller, puller.source.tables[0], compare=compare)

    def state(self) -> TableState:
        stored = self.states.read("shop_users.json")
        assert stored is not None
        return decode_state(stored.body, "shop_users")

    def rows(self) -> dict[tuple[str, ...], tuple[str | None, ...]]:
        return {key: tuple(row.values()) for key, row in latest(self.raw).items()}


def compare_in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let buckets, ranges and batches have a few rows: a small table has many of them."""
    monkeypatch.setattr(landed_keys, "KEYS_OF_A_BUCKET", 20)
    monkeypatch.setattr(landed_keys, "_LINES_IN_MEMORY", 50)
    monkeypatch.setattr(reconciliation, "_ROWS_OF_A_RANGE", 70)
    monkeypatch.setattr(reconciliation, "_ROWS_BY_KEY", 30)


def add(home: Home, first: int, last: int) -> None:
    """Rows that are older than any overlap."""
    home.database.execute(
        "insert into users (id, name, updated_at) "
        "select id, 'user ' || id, now() - interval '1 day' "
        f"from generate_series({first}, {last}) as id"
    )


def texts(home: Home) -> dict[tuple[str, ...], tuple[str | None, ...]]:
    """What the table holds, in the database's own text."""
    rows = home.database.rows(
        "select id::text, name, city, "
        "to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') from users"
    )
    return {
        (row[0],): (row[0], row[1], row[2], f"{row[3].rstrip('0').rstrip('.')}+00") for row in rows
    }


def fail_over(home: Home) -> None:
    """Let the state be of another server."""
    stored = home.states.read("shop_users.json")
    assert stored is not None
    moved = stored.body.replace(home.state().server.encode(), b"postgresql/another/00000001")
    home.states.write("shop_users.json", moved, stored.tag)


class Dying(FolderStateStore):
    """Dies at its n-th write: before it, or right behind it."""

    def __init__(self, root: Path, at: int, *, behind: bool) -> None:
        super().__init__(root)
        self._left = at
        self._behind = behind

    def write(self, name: str, body: bytes, tag: str | None) -> Stored:
        self._left -= 1
        if self._left == 0:
            if self._behind:
                super().write(name, body, tag)
            raise StorageError("killed")
        return super().write(name, body, tag)


class DyingZone(FolderRawZone):
    """Dies at its n-th object: before it, or right behind it."""

    def __init__(self, root: Path, at: int, *, behind: bool) -> None:
        super().__init__(root)
        self._left = at
        self._behind = behind

    def put(self, key: str, body: bytes) -> None:
        self._left -= 1
        if self._left == 0 and self._behind:
            super().put(key, body)
        if self._left <= 0:
            raise Killed
        super().put(key, body)


class Killed(BaseException):
    """What nobody handles."""
