"""What a contract alone adds comes to the same on Athena as on DuckDB, cell for cell.

The contracts are those of docs/add-a-source.md; what is right, tests/integration/road says.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from local_athena import LocalAthena
from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.contents import Contents, differences, keys_of, told
from tests.support.athena.engines import AthenaEngine, EmbeddedEngine, Engine
from tests.support.athena.history import FAST, MODELS
from tests.support.dbt.fixture_project import known_types_of
from tests.support.project.followed import project_following
from tests.support.road.add_a_source import add_contracts
from tests.support.road.new_types import FIRST_RUN, SECOND_RUN, land_first, land_second

# A range of days has two.
ARRIVALS = Arrivals((FIRST_RUN.date() - timedelta(days=1), SECOND_RUN.date()), (11, 16))
NEW = ("loyalty_events", "loyalty_quarantined", "suppliers", "suppliers_history")


def test_a_new_type_a_new_domain_and_a_new_entity(
    local_athena: LocalAthena, tmp_path: Path
) -> None:
    project = project_following(tmp_path / "project")
    add_contracts(project)
    athena = AthenaEngine(tmp_path / "athena", local_athena, ARRIVALS, project)
    embedded = EmbeddedEngine(tmp_path / "duckdb", project)
    embedded.home.mkdir()
    with known_types_of(project):
        athena.reset()
        expected, actual = two_runs(embedded), two_runs(athena)

    found = differences(expected, actual, keys=keys_of(project))
    assert found == [], told("two runs", found)
    assert all(actual[f"retailpulse_silver.{name}"].rows for name in NEW)


def two_runs(engine: Engine) -> Contents:
    """A first build of all models and a fast run; return all that is there then."""
    land_first(engine)
    engine.build(*MODELS, at=FIRST_RUN)
    land_second(engine)
    engine.build(*FAST, at=SECOND_RUN)
    return engine.everything()
