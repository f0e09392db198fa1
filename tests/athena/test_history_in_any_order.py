"""What tests/integration/road shows of histories on DuckDB, on Athena."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

from local_athena import LocalAthena
from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.engines import AthenaEngine
from tests.support.road.histories import run_start
from tests.support.road.row_histories import (
    CURRENT,
    HISTORY,
    RUNS,
    build_in_any_order,
    current_of,
    history_of,
    lives,
)


def test_history_is_that_of_the_rows_lives(local_athena: LocalAthena, tmp_path: Path) -> None:
    rng = Random(0)
    told = lives(rng)
    first, last = run_start(0) - timedelta(hours=1), run_start(RUNS)
    athena = AthenaEngine(tmp_path / "athena", local_athena, Arrivals((first.date(), last.date())))
    athena.reset()

    build_in_any_order(athena, rng, told)

    assert athena.query(HISTORY) == history_of(told)
    assert athena.query(CURRENT) == current_of(told)
