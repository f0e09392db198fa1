"""Writers that make polling hard: full speed, transactions held open, savepoints, odd clocks.

Each row is written by one kind of writer, so that it can be told which of them a puller missed.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
import pymysql

ROWS = 40_000
"""How many rows the table has, where nobody wants more."""

OVERLAP_SECONDS = 2
"""More than a clock is behind, and less than a transaction is held open."""


@dataclass(frozen=True)
class _Rows:
    """The rows of the table.

    Attributes:
        count: How many there are at first.
        take: Gives the ids of some that nobody else writes.
    """

    count: int
    take: Callable[[int], list[int]]


class Writing(Protocol):
    """A session that writes, of any engine."""

    now: str
    """The time of a transaction or of a statement, in the engine's SQL."""

    def run(self, statement: str) -> None:
        """Run a statement, in a transaction that is begun with the first."""

    def commit(self) -> None:
        """End the transaction."""

    def earlier(self, seconds: float) -> str:
        """Return the time so long ago, in the engine's SQL."""

    def close(self) -> None:
        """End the session."""


class Postgresql:
    """A session with PostgreSQL."""

    now = "now()"

    @staticmethod
    def create(rows: int = ROWS) -> tuple[str, ...]:
        """Return the statements that make the table."""
        return (
            "create table race (id bigint primary key, version bigint not null, note text, "
            "updated_at timestamptz not null default now())",
            "insert into race select id, 0, 'row ' || id, now() - interval '1 day' "
            f"from generate_series(1, {rows}) as id",
            "create index on race (updated_at)",
            "analyze race",
        )

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address)

    def run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def commit(self) -> None:
        self._connection.commit()

    def earlier(self, seconds: float) -> str:
        return f"clock_timestamp() - interval '{seconds:.3f} seconds'"

    def close(self) -> None:
        self._connection.close()


class Mariadb:
    """A session with MariaDB."""

    now = "now(6)"

    @staticmethod
    def create(rows: int = ROWS) -> tuple[str, ...]:
        """Return the statements that make the table."""
        return (
            "create table race (id bigint primary key, version bigint not null, note text, "
            "updated_at timestamp(6) not null default now(6), index (updated_at))",
            "insert into race select seq, 0, concat('row ', seq), now() - interval 1 day "
            f"from seq_1_to_{rows}",
            "analyze table race",
        )

    def __init__(self, connection: pymysql.Connection[Any]) -> None:
        self._connection = connection
        self._connection.autocommit(False)

    def run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def commit(self) -> None:
        self._connection.commit()

    def earlier(self, seconds: float) -> str:
        return f"sysdate(6) - interval {round(seconds * 1e6)} microsecond"

    def close(self) -> None:
        self._connection.close()


_Writer = Callable[[Writing, _Rows, random.Random], None]


def _update(writing: Writing, ids: list[int], at: str | None = None) -> None:
    writing.run(
        f"update race set version = version + 1, updated_at = {at or writing.now} "
        f"where {_among(ids)}"
    )


def _among(ids: list[int]) -> str:
    return f"id in ({', '.join(map(str, ids))})"


def _quick(writing: Writing, rows: _Rows, _: random.Random) -> None:
    _update(writing, rows.take(1))
    writing.commit()
    # Else an engine that writes to memory alone has soon written every row.
    time.sleep(0.002)


