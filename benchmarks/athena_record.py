"""What benchmarks.athena_cost counted, for other programs: a record beside its page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.athena_bill import Kind
from benchmarks.athena_statements import total
from benchmarks.command import PROJECT

RECORD_FILE: Final = PROJECT / "benchmarks" / "athena-cost.json"

# What a schedule starts; the second and the third are the hourly run, the last two the daily one.
FAST_RUN: Final = "fast, with new events"
HOURLY_RUN: Final = "hourly tests"
COMPACT_RUN: Final = "hourly compaction"
DAILY_RUN: Final = "full build with all tests"
UPKEEP_RUN: Final = "maintenance"
# On a history whose days are full: it scans more, and asks S3 as often.
BUSY_RUN: Final = "fast, on days of a million events"


@dataclass(frozen=True, slots=True)
class CountedRun:
    """What one run of a kind sent to Athena, and Trino to S3.

    Attributes:
        name: What the run is for.
        events_per_day: How many events each day of the history has.
        billed_statements: Statements that Athena bills.
        free_statements: Those that it does not.
        scanned_bytes: What they read.
        billed_bytes: What is paid for.
        s3_puts: Requests at S3's price of a PUT: PUT, COPY, POST and LIST.
        s3_gets: Requests at S3's price of a GET: GET and HEAD.
    """

    name: str
    events_per_day: int
    billed_statements: int
    free_statements: int
    scanned_bytes: int
    billed_bytes: int
    s3_puts: int
    s3_gets: int


@dataclass(frozen=True, slots=True)
class AthenaRecord:
    """One measurement.

    Attributes:
        measured: When, of which commit, on which machine.
        new_events: How many events a fast run found.
        runs: What each kind of run came to.
    """

    measured: str
    new_events: int
    runs: Sequence[CountedRun]

    def run(self, name: str) -> CountedRun:
        """Return what a kind of run came to."""
        return next(run for run in self.runs if run.name == name)


def counted_run(kind: Kind, events_per_day: int) -> CountedRun:
    """Return a kind's run as it is recorded."""
    cost = total(kind.costs)
    return CountedRun(
        name=kind.name,
        events_per_day=events_per_day,
        billed_statements=cost.billed,
        free_statements=cost.free,
        scanned_bytes=cost.scanned_bytes,
        billed_bytes=cost.billed_bytes,
        s3_puts=kind.requests.puts,
        s3_gets=kind.requests.gets,
    )


def write_record(record: AthenaRecord, path: Path) -> None:
    """Write the record as JSON."""
    path.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")


def read_record(path: Path) -> AthenaRecord:
    """Read the record back."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return AthenaRecord(
        measured=document["measured"],
        new_events=document["new_events"],
        runs=[CountedRun(**run) for run in document["runs"]],
    )
