"""A history of more partitions than one statement of Athena's writes, on both engines."""

from __future__ import annotations

from pathlib import Path

from local_athena import LocalAthena
from tests.athena.contents import differences, told
from tests.athena.engines import AthenaEngine, EmbeddedEngine
from tests.athena.history import MANY_ARRIVALS, SEED, many_partitions


def test_more_partitions_than_athena_keeps_open(local_athena: LocalAthena, tmp_path: Path) -> None:
    embedded = EmbeddedEngine(tmp_path / "duckdb")
    athena = AthenaEngine(tmp_path / "athena", local_athena, MANY_ARRIVALS)
    athena.reset()

    steps = zip(many_partitions(embedded, SEED), many_partitions(athena, SEED), strict=True)
    for _, step in steps:
        found = differences(embedded.everything(), athena.everything())
        assert found == [], told(step, found)
