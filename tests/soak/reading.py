"""A reader of gold in a process of its own, and what it must never see."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse
from tests.support.road.lakehouse import PROJECT
from tests.support.road.watching import QUERIES, Answer

_PAUSE_SECONDS = 0.2
# Nobody tells a reader if who started it is gone.
_LONGEST_SECONDS = 20 * 60


@dataclass
class Seen:
    """What a reader met.

    Attributes:
        answers: those to each query in their order, without repetitions.
        errors: what each poll that failed said.
        seconds: how long each poll took: to open the lakehouse, and all queries.
    """

    answers: dict[str, list[Answer]] = field(default_factory=lambda: {name: [] for name in QUERIES})
    errors: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def read_until(stop: Path, root: Path) -> Seen:
    """Read gold as the command line does, again and again, until there is a file `stop`."""
    seen, home = Seen(), Home(PROJECT, root)
    ends_at = time.monotonic() + _LONGEST_SECONDS
    while not stop.exists() and time.monotonic() < ends_at:
        began = time.monotonic()
        try:
            with open_lakehouse(home) as connection:
                _poll(connection, seen)
            seen.seconds.append(time.monotonic() - began)
        except duckdb.Error as error:
            seen.errors.append(str(error))
        time.sleep(_PAUSE_SECONDS)
    return seen


def _poll(connection: duckdb.DuckDBPyConnection, seen: Seen) -> None:
    for name, query in QUERIES.items():
        answer = connection.execute(query).fetchone()
        if seen.answers[name][-1:] != [answer]:
            seen.answers[name].append(answer)


def first_wrong(answers: Sequence[Answer], committed: Sequence[Answer]) -> str:
    """What is wrong with answers that should be committed states, in their order; '' if nothing."""
    newest = -1
    for answer in answers:
        if answer not in committed:
            return f"{answer} was never committed"
        place = committed.index(answer)
        if place < newest:
            return f"{answer}, number {place}, came after number {newest}"
        newest = place
    return ""
