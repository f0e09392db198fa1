"""`python -m benchmarks.athena_cost`: what each kind of dbt run sends to Athena, and the bill.

Counted from the statements that the real adapter sent to the local Athena, by node.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.athena_bill import Growth, Kind, bill_table, growth_table, node_table, run_table
from benchmarks.athena_history import copy_history
from benchmarks.athena_record import (
    BUSY_RUN,
    COMPACT_RUN,
    DAILY_RUN,
    FAST_RUN,
    HOURLY_RUN,
    RECORD_FILE,
    UPKEEP_RUN,
    AthenaRecord,
    counted_run,
    write_record,
)
from benchmarks.athena_statements import (
    Cost,
    Requests,
    mean,
    mean_requests,
    read_log,
    requests_between,
    total,
)
from benchmarks.command import PROJECT, run, tool, work_folder
from benchmarks.history import DAYS_PER_MILLION, Arrival, built, increments, land_by_hour, run_at
from benchmarks.machine import commit, machine
from benchmarks.measure import run_child
from local_athena import LocalAthena
from retailpulse.cloud.athena_lake import (
    RAW_TABLE,
    AthenaLake,
    create_lake,
    find_athena_lake,
    first_arrival,
    raw_table,
    upload_raw,
)
from retailpulse.local.home import Home
from retailpulse.terminal import Terminal

RESULTS_FILE: Final = PROJECT / "benchmarks" / "athena-cost.md"

SHORT: Final = 1
LONG: Final = 10
# In as many days. More of them would be touched: orders go on changing for weeks.
BUSY: Final = 4

# Five minutes of a million events a day.
NEW_EVENTS: Final = 3_472

# The hour between two compactions: each run reads the small files of those before it besides. Which
# days late events are of differs from run to run, too.
FAST_RUNS: Final = 12

# Of these, as many as are compared with a long history.
COMPARED_RUNS: Final = 4

_MOST_BILLED: Final = 26
_MOST_BILLED_WITHOUT_NEWS: Final = 4
_MOST_DOLLARS: Final = 15.0
_MOST_GROWTH: Final = 1.2

_FAST: Final = ("build", "--selector", "fast")
_HOURLY: Final = ("test", "--selector", "hourly")
_COMPACT: Final = ("run-operation", "compact")
_DAILY: Final = ("build",)
_UPKEEP: Final = ("run-operation", "upkeep")


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run of dbt sent to Athena, by node, and to S3."""

    costs: Mapping[str, Cost]
    requests: Requests


