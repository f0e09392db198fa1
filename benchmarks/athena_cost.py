"""`python -m benchmarks.athena_cost`: what each kind of dbt run sends to Athena, case by case.

Counted from the statements that the real adapter sent to the local Athena, and from the requests
that its engine sent to S3 for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
import yaml

from benchmarks.athena_case import CASES, EVERY_MINUTES, FAST_RUNS, Case
from benchmarks.athena_page import page
from benchmarks.athena_record import (
    RECORD_FILE,
    CountedCase,
    CountedRun,
    counts_of,
    read_record,
    write_record,
)
from benchmarks.athena_statements import Statement
from benchmarks.cloud_usage import DAYS, Assumptions, batches
from benchmarks.cloud_usage import raw_objects as objects_of
from benchmarks.cloud_workload import configured
from benchmarks.command import PROJECT, run
from benchmarks.counted_lake import CountedLake, counted_lake
from benchmarks.machine import commit, machine
from retailpulse.cloud.scheduled.kinds import STEPS, Kind
from retailpulse.terminal import Terminal

PAGE: Final = PROJECT / "benchmarks" / "athena-cost.md"

# The part of a day that has passed when the daily run comes (infra/modules/orchestration).
_DAILY_AT: Final = 3.4 / 24
# Longer than any lookback: nothing that has arrived is looked at again.
_QUIET: Final = timedelta(days=1)
# A run may read the more the longer nothing has come: the mean of an idle month is in its middle,
# and that of the runs since the last daily one half a day after it.
_HALF_A_MONTH: Final = timedelta(days=15)
_HALF_A_DAY: Final = timedelta(hours=12)

# The commands of a run of the schedule, and what each sent.
_Run = list[tuple[Sequence[str], list[Statement]]]

if TYPE_CHECKING:
    CaseName = StrEnum
else:
    CaseName = StrEnum("CaseName", {name: name for name in CASES})


def main(
    case: Annotated[
        list[CaseName] | None, typer.Option(help="What to count; all, if none is named.")
    ] = None,
    fast_runs: Annotated[
        int | None,
        typer.Option(min=1, help="How many fast runs to count, of those that find news."),
    ] = None,
) -> None:
    """Count, write each case into the record as soon as it is counted, and write the page."""
    run(lambda: _count_all(case or list(CASES), fast_runs))


def _count_all(names: Sequence[str], fast_runs: int | None) -> None:
    terminal = Terminal()
    for name in names:
        counted = _count(CASES[name], fast_runs, terminal)
        record = read_record(RECORD_FILE).with_case(counted)
        write_record(record, RECORD_FILE)
        PAGE.write_text(page(record), encoding="utf-8")
    terminal.say(f"The record is {RECORD_FILE.name}, its page {PAGE.name}: now make cost")


def _count(case: Case, fast_runs: int | None, terminal: Terminal) -> CountedCase:
    workload = configured(case.events_per_day, EVERY_MINUTES)
    arriving = configured(case.events_per_day if case.fast_runs else 0, EVERY_MINUTES)
    batch = max(1.0, workload.events / batches(workload, Assumptions()))
    wanted = min(fast_runs or case.fast_runs, case.fast_runs)
    looking_back = look_backs(PROJECT / "dbt_project.yml")
    opened = looking_back["conservation_days"] or case.days
    fast: list[_Run] = []
    hourly: _Run = []
    daily: _Run = []
    raw_objects = 0
    with counted_lake(case, terminal) as lake:
        if wanted:
            # An hour that came as all of them do, and is compacted: what runs find in production.
            lake.receive(case.new_events * FAST_RUNS, batch)
            for kind in (Kind.FAST, Kind.HOURLY):
                _run(lake, kind, terminal)
            for _ in range(wanted):
                lake.receive(case.new_events, batch)
                fast.append(_run(lake, Kind.FAST, terminal))
            if case.is_whole:
                hourly = _run(lake, Kind.HOURLY, terminal)
                lake.upload(lake.home.raw)
                raw_objects, daily = lake.raw_objects(opened), _run(lake, Kind.DAILY, terminal)
        else:
            # The last events are read once more.
            lake.pass_time(_QUIET)
            _run(lake, Kind.FAST, terminal)
            lake.pass_time(_HALF_A_MONTH)
            lake.upload(lake.home.raw)
            raw_objects, daily = lake.raw_objects(opened), _run(lake, Kind.DAILY, terminal)
            lake.pass_time(_HALF_A_DAY)
            fast.append(_run(lake, Kind.FAST, terminal))
            hourly = _run(lake, Kind.HOURLY, terminal)
    return CountedCase(
        name=case.name,
        measured=(
            f"{datetime.now(UTC):%Y-%m-%d}, commit {commit([PAGE, RECORD_FILE])}; {machine()}"
        ),
        events_per_day=case.events_per_day,
        days=case.days,
        ids=case.ids,
        partition_by=case.partition_by,
        look_backs=looking_back,
        new_events=case.new_events,
        raw_objects_per_day=objects_of(arriving, Assumptions()) / DAYS,
        opened_days=min(case.days, opened + _DAILY_AT),
        raw_objects=raw_objects,
        fast=[each for one in fast for each in _counted(one)],
        hourly=_counted(hourly),
        daily=_counted(daily),
        profile=fast[-1][0][1],
    )


def look_backs(project: Path) -> dict[str, float]:
    """Return dbt's variables that say how far back it looks, as they are on Athena."""
    variables = yaml.safe_load(project.read_text(encoding="utf-8"))["vars"]
    return {
        name: value["athena"] if isinstance(value, dict) else value
        for name, value in variables.items()
        if "lookback" in name or name == "conservation_days"
    }


def _run(lake: CountedLake, kind: Kind, terminal: Terminal) -> _Run:
    return [(step.command, lake.dbt(terminal, step.command)) for step in STEPS[kind]]


def _counted(sent: _Run) -> list[CountedRun]:
    return [
        CountedRun(" ".join(("dbt", *command)), counts_of(statements))
        for command, statements in sent
    ]


if __name__ == "__main__":
    typer.run(main)
