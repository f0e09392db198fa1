"""After every step of a history Athena holds, cell for cell, what DuckDB holds."""

from __future__ import annotations

from pathlib import Path

from local_athena import LocalAthena
from tests.athena.contents import differences
from tests.athena.engines import AthenaEngine, EmbeddedEngine
from tests.athena.history import (
    ARRIVALS,
    EVENTFUL_END,
    MANY_ARRIVALS,
    MODELS,
    SEED,
    VARIABLES,
    eventful_days,
    many_partitions,
)
from tests.athena.project_copies import copied_to
from tests.athena.recorded import raw_objects, recorded_eventful_days


def test_two_eventful_days(local_athena: LocalAthena, tmp_path: Path) -> None:
    expected = recorded_eventful_days(SEED)
    project = copied_to(tmp_path / "project")
    athena = AthenaEngine(tmp_path / "athena", local_athena.environment, ARRIVALS, project)
    athena.reset()

    for step in eventful_days(athena, SEED):
        found = differences(expected.after[step], athena.everything())
        assert found == [], told(step, found)
    assert raw_objects(athena.home) == expected.raw

    in_runs = athena.everything()
    athena.forget_tables()
    athena.build(*MODELS, at=EVENTFUL_END, variables=VARIABLES)
    found = differences(athena.everything(), in_runs, ignored=["processed_at", "window_high"])
    assert found == [], told("a full refresh", found)


def test_more_partitions_than_athena_keeps_open(local_athena: LocalAthena, tmp_path: Path) -> None:
    embedded = EmbeddedEngine(tmp_path / "duckdb")
    athena = AthenaEngine(tmp_path / "athena", local_athena.environment, MANY_ARRIVALS)
    athena.reset()

    steps = zip(many_partitions(embedded, SEED), many_partitions(athena, SEED), strict=True)
    for _, step in steps:
        found = differences(embedded.everything(), athena.everything())
        assert found == [], told(step, found)


def told(step: str, found: list[str]) -> str:
    """The first differences, one a line."""
    return "\n".join([f"{step}: {len(found)} differences", *found[:20]])
