"""What benchmarks.athena_cost counted, case by case: one file, and both pages are made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import ceil
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.athena_case import CASES
from benchmarks.athena_statements import PRICE_PER_BYTE, Statement
from benchmarks.command import PROJECT, BenchmarkError

RECORD_FILE: Final = PROJECT / "benchmarks" / "athena-cost.json"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run came to; all but the bytes are numbers of statements and of requests.

    Attributes:
        billed_statements: Statements that Athena bills.
        free_statements: Those that it does not: DDL, SHOW, what failed.
        scanned_bytes: What they read.
        billed_bytes: What is paid for.
        s3_puts: Requests at S3's price of a PUT: PUT, COPY, POST and LIST.
        s3_gets: Requests at S3's price of a GET: GET and HEAD.
        raw_gets: Of these, those of objects of the raw zone.
        glue: Requests to the Data Catalog.
    """

    billed_statements: int
    free_statements: int
    scanned_bytes: int
    billed_bytes: int
    s3_puts: int
    s3_gets: int
    raw_gets: int
    glue: int

    @property
    def statements(self) -> int:
        """All of them."""
        return self.billed_statements + self.free_statements

    @property
    def dollars(self) -> float:
        """Athena's price, in USD."""
        return self.billed_bytes * PRICE_PER_BYTE


@dataclass(frozen=True, slots=True)
class CountedRun:
    """A dbt command and what it came to."""

    command: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class CountedCase:
    """One case's measurement; see `benchmarks.athena_case.Case`.

    Attributes:
        name: The case's.
        measured: When, of which commit, on which machine.
        events_per_day: Events of each day of the history.
        days: Days of history.
        ids: `rising` or `random`.
        partition_by: Of what its partitions were, as the project's variable says it.
        look_backs: How far back dbt looked, by the names of its variables.
        new_events: Deliveries that a fast run found, in the mean.
        raw_objects_per_day: How many objects of raw these come in.
        opened_days: Days of raw that a daily run opens.
        raw_objects: How many objects of raw these had when the daily run came.
        fast: The fast runs, the first after a compaction.
        hourly: The commands of the hourly run.
        daily: Those of the daily one.
        profile: The statements of the last fast run.
    """

    name: str
    measured: str
    events_per_day: int
    days: int
    ids: str
    partition_by: str
    look_backs: Mapping[str, float]
    new_events: int
    raw_objects_per_day: float
    opened_days: float
    raw_objects: int
    fast: Sequence[CountedRun]
    hourly: Sequence[CountedRun]
    daily: Sequence[CountedRun]
    profile: Sequence[Statement]

    def fast_mean(self, runs: int | None = None) -> Counts:
        """Return what a fast run comes to: the mean of the first runs, or of all."""
        return mean([run.counts for run in self.fast[:runs]])


@dataclass(frozen=True, slots=True)
class AthenaRecord:
    """Every case that was counted, in the order of CASES."""

    cases: Sequence[CountedCase]

    def find(self, name: str) -> CountedCase | None:
        """Return a case's measurement; None where it has not been counted."""
        return next((case for case in self.cases if case.name == name), None)

    def case(self, name: str) -> CountedCase:
        """Return a case's measurement.

        Raises:
            BenchmarkError: It has not been counted.
        """
        if found := self.find(name):
            return found
        raise BenchmarkError(
            f"the case {name} is not in {RECORD_FILE.name}: make bench-athena-cost CASES={name}"
        )

    def with_case(self, counted: CountedCase) -> AthenaRecord:
        """Return the record with a case counted anew."""
        cases = {case.name: case for case in self.cases} | {counted.name: counted}
        return AthenaRecord([cases[name] for name in CASES if name in cases])


def counts_of(statements: Sequence[Statement]) -> Counts:
    """Return what some statements came to, with what dbt asked itself."""
    return Counts(
        billed_statements=sum(each.is_billed for each in statements),
        free_statements=sum(each.is_statement and not each.is_billed for each in statements),
        scanned_bytes=sum(each.scanned_bytes for each in statements),
        billed_bytes=sum(each.billed_bytes for each in statements),
        s3_puts=sum(each.s3_puts for each in statements),
        s3_gets=sum(each.s3_gets for each in statements),
        raw_gets=sum(each.raw_gets for each in statements),
        glue=sum(each.glue for each in statements),
    )


def total(runs: Sequence[Counts]) -> Counts:
    """Return the sum of some runs."""
    return Counts(*(sum(getattr(run, each.name) for run in runs) for each in fields(Counts)))


def mean(runs: Sequence[Counts]) -> Counts:
    """Return the mean of some runs, rounded up."""
    summed = total(runs)
    return Counts(*(ceil(getattr(summed, each.name) / len(runs)) for each in fields(Counts)))


def write_record(record: AthenaRecord, path: Path) -> None:
    """Write the record as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")


def read_record(path: Path) -> AthenaRecord:
    """Read the record back; one without cases where there is none.

    Raises:
        BenchmarkError: It is not such a record.
    """
    if not path.is_file():
        return AthenaRecord([])
    try:
        return msgspec.json.decode(path.read_bytes(), type=AthenaRecord)
    except msgspec.DecodeError as error:
        raise BenchmarkError(
            f"{path} is no record of make bench-athena-cost ({error}): delete it and count anew"
        ) from error
