"""A lake on a local Athena, with a history, where dbt's commands are counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.athena_case import Case, in_batches
from benchmarks.athena_history import copy_history
from benchmarks.athena_requests import DBT_AGENT, LOG_VARIABLE, check_log, read_requests
from benchmarks.athena_statements import Statement, read_statements
from benchmarks.command import PROJECT, BenchmarkError, tool, work_folder
from benchmarks.history import Arrival, built, increments, land_together, run_at
from benchmarks.measure import run_child
from local_athena import LocalAthena
from local_athena.ministack_process import MiniStack
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

# These take the time of the run; operations go by the tables' own.
_DATED: Final = ("build", "test")

# A day of a million events is compared with raw in one join.
_HEAP_GB: Final = 8


@dataclass
class CountedLake:
    """A lake on a local Athena, with a history, and the business's next deliveries.

    Attributes:
        home: The lakehouse that the history is from.
        folder: For what is made here.
        athena: The local Athena.
        lake: The lake on it.
        variables: Of the project, as this business sets them.
        requests_log: Of its MiniStack.
        waiting: The deliveries that have not arrived yet.
        now: The time of the next run.
    """

    home: Home
    folder: Path
    athena: LocalAthena
    lake: AthenaLake
    variables: Mapping[str, str]
    requests_log: Path
    waiting: Sequence[Arrival]
    now: datetime

    def receive(self, count: int, batch: float) -> None:
        """Land the next deliveries, as Lambda does: in batches of a mean size, at their time."""
        arrivals, self.waiting = self.waiting[:count], self.waiting[count:]
        if len(arrivals) < count:
            raise BenchmarkError("there are no further deliveries: delete the history's folder")
        new = self.folder / "new"
        for each in in_batches(arrivals, batch):
            land_together(each, new / "raw")
        self.upload(new / "raw")
        self.now = arrivals[-1].arrives_at

    def pass_time(self, time: timedelta) -> None:
        """Let nothing happen for a while."""
        self.now += time

    def upload(self, raw: Path, since: date | None = None) -> None:
        """Bring raw objects to the lake: those that arrived since a day, or all."""
        upload_raw(raw, self.lake.raw, self.athena.client("s3"), since)

    def raw_objects(self, days: float) -> int:
        """Return how many objects raw has of today and of some days before."""
        since = f"{self.now - timedelta(days=days):%Y-%m-%d}"
        pages = self.athena.client("s3").get_paginator("list_objects_v2")
        return sum(
            found["Key"].partition("/dt=")[2] >= since
            for page in pages.paginate(Bucket=_bucket(self.lake.raw))
            for found in page.get("Contents", ())
        )

    def dbt(self, terminal: Terminal, command: Sequence[str]) -> list[Statement]:
        """Run dbt as a process; return what it sent."""
        # A window that ends as the run begins is not believed, and all of raw would be read.
        self.pass_time(timedelta(seconds=2))
        statements_before = _lines(self.athena.statement_log)
        requests_before = _lines(self.requests_log)
        told_before = self.athena.s3_requests()
        variables = dict(self.variables)
        if command[0] in _DATED:
            variables["run_at"] = run_at(self.now)
        # With one thread, so that requests can be told apart by time.
        threads = ["--threads", "1"]
        with terminal.step(" ".join(("dbt", *command))):
            run_child(
                [tool("dbt"), *command, *threads, "--vars", json.dumps(variables)],
                self.folder / "dbt.log",
                environment={
                    **self.athena.environment,
                    "AWS_SDK_UA_APP_ID": DBT_AGENT,
                    "RETAILPULSE_TARGET": "athena",
                    "DBT_PROFILES_DIR": str(PROJECT),
                    "DBT_TARGET_PATH": str(self.folder / "target"),
                    "DBT_LOG_PATH": str(self.folder / "logs"),
                },
                folder=PROJECT,
            )
        with self.requests_log.open(encoding="utf-8") as log:
            requests = read_requests(islice(log, requests_before, None), _bucket(self.lake.raw))
        check_log(requests, told_before, self.athena.s3_requests())
        with self.athena.statement_log.open(encoding="utf-8") as log:
            return read_statements(islice(log, statements_before, None), requests)


@contextmanager
def counted_lake(case: Case, terminal: Terminal) -> Iterator[CountedLake]:
    """Start a local Athena with a case's history in its tables."""
    home = built(case.millions, terminal, busy=case.busy, ids=case.ids)
    folder = work_folder(f"athena-{case.name}")
    log = folder / "requests.jsonl"
    log.touch()
    ministack = MiniStack("benchmarks.recorded_aws", {LOG_VARIABLE: str(log)})
    with LocalAthena(
        folder / "athena", report=terminal.say, ministack=ministack, heap_gb=_HEAP_GB
    ) as athena:
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
        made = CountedLake(
            home,
            folder,
            athena,
            lake,
            {"partition_by": case.partition_by},
            log,
            waiting,
            datetime(1970, 1, 2, tzinfo=UTC),
        )
        made.dbt(terminal, ("build", "--exclude-resource-type", "test"))
        with terminal.step(f"Copying the tables of {case.millions} million events") as step:
            for part in copy_history(home, athena, lake, folder / "target" / "manifest.json"):
                step.update(part)
        made.dbt(terminal, ("run-operation", "compact"))
        # What the fast path counts again: the last arrivals before the new ones.
        made.now = waiting[0].arrives_at
        made.upload(home.raw, since=made.now.date() - timedelta(days=1))
        yield made


def _bucket(location: str) -> str:
    return location.removeprefix("s3://").partition("/")[0]


def _lines(log: Path) -> int:
    with log.open(encoding="utf-8") as file:
        return sum(1 for _ in file)
