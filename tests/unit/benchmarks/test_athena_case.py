from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.athena_case import FULL, QUIET, SMALL, in_batches
from benchmarks.athena_cost import look_backs


def test_a_case_s_runs_find_five_minutes_of_its_days() -> None:
    assert (SMALL.events_per_day, SMALL.days, SMALL.new_events) == (33_333, 60, 116)
    assert (FULL.events_per_day, FULL.days, FULL.new_events) == (1_000_000, 8, 3_472)
    assert QUIET.new_events == 0


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [(10, 2.5, [2, 3, 3, 2]), (5, 1, [1] * 5), (3, 0.2, [1, 1, 1]), (4, 9, [4]), (0, 2, [])],
)
def test_batches_have_a_mean_size_and_lose_nothing(
    count: int, size: float, sizes: list[int]
) -> None:
    batches = list(in_batches(list(range(count)), size))
    assert [len(batch) for batch in batches] == sizes
    assert [item for batch in batches for item in batch] == list(range(count))


def test_look_backs_are_told_as_they_are_on_athena(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project.yml"
    project.write_text(
        "vars: {zone: UTC, lookback_minutes: {athena: 15, duckdb: 2}, key_lookback_days: 3, "
        "conservation_days: {athena: 3, duckdb: 0}}"
    )
    assert look_backs(project) == {
        "lookback_minutes": 15,
        "key_lookback_days": 3,
        "conservation_days": 3,
    }
