"""`python -m benchmarks.query`: the first question to gold after ten million events."""

from __future__ import annotations

import time
from calendar import monthrange
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

import duckdb

from benchmarks.command import BenchmarkError, run, work_folder
from benchmarks.history import built
from benchmarks.incremental import LONG
from benchmarks.measure import Spread, number
from benchmarks.results import Row, Section, publish
from retailpulse.commands.live_state import weighted_percentile
from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse
from retailpulse.terminal import Terminal

_TIMES: Final = 60
_GOAL_MS: Final = 100.0
# Bounds are dates, as docs/connect-your-tools.md says: `date + interval` is a timestamp, by which
# DuckDB leaves no later file out (6 files instead of 1 of each table).
_MONTH: Final = """
    select event_date, currency_code, daily_revenue
    from retailpulse.agg_daily_revenue
    where event_date between $first and $last
    order by event_date, currency_code
"""
_DAILY_REVENUE: Final = """
    create schema retailpulse;
    create table retailpulse.fact_orders as from lakehouse.retailpulse.fact_orders;
    create table retailpulse.fact_refunds as
    select refunds.*
    from lakehouse.retailpulse.fact_refunds as refunds
    left join lakehouse.retailpulse_silver.orders as orders using (system, order_id)
    where coalesce(orders.status, '') <> 'CANCELLED' and not coalesce(orders.is_test, false);
    create view retailpulse.agg_daily_revenue as
    select
        event_date,
        currency_code,
        sum(amount) as daily_revenue
    from (
        select
            event_date,
            currency_code,
            case when status = 'CANCELLED' then 0 else order_amount end as amount
        from retailpulse.fact_orders
        union all
        select event_date, currency_code, -refund_amount from retailpulse.fact_refunds
    )
    group by event_date, currency_code;
"""


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    home = built(LONG, terminal)
    file = work_folder("query") / "plain.duckdb"
    with terminal.step("Copying the orders to a plain DuckDB file (not measured)"):
        _copy(home, file)
    asked = Random(1)  # noqa: S311 - no secret
    # The last months of the history are not whole.
    months = [date(2026, asked.randint(1, 9), 1) for _ in range(_TIMES)]
    ours: list[tuple[float, float]] = []
    plain: list[tuple[float, float]] = []
    with terminal.step("Asking for the daily revenue of a month") as step:
        for number_asked, month in enumerate(months, start=1):
            step.update(f"{number_asked} of {_TIMES}")
            *our_ms, told = _ask_lakehouse(home, month)
            *plain_ms, expected = _ask_plain(file, month)
            if told != expected:
                raise BenchmarkError(f"the two do not agree on the revenue of {month:%B %Y}")
            ours.append((our_ms[0], our_ms[1]))
            plain.append((plain_ms[0], plain_ms[1]))
    publish(
        Section(
            "query",
            f"First query on gold after {LONG} million events",
            "make bench-query",
            [
                _row(
                    "daily revenue of one month, the first query of a new connection",
                    ours,
                    plain,
                    part=1,
                    goal=True,
                ),
                _row("the same with opening the connection", ours, plain, part=0),
            ],
            [
                f"{_TIMES} new connections, each asked once, for a month of the year by chance. "
                "The baseline is a plain DuckDB file with the same orders and refunds, which "
                "nobody else can read while it is written. The files are in the system's cache.",
            ],
        ),
        terminal,
    )


def _row(
    figure: str,
    ours: list[tuple[float, float]],
    plain: list[tuple[float, float]],
    *,
    part: int,
    goal: bool = False,
) -> Row:
    our, other = (Spread(tuple(each[part] for each in both)) for both in (ours, plain))
    p95 = _p95(our)
    return Row(
        figure,
        f"p95 {number(p95)} ms, median {our.text('ms')}",
        f"p95 {number(_p95(other))} ms, median {other.text('ms')}",
        f"{p95 / _p95(other):.1f} ×",
        f"p95 ≤ {_GOAL_MS:g} ms" if goal else "",
        p95 <= _GOAL_MS if goal else None,
    )


def _p95(spread: Spread) -> float:
    value = weighted_percentile([(each, 1) for each in spread.values], 0.95)
    assert value is not None, "a spread has one value at least"  # noqa: S101
    return value


Answer = list[tuple[object, ...]]


def _ask_lakehouse(home: Home, month: date) -> tuple[float, float, Answer]:
    started = time.perf_counter()
    with open_lakehouse(home) as connection:
        return _asked(connection, month, started)


def _ask_plain(file: Path, month: date) -> tuple[float, float, Answer]:
    started = time.perf_counter()
    with duckdb.connect(file, read_only=True) as connection:
        return _asked(connection, month, started)


def _asked(
    connection: duckdb.DuckDBPyConnection, month: date, started: float
) -> tuple[float, float, Answer]:
    """Return milliseconds since `started`, milliseconds of the query alone, and its answer."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    opened = time.perf_counter()
    answer = connection.execute(_MONTH, {"first": month, "last": last}).fetchall()
    ended = time.perf_counter()
    return (ended - started) * 1e3, (ended - opened) * 1e3, answer


def _copy(home: Home, file: Path) -> None:
    with duckdb.connect(file) as connection:
        connection.execute("load ducklake; load sqlite")
        connection.execute(
            f"attach 'ducklake:sqlite:{home.catalog}' as lakehouse "
            f"(read_only, data_path '{home.data}/', override_data_path true)"
        )
        connection.execute(_DAILY_REVENUE)


if __name__ == "__main__":
    run(main)
