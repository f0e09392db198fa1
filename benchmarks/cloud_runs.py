"""What the runs of a schedule come to for a volume of events, from those counted: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from benchmarks.athena_case import FULL, FULL_RANDOM, QUIET, SMALL, SMALL_RANDOM
from benchmarks.athena_record import AthenaRecord, CountedCase, CountedRun, Counts, total
from benchmarks.history import Ids

_PAIRS = {Ids.RISING: (SMALL, FULL), Ids.RANDOM: (SMALL_RANDOM, FULL_RANDOM)}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the schedule: how many dbt commands, and what they come to together."""

    commands: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Runs:
    """What each kind of run comes to.

    Attributes:
        fast: A fast run, in the mean.
        hourly: Compaction and tests.
        daily: A full build and maintenance.
        opened_days: Days of raw that a daily run opens.
        raw_objects_per_day: Objects of raw that a day had while the fast runs were counted.
        raw_objects: Objects of raw that these had when it was counted.
    """

    fast: Run
    hourly: Run
    daily: Run
    opened_days: float
    raw_objects_per_day: float
    raw_objects: float


def runs_of(record: AthenaRecord, events_per_day: int, every_minutes: int, ids: Ids) -> Runs:
    """Return the runs of a schedule.

    Without events they are those of the quiet case. Else they lie on the line through the case with
    33,333 events a day and that with a million: fast runs by their new events, the others by the
    events of a day. Below the first case they are the first's.

    Args:
        record: What was counted.
        events_per_day: How many events come.
        every_minutes: How often the fast path runs.
        ids: What their ids are like.

    Raises:
        BenchmarkError: A case that is needed has not been counted.
    """
    if not events_per_day:
        return _runs(record.case(QUIET.name))
    small, full = _PAIRS[ids]
    new_events = events_per_day * every_minutes / (24 * 60)
    by_run = _share(new_events, small.new_events, full.new_events)
    by_day = _share(events_per_day, small.events_per_day, full.events_per_day)
    first = _runs(record.case(small.name))
    if not by_run and not by_day:
        return first
    second = _runs(record.case(full.name))
    return Runs(
        fast=_between(first.fast, second.fast, by_run),
        hourly=_between(first.hourly, second.hourly, by_day),
        daily=_between(first.daily, second.daily, by_day),
        opened_days=_line(first.opened_days, second.opened_days, by_day),
        raw_objects_per_day=_line(first.raw_objects_per_day, second.raw_objects_per_day, by_day),
        raw_objects=_line(first.raw_objects, second.raw_objects, by_day),
    )


def _runs(case: CountedCase) -> Runs:
    return Runs(
        fast=Run(1, case.fast_mean()),
        hourly=_together(case.hourly),
        daily=_together(case.daily),
        opened_days=case.opened_days,
        raw_objects_per_day=case.raw_objects_per_day,
        raw_objects=case.raw_objects,
    )


def _together(commands: Sequence[CountedRun]) -> Run:
    return Run(len(commands), total([run.counts for run in commands]))


def _share(value: float, first: float, second: float) -> float:
    """Return how far a value lies on the way; less than one in a hundred is none."""
    share = max(0.0, (value - first) / (second - first))
    return share if share >= 0.01 else 0.0


def _between(first: Run, second: Run, share: float) -> Run:
    counts = (
        round(_line(getattr(first.counts, each.name), getattr(second.counts, each.name), share))
        for each in fields(Counts)
    )
    return Run(first.commands, Counts(*counts))


def _line(first: float, second: float, share: float) -> float:
    return first + share * (second - first)