def main() -> None:
    """Run, count and write the page."""
    terminal = Terminal()
    with _history(BUSY, terminal, busy=True) as lake:
        (busy,) = lake.fast_runs(terminal, 1)
    with _history(LONG, terminal) as lake:
        long = _mean(lake.fast_runs(terminal, COMPARED_RUNS))
    with _history(SHORT, terminal) as lake:
        runs = lake.fast_runs(terminal, FAST_RUNS)
        # The last events are read once more, a lookback later; then nothing is new.
        lake.pass_time(timedelta(hours=1))
        lake.dbt(terminal, *_FAST)
        lake.pass_time(timedelta(hours=1))
        nothing = lake.dbt(terminal, *_FAST)
        compact = lake.dbt(terminal, *_COMPACT, dated=False)
        hourly = lake.dbt(terminal, *_HOURLY)
        lake.upload(lake.home.raw)
        daily = lake.dbt(terminal, *_DAILY)
        upkeep = lake.dbt(terminal, *_UPKEEP, dated=False)
    kinds = [
        _kind(FAST_RUN, _FAST, _mean(runs), 24 * 12, _MOST_BILLED),
        _kind("fast, nothing new", _FAST, nothing, 0, _MOST_BILLED_WITHOUT_NEWS),
        _kind(HOURLY_RUN, _HOURLY, hourly, 24),
        _kind(COMPACT_RUN, _COMPACT, compact, 24),
        _kind(DAILY_RUN, _DAILY, daily, 1),
        _kind(UPKEEP_RUN, _UPKEEP, upkeep, 1),
    ]
    on_busy_days = _kind(BUSY_RUN, _FAST, busy, 24 * 12)
    measured = (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit([RESULTS_FILE, RECORD_FILE])}; {machine()}"
    )
    growth = Growth(_mean(runs[:COMPARED_RUNS]).costs, long.costs, _MOST_GROWTH)
    text = _page(kinds, runs, growth, on_busy_days, measured)
    RESULTS_FILE.write_text(text, encoding="utf-8")
    counted = [counted_run(kind, 1_000_000 // DAYS_PER_MILLION) for kind in kinds]
    counted.append(counted_run(on_busy_days, 1_000_000))
    write_record(AthenaRecord(measured, NEW_EVENTS, counted), RECORD_FILE)
    terminal.say(text)


@dataclass
class _Lake:
    """A lake on a local Athena, with a history, and the business's next events."""

    home: Home
    folder: Path
    athena: LocalAthena
    lake: AthenaLake
    waiting: list[Arrival]
    now: datetime

    def fast_runs(self, terminal: Terminal, count: int) -> list[_Run]:
        """Return what the next runs of the fast path send."""
        return [self._fast(terminal) for _ in range(count)]

    def _fast(self, terminal: Terminal) -> _Run:
        """Land the next events and run the fast path; return what it sent."""
        arrivals, self.waiting = self.waiting[:NEW_EVENTS], self.waiting[NEW_EVENTS:]
        new = self.folder / "new"
        for _ in land_by_hour(iter(arrivals), new / "raw"):
            pass
        self.upload(new / "raw")
        self.now = arrivals[-1].arrives_at
        return self.dbt(terminal, *_FAST)

    def pass_time(self, time: timedelta) -> None:
        """Let nothing happen for a while."""
        self.now += time

    def upload(self, raw: Path, since: date | None = None) -> None:
        """Bring raw objects to the lake: those that arrived since a day, or all."""
        upload_raw(raw, self.lake.raw, self.athena.client("s3"), since)

    def dbt(self, terminal: Terminal, *command: str, dated: bool = True) -> _Run:
        """Run dbt as a process; return what it sent."""
        before, requests_before = _lines(self.athena.statement_log), self.athena.s3_requests()
        dates = ("--vars", json.dumps({"run_at": run_at(self.now)})) if dated else ()
        with terminal.step(_command(command)):
            run_child(
                [tool("dbt"), *command, *dates],
                self.folder / "dbt.log",
                environment={
                    **self.athena.environment,
                    "RETAILPULSE_TARGET": "athena",
                    "DBT_PROFILES_DIR": str(PROJECT),
                    "DBT_TARGET_PATH": str(self.folder / "target"),
                    "DBT_LOG_PATH": str(self.folder / "logs"),
                },
                folder=PROJECT,
            )
        with self.athena.statement_log.open(encoding="utf-8") as log:
            costs = read_log(islice(log, before, None))
        all_of_them = total(costs)
        statements = all_of_them.billed + all_of_them.free
        return _Run(costs, requests_between(requests_before, self.athena.s3_requests(), statements))


@contextmanager
def _history(millions: int, terminal: Terminal, *, busy: bool = False) -> Iterator[_Lake]:
    """A local Athena with so many million events in its tables."""
    home = built(millions, terminal, busy=busy)
    folder = work_folder(f"athena-{home.root.name}")
    with LocalAthena(folder / "athena", report=terminal.say) as athena:
        lake = find_athena_lake({})
        template = (PROJECT / RAW_TABLE).read_text(encoding="utf-8")
        create_lake(
            lake,
            raw_table(template, lake.raw, first_arrival(home.raw)),
            athena.client("s3"),
            athena.client("glue"),
            athena.client("athena"),
        )
        waiting = increments(home.root)
        made = _Lake(home, folder, athena, lake, waiting, datetime(1970, 1, 2, tzinfo=UTC))
        made.dbt(terminal, "build", "--exclude-resource-type", "test")
        with terminal.step(f"Copying the tables of {millions} million events") as step:
            for part in copy_history(home, athena, lake):
                step.update(part)
        # What the fast path counts again: the last arrivals before the new ones.
        made.upload(home.raw, since=waiting[0].arrives_at.date() - timedelta(days=1))
        yield made


def _mean(runs: Sequence[_Run]) -> _Run:
    return _Run(mean([run.costs for run in runs]), mean_requests([run.requests for run in runs]))


def _kind(
    name: str, command: Sequence[str], run: _Run, runs_a_day: int, most_billed: int | None = None
) -> Kind:
    return Kind(name, _command(command), run.costs, runs_a_day, most_billed, run.requests)


def _page(
    kinds: Sequence[Kind], runs: Sequence[_Run], growth: Growth, busy: Kind, measured: str
) -> str:
    fast, *_ = kinds
    return "\n".join(
        [
            "# What Athena costs",
            "",
            f"`make bench-athena-cost`, {measured}.",
            "",
            "Statements and bytes are those that the unpatched dbt-athena adapter sent to the",
            "local Athena and that Trino read there, on a history of",
            f"{SHORT} million events in {SHORT * DAYS_PER_MILLION} days. A fast run gets",
            f"{NEW_EVENTS:,} new events, five minutes of a million a day, and is the mean of",
            f"{FAST_RUNS}, the hour between two compactions. Athena's price: USD 5 for 10^12",
            "bytes scanned, 10 MB (counted here as 10 MiB) at least for each billed statement;",
            "DDL is free. The bill has a fast run every five minutes, always with new events. The",
            "history lies in one file a partition, as compaction leaves it. Ids rise with time, as",
            "a shop's numbers do; by random ones an order is sought in more files. Requests to S3",
            "are Trino's, with nothing kept in memory from statement to statement, and two for",
            "each statement's result; they are not in this bill.",
            "",
            f"The days of this history have {1_000_000 // DAYS_PER_MILLION:,} events each, not the",
            "million of the bill: the new events are those of five minutes, but the partitions",
            "that they are merged into are smaller than that business's. How much that is, is",
            "[further down](#a-fast-run-on-days-of-a-million-events).",
            "",
            *bill_table(kinds, _MOST_DOLLARS),
            "",
            "## A fast run, node by node",
            "",
            *node_table(fast.costs),
            "",
            "## A fast run, by the runs since the last compaction",
            "",
            *run_table([(total(run.costs), run.requests) for run in runs]),
            "",
            f"## A fast run on {SHORT} and on {LONG} million events",
            "",
            f"The mean of the first {COMPARED_RUNS} runs after compaction.",
            "",
            *growth_table(
                growth,
                f"{SHORT} million, {SHORT * DAYS_PER_MILLION} days",
                f"{LONG} million, {LONG * DAYS_PER_MILLION} days",
            ),
            "",
            "## A fast run on days of a million events",
            "",
            f"The first after compaction, on a history of {BUSY} such days. On one of weeks more",
            "days have orders that change. At every five minutes these runs alone cost USD",
            f"{busy.dollars_a_month:.2f} in 31 days.",
            "",
            *node_table(busy.costs),
            "",
        ]
    )


def _command(arguments: Sequence[str]) -> str:
    return " ".join(("dbt", *arguments))


def _lines(log: Path) -> int:
    with log.open(encoding="utf-8") as file:
        return sum(1 for _ in file)


if __name__ == "__main__":
    run(main)
