"""Writers that make polling hard: full speed, transactions held open, savepoints, odd clocks.

Each row is written by one kind of writer, so that it can be told which of them a puller missed.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

ROWS = 40_000
CREATE = (
    "create table race (id bigint primary key, version bigint not null, note text, "
    "updated_at timestamptz not null default now())",
    "insert into race select id, 0, 'row ' || id, now() - interval '1 day' "
    f"from generate_series(1, {ROWS}) as id",
    "create index on race (updated_at)",
    "analyze race",
)

_UPDATE = "update race set version = version + 1, updated_at = {} where id = any(%s)"
_NOW = _UPDATE.format("now()")

OVERLAP_SECONDS = 2
"""More than a clock is behind, and less than a transaction is held open."""

# A connection, and a function that gives ids nobody else writes.
_Take = Callable[[int], list[int]]
_Writer = Callable[[psycopg.Connection, _Take, random.Random], None]


def _quick(connection: psycopg.Connection, take: _Take, _: random.Random) -> None:
    connection.execute(_NOW, (take(1),))
    connection.commit()


def _flood(connection: psycopg.Connection, take: _Take, _: random.Random) -> None:
    connection.execute(_NOW, (take(1_500),))
    connection.commit()
    time.sleep(0.5)


def _late(connection: psycopg.Connection, take: _Take, some: random.Random) -> None:
    connection.execute(_NOW, (take(5),))
    time.sleep(some.uniform(2.5, 4))
    connection.commit()


def _with_savepoints(connection: psycopg.Connection, take: _Take, some: random.Random) -> None:
    connection.execute(_NOW, (take(1),))
    for _ in range(3):
        time.sleep(some.uniform(0.05, 0.3))
        connection.execute("savepoint later")
        connection.execute(_NOW, (take(1),))
        connection.execute("release savepoint later")
    time.sleep(some.uniform(2, 3))
    connection.commit()


def _begun_early(connection: psycopg.Connection, take: _Take, some: random.Random) -> None:
    connection.execute("select now()")
    time.sleep(some.uniform(2.5, 4))
    connection.execute(_NOW, (take(5),))
    connection.commit()


def _clock_behind(connection: psycopg.Connection, take: _Take, some: random.Random) -> None:
    behind = f"clock_timestamp() - interval '{some.uniform(0.5, 1.5):.3f} seconds'"
    connection.execute(_UPDATE.format(behind).encode(), (take(2),))
    connection.commit()


def _again_and_again(connection: psycopg.Connection, take: _Take, some: random.Random) -> None:
    """The same row from one transaction to the next, which of two reads the later must win."""
    [row] = take(1)
    for _ in range(20):
        connection.execute(_NOW, ([row],))
        connection.commit()
        time.sleep(some.uniform(0, 0.03))


def _leaving_the_cursor_alone(
    connection: psycopg.Connection, take: _Take, some: random.Random
) -> None:
    connection.execute(
        "update race set version = version + 1 where id = any(%s)", (take(some.randint(1, 5)),)
    )
    connection.commit()
    time.sleep(0.1)


def _deleting(connection: psycopg.Connection, take: _Take, some: random.Random) -> None:
    ids = take(some.randint(1, 5))
    connection.execute(_NOW, (ids,))
    connection.commit()
    time.sleep(some.uniform(0, 0.3))
    connection.execute("delete from race where id = any(%s)", (ids,))
    connection.commit()


def _changing_keys(connection: psycopg.Connection, take: _Take, some: random.Random) -> None:
    connection.execute(
        f"update race set id = id + {ROWS}, version = version + 1, updated_at = now() "
        "where id = any(%s)",
        (take(some.randint(1, 5)),),
    )
    connection.commit()
    time.sleep(0.1)


SEEN: tuple[_Writer, ...] = (
    *(_quick, _flood, _late, _late, _with_savepoints, _begun_early, _begun_early),
    *(_clock_behind, _again_and_again),
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
def writers(address: str, seed: int) -> Iterator[Race]:
    """Let all writers write while the block runs; all have committed when it ends."""
    race = Race()
    ids = iter(random.Random(seed).sample(range(1, ROWS + 1), ROWS))
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
            with psycopg.connect(address) as connection:
                while not ended.is_set():
                    kind(connection, take, some)
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
