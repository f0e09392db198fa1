"""Somebody who reads gold all the while, and every state that gold was ever seen in."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import duckdb

from tests.support.road.lakehouse import Lakehouse

Answer = tuple[Any, ...] | None
"""What a query gave; None where its table was not there."""

QUERIES = {
    "fact_orders": "select count(*), sum(order_amount) from retailpulse.fact_orders",
    "agg_daily_revenue": (
        "select sum(order_count), sum(gross_revenue) from retailpulse.agg_daily_revenue"
    ),
    "agg_order_status": (
        "select sum(order_count), sum(order_amount) from retailpulse.agg_order_status"
    ),
    "reject_reasons": "select count(*) from retailpulse_silver.reject_reasons",
    "dim_dates": "select count(*), max(date_day) from retailpulse.dim_dates",
}
_POLLS_A_CONNECTION = 10
_NOTHING_TO_ATTACH = ("does not exist", "unable to open database file")


@dataclass
class Seen:
    """What a reader of gold met: the answers in their order, without repetitions, and errors."""

    answers: dict[str, list[Answer]] = field(default_factory=lambda: {name: [] for name in QUERIES})
    errors: list[str] = field(default_factory=list)
    polls: int = 0


def gold_totals(lakehouse: Lakehouse) -> dict[str, Answer]:
    """What a reader of the latest state gets."""
    with lakehouse.connect() as connection:
        return {name: _ask(connection, query) for name, query in QUERIES.items()}


def gold_states(lakehouse: Lakehouse) -> dict[str, list[Answer]]:
    """What a reader could have got at any moment: the answer of every snapshot there is."""
    states: dict[str, list[Answer]] = {name: [] for name in QUERIES}
    snapshots = lakehouse.query(
        "select snapshot_id from ducklake_snapshots('lakehouse') order by snapshot_id"
    )
    with duckdb.connect() as connection:
        connection.execute("load ducklake; load sqlite")
        for (snapshot,) in snapshots:
            lakehouse.attach(connection, "read_only", f"snapshot_version {snapshot}")
            for name, query in QUERIES.items():
                _append(states[name], _ask(connection, query))
            connection.execute("use memory; detach lakehouse")
    return states


@contextmanager
def polled(lakehouse: Lakehouse) -> Iterator[Seen]:
    """Read gold without pause, with connections of one's own; what was seen is told at the end.

    In a process of its own: where Python's SQLite and DuckDB's are in one, the end of a connection
    of either takes the other's locks away (sqlite.org/howtocorrupt.html, 2.2.1). Whoever closes the
    catalog next takes himself for the last, and deletes the log that is being read: a disk I/O
    error.
    """
    spawning = multiprocessing.get_context("spawn")
    ready, stop, told = spawning.Event(), spawning.Event(), spawning.Queue()
    reader = spawning.Process(target=_poll, args=(lakehouse.home, ready, stop, told), daemon=True)
    reader.start()
    seen = Seen()
    try:
        assert ready.wait(60), "the reader does not start"
        yield seen
    finally:
        stop.set()
        found = told.get(timeout=60)
        seen.answers, seen.errors, seen.polls = found.answers, found.errors, found.polls
        reader.join(60)


def _poll(home: Path, ready: Event, stop: Event, told: Queue[Seen]) -> None:
    lakehouse, seen = Lakehouse(home), Seen()
    ready.set()
    while not stop.is_set():
        try:
            with lakehouse.connect() as connection:
                # The build needs the other core.
                connection.execute("set threads = 1")
                for _ in range(_POLLS_A_CONNECTION):
                    for name, query in QUERIES.items():
                        _append(seen.answers[name], _ask(connection, query))
                    seen.polls += 1
        except duckdb.Error as error:
            was_there = any(seen.answers.values())
            if was_there or not any(text in str(error) for text in _NOTHING_TO_ATTACH):
                seen.errors.append(str(error))
    told.put(seen)


def _ask(connection: duckdb.DuckDBPyConnection, query: str) -> Answer:
    try:
        return connection.execute(query).fetchone()
    except duckdb.CatalogException:
        return None


def _append(answers: list[Answer], answer: Answer) -> None:
    if answers[-1:] != [answer]:
        answers.append(answer)
