"""The page of what Athena costs, from the record: pure text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Final

from benchmarks.athena_case import CASES, FAST_RUNS, LONG, QUIET, RUNS_A_DAY, SMALL, Case
from benchmarks.athena_record import AthenaRecord, CountedCase, CountedRun, Counts, total
from benchmarks.athena_statements import Statement
from benchmarks.tables import page_table
from simulator.deliveries import LATE_AFTER_US, LATEST_US
from simulator.settings import Faults
from simulator.times import DAY_US, HOUR_US

DAYS: Final = 31
MOST_BILLED: Final = 10
MOST_BILLED_WITHOUT_NEWS: Final = 3
MOST_GROWTH: Final = 1.2

_RUN_COLUMNS: Final = (
    "billed statements",
    "free",
    "scanned MB",
    "billed MB",
    "S3 PUT, LIST",
    "S3 GET",
    "of them raw",
    "Glue",
)


def page(record: AthenaRecord) -> str:
    """Return the page."""
    return "\n".join(
        [
            "# What Athena costs",
            "",
            "`make bench-athena-cost` counts it, case by case (`CASES=33k-rising` for one).",
            "Statements, bytes and requests are those that the unpatched dbt-athena adapter sent",
            "to the local Athena, and that Trino and dbt sent to S3 and Glue for them, with",
            "nothing kept in memory from statement to statement. Two PUTs are added for each",
            "statement's result. dbt runs with one thread, so that each request is known to be a",
            "statement's; what it sends is the same with four.",
            "",
            f"Each business runs its fast path every five minutes. {FAST_RUNS} runs are counted,",
            "the hour between two compactions, after an hour that came alike; each gets the new",
            "events of five minutes in as many raw objects as Lambda would make of them. The rows",
            "of its history were built by DuckDB, copied in the order in which they were last",
            "written, and compacted.",
            "",
            *_late(),
            "",
            "Ids rise with time, as a shop's numbers do, or are UUIDs of version 4 (orders,",
            "customers, events): then an order is sought in more files. How far back dbt compares",
            "what arrives is a variable of dbt_project.yml, named with each case.",
            "",
            "Nothing comes to the case quiet: its runs are those in the middle of an idle month,",
            "half a day after a daily run.",
            "",
            "USD are Athena's: 5 for 10^12 bytes scanned, 10 MB (counted here as 10 MiB) at least",
            "for each billed statement; DDL is free. S3, Glue and the rest are in",
            "[cloud-cost.md](cloud-cost.md).",
            "",
            "## The cases",
            "",
            "A fast run, in the mean, and a month of all runs.",
            "",
            *page_table(
                ["case", "a day", "days", "ids", "new events", *_RUN_COLUMNS, "USD in 31 days"],
                [_case_row(case, record.find(case.name)) for case in CASES.values()],
            ),
            "",
            *_goals(record),
            "",
            *(line for case in record.cases for line in _case(case)),
        ]
    )


def month(case: CountedCase) -> float:
    """Return what Athena's part of a case's month costs, in USD."""
    return DAYS * (
        RUNS_A_DAY * case.fast_mean().dollars
        + 24 * total([run.counts for run in case.hourly]).dollars
        + total([run.counts for run in case.daily]).dollars
    )


def _late() -> list[str]:
    faults, days = Faults(), LATEST_US // DAY_US
    again = faults.exact_redelivery + faults.conflicting_duplicate
    return fill(
        f"Of the simulator's events {faults.late:.1%} are late, by {LATE_AFTER_US // HOUR_US} hour "
        # The cube of a chance, of which half are below a half.
        f"to {days} days, half of them by more than {days / 8:.1f} days; {faults.out_of_order:.1%} "
        f"are creations that come after their order was shipped; {again:.1%} are told again within "
        "3 days. Status changes come up to 7 days after their order's creation.",
        width=88,
    ).splitlines()


def _case_row(case: Case, counted: CountedCase | None) -> list[str]:
    head = [case.name, f"{case.events_per_day:,}", f"{case.days}", case.ids.value]
    if counted is None:
        return [*head, f"{case.new_events:,}", "not counted", *[""] * len(_RUN_COLUMNS)]
    dollars = f"{month(counted):.2f}" if case.is_whole else ""
    return [*head, f"{case.new_events:,}", *_cells(counted.fast_mean()), dollars]


def _cells(counts: Counts) -> list[str]:
    return [
        f"{counts.billed_statements}",
        f"{counts.free_statements}",
        _megabytes(counts.scanned_bytes),
        _megabytes(counts.billed_bytes),
        f"{counts.s3_puts:,}",
        f"{counts.s3_gets:,}",
        f"{counts.raw_gets:,}",
        f"{counts.glue:,}",
    ]


def _goals(record: AthenaRecord) -> Iterator[str]:
    if small := record.find(SMALL.name):
        billed = small.fast_mean().billed_statements
        yield (
            f"- {SMALL.name}: {billed} billed statements in a fast run (goal: ≤ {MOST_BILLED}, "
            f"{_met(billed <= MOST_BILLED)})"
        )
    if quiet := record.find(QUIET.name):
        billed = quiet.fast_mean().billed_statements
        yield (
            f"- {QUIET.name}: {billed} billed statements in a fast run that finds nothing "
            f"(goal: ≤ {MOST_BILLED_WITHOUT_NEWS}, {_met(billed <= MOST_BILLED_WITHOUT_NEWS)})"
        )
    if small and (long := record.find(LONG.name)):
        runs = len(long.fast)
        ratio = long.fast_mean().scanned_bytes / small.fast_mean(runs).scanned_bytes
        yield (
            f"- {LONG.name}: its fast runs scan {ratio:.2f} × what the first {runs} of "
            f"{SMALL.name} do (goal: ≤ {MOST_GROWTH:g}, {_met(ratio <= MOST_GROWTH)})"
        )


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"


def _case(case: CountedCase) -> Iterator[str]:
    looks = ", ".join(f"{name} {value:g}" for name, value in case.look_backs.items())
    yield from (
        f"## {case.name}",
        "",
        f"Counted {case.measured}; partitions by {case.partition_by}; {looks}.",
        "",
    )
    yield from page_table(
        ["run", *_RUN_COLUMNS],
        [
            *(
                [f"fast, {number} after compaction" if case.new_events else "fast", *_cells(each)]
                for number, each in enumerate((run.counts for run in case.fast), start=1)
            ),
            *(_run_row(run) for run in (*case.hourly, *case.daily)),
        ],
    )
    yield from ("", "The last fast run, statement by statement:", "")
    yield from page_table(
        ["node", "statement", "scanned MB", "S3 GET", "of them raw", "S3 PUT, LIST"],
        _profile(case.profile),
    )
    yield ""


def _run_row(run: CountedRun) -> list[str]:
    return [f"`{run.command}`", *_cells(run.counts)]


def _profile(statements: Sequence[Statement]) -> Iterator[list[str]]:
    for each in statements:
        yield [
            each.node,
            each.what if each.is_billed or not each.is_statement else f"{each.what} (free)",
            _megabytes(each.scanned_bytes),
            f"{each.s3_gets:,}",
            f"{each.raw_gets:,}",
            f"{each.s3_puts:,}",
        ]


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f}"