def _flood(writing: Writing, rows: _Rows, _: random.Random) -> None:
    _update(writing, rows.take(max(1_500, rows.count // 200)))
    writing.commit()
    time.sleep(0.5)


def _late(writing: Writing, rows: _Rows, some: random.Random) -> None:
    _update(writing, rows.take(5))
    time.sleep(some.uniform(2.5, 4))
    writing.commit()


def _with_savepoints(writing: Writing, rows: _Rows, some: random.Random) -> None:
    _update(writing, rows.take(1))
    for _ in range(3):
        time.sleep(some.uniform(0.05, 0.3))
        writing.run("savepoint later")
        _update(writing, rows.take(1))
        writing.run("release savepoint later")
    time.sleep(some.uniform(2, 3))
    writing.commit()


def _rolling_back(writing: Writing, rows: _Rows, some: random.Random) -> None:
    ids = rows.take(3)
    _update(writing, ids[:1])
    writing.run("savepoint later")
    _update(writing, ids[1:])
    writing.run("rollback to savepoint later")
    if some.random() < 0.5:
        writing.run("rollback")
    writing.commit()
    time.sleep(0.05)


def _begun_early(writing: Writing, rows: _Rows, some: random.Random) -> None:
    writing.run(f"select {writing.now} from race limit 1")
    time.sleep(some.uniform(2.5, 4))
    _update(writing, rows.take(5))
    writing.commit()


def _clock_behind(writing: Writing, rows: _Rows, some: random.Random) -> None:
    _update(writing, rows.take(2), writing.earlier(some.uniform(0.5, 1.5)))
    writing.commit()
    time.sleep(0.002)


def _again_and_again(writing: Writing, rows: _Rows, some: random.Random) -> None:
    """The same row from one transaction to the next, which of two reads the later must win."""
    [row] = rows.take(1)
    for _ in range(20):
        _update(writing, [row])
        writing.commit()
        time.sleep(some.uniform(0, 0.03))


def _leaving_the_cursor_alone(writing: Writing, rows: _Rows, some: random.Random) -> None:
    writing.run(
        f"update race set version = version + 1 where {_among(rows.take(some.randint(1, 5)))}"
    )
    writing.commit()
    time.sleep(0.1)


def _deleting(writing: Writing, rows: _Rows, some: random.Random) -> None:
    ids = rows.take(some.randint(1, 5))
    _update(writing, ids)
    writing.commit()
    time.sleep(some.uniform(0, 0.3))
    writing.run(f"delete from race where {_among(ids)}")
    writing.commit()


def _changing_keys(writing: Writing, rows: _Rows, some: random.Random) -> None:
    writing.run(
        f"update race set id = id + {rows.count}, version = version + 1, "
        f"updated_at = {writing.now} where {_among(rows.take(some.randint(1, 5)))}"
    )
    writing.commit()
    time.sleep(0.1)


SEEN: tuple[_Writer, ...] = (
    *(_quick, _flood, _late, _late, _with_savepoints, _begun_early, _begun_early),
    *(_clock_behind, _again_and_again, _rolling_back),
)
"""What the next pull finds."""

UNSEEN: tuple[_Writer, ...] = (_leaving_the_cursor_alone, _deleting, _changing_keys)
"""What a comparison finds."""


@dataclass
class Race:
    """What the writers have done so far.

    Attributes:
        changes: Rows written, by the writer's name.
        unseen: The ids of those that polling cannot see all of.
    """

    changes: Counter[str] = field(default_factory=Counter)
    unseen: set[int] = field(default_factory=set)

    def total(self) -> int:
        """All rows written."""
        return self.changes.total()


@contextmanager
def writers(connect: Callable[[], Writing], seed: int, rows: int = ROWS) -> Iterator[Race]:
    """Let all writers write while the block runs; all have committed when it ends.

    Args:
        connect: Gives a writer's session.
        seed: What decides who writes which rows.
        rows: How many the table has.
    """
    race = Race()
    ids = iter(random.Random(seed).sample(range(1, rows + 1), rows))
    lock = threading.Lock()
    ended = threading.Event()
    errors: list[BaseException] = []

    def run(number: int, kind: _Writer) -> None:
        def take(count: int) -> list[int]:
            with lock:
                taken = [next(ids) for _ in range(count)]
                race.changes[kind.__name__] += count
                if kind in UNSEEN:
                    race.unseen.update(taken)
            return taken

        some = random.Random(seed + number)
        try:
            with closing(connect()) as writing:
                while not ended.is_set():
                    kind(writing, _Rows(rows, take), some)
        except StopIteration:
            # Every row has been written.
            pass
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=run, args=(number, kind), daemon=True)
        for number, kind in enumerate((*SEEN, *UNSEEN))
    ]
    for thread in threads:
        thread.start()
    try:
        yield race
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)
    assert not errors, errors
