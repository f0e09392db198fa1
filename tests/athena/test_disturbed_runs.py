"""A run on Athena that is killed, or not alone, costs nothing but the next run."""

from __future__ import annotations

import os
import random
import time

import pytest

from local_athena import LocalAthena
from tests.support.athena.disturbances import ARRIVALS, SideBySide
from tests.support.athena.engines import AthenaEngine, EmbeddedEngine
from tests.support.project.followed import project_following


@pytest.fixture(scope="module")
def side_by_side(local_athena: LocalAthena, tmp_path_factory: pytest.TempPathFactory) -> SideBySide:
    """A first build, and new randomness each time; RETAILPULSE_TEST_SEED repeats one."""
    seed = int(os.environ.get("RETAILPULSE_TEST_SEED") or time.time_ns() % 1_000_000)
    print(f"RETAILPULSE_TEST_SEED={seed}")  # noqa: T201 (pytest shows it with a failure)
    folder = tmp_path_factory.mktemp("disturbed")
    project = project_following(folder / "project")
    athena = AthenaEngine(folder / "athena", local_athena, ARRIVALS, project)
    athena.reset()
    runs = SideBySide(EmbeddedEngine(folder / "duckdb", project), athena, random.Random(seed))
    runs.go_on()
    return runs


def test_the_run_after_a_killed_one_makes_it_good(side_by_side: SideBySide) -> None:
    killed = side_by_side.kill_a_run()

    assert killed.found == [], killed.told


def test_two_runs_at_once_double_and_lose_nothing(side_by_side: SideBySide) -> None:
    two = side_by_side.run_two_at_once()

    assert two.found == [], two.told
