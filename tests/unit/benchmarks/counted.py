"""Counted cases with figures made by hand."""

from __future__ import annotations

from benchmarks.athena_case import Case
from benchmarks.athena_record import CountedCase, CountedRun, Counts
from benchmarks.athena_statements import Statement

FAST = Counts(19, 1, 150_000_000, 200_000_000, s3_puts=100, s3_gets=1_500, raw_gets=500, glue=90)
COMPACT = Counts(5, 0, 100_000_000, 150_000_000, s3_puts=8, s3_gets=60, raw_gets=0, glue=20)
TESTS = Counts(15, 0, 50_000_000, 50_000_000, s3_puts=2, s3_gets=40, raw_gets=0, glue=30)
BUILD = Counts(80, 5, 0, 1_000_000_000, s3_puts=900, s3_gets=9_500, raw_gets=3_000, glue=400)
UPKEEP = Counts(5, 10, 0, 1_000_000_000, s3_puts=100, s3_gets=500, raw_gets=0, glue=100)
STATEMENT = Statement("orders", "merge into orders", True, 7, 10_485_760, 3, 4, 1, 5)


def counted(case: Case, *fast: Counts) -> CountedCase:
    """Return a case whose fast runs came to this, and all else to the figures above."""
    return CountedCase(
        name=case.name,
        measured="by hand",
        events_per_day=case.events_per_day,
        days=case.days,
        ids=case.ids,
        partition_by=case.partition_by,
        look_backs={"lookback_minutes": 15},
        new_events=case.new_events,
        raw_objects_per_day=7_200,
        opened_days=3,
        raw_objects=3_000,
        fast=[CountedRun("dbt build --selector fast", each) for each in fast or (FAST,)],
        hourly=[CountedRun("dbt compact", COMPACT), CountedRun("dbt test", TESTS)],
        daily=[CountedRun("dbt build", BUILD), CountedRun("dbt upkeep", UPKEEP)],
        profile=[STATEMENT],
    )
