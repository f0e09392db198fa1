from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.athena_case import LONG, QUIET, SMALL
from benchmarks.athena_page import month, page
from benchmarks.athena_record import AthenaRecord
from tests.unit.benchmarks.counted import FAST, counted


def test_a_month_is_every_run_of_31_days() -> None:
    # 0.2 GB 288 times a day and 24 times, and 2 GB once.
    expected = 31 * (288 * 0.2 + 24 * 0.2 + 2) * 5 / 1000
    assert month(counted(SMALL)) == pytest.approx(expected)


def test_a_case_that_was_not_counted_is_told() -> None:
    rows = page(AthenaRecord([counted(SMALL)])).splitlines()
    (row,) = (row for row in rows if row.startswith("| 1m-random |"))
    assert "not counted" in row
    (row,) = (row for row in rows if row.startswith("| 33k-rising |"))
    assert "| 19 | 1 | 150.0 | 200.0 | 100 | 1,500 | 500 | 90 | 9.98 |" in row


@pytest.mark.parametrize(("billed", "told"), [(3, "met"), (4, "missed")])
def test_goals_are_named_with_what_became_of_them(billed: int, told: str) -> None:
    quiet = counted(QUIET, replace(FAST, billed_statements=billed))
    assert f"{billed} billed statements in a fast run that finds nothing (goal: ≤ 3, {told})" in (
        page(AthenaRecord([quiet]))
    )


@pytest.mark.parametrize(("scanned", "told"), [(120, "1.20 × "), (121, "1.21 × ")])
def test_growth_is_that_of_the_bytes_scanned_by_as_many_runs(scanned: int, told: str) -> None:
    few, many = replace(FAST, scanned_bytes=100), replace(FAST, scanned_bytes=900)
    long = counted(LONG, replace(FAST, scanned_bytes=scanned))
    text = page(AthenaRecord([counted(SMALL, few, many), long]))
    assert told in text
    assert f"(goal: ≤ 1.2, {'met' if scanned == 120 else 'missed'})" in text


def test_the_last_run_is_shown_statement_by_statement() -> None:
    assert "| orders | merge into orders | 0.0 | 4 | 1 | 3 |" in page(
        AthenaRecord([counted(SMALL)])
    )
