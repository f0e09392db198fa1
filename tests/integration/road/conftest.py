from __future__ import annotations

import pytest

from tests.support.project.followed import project_following
from tests.support.road.clean_runs import CleanRun, run_cleanly
from tests.support.road.lakehouse import Lakehouse


@pytest.fixture(scope="session")
def shared_lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    folder = tmp_path_factory.mktemp("road")
    project_following(folder / "project")
    (folder / "home").mkdir()
    return Lakehouse(folder / "home", folder / "project")


@pytest.fixture
def lakehouse(shared_lakehouse: Lakehouse) -> Lakehouse:
    """An empty lakehouse."""
    shared_lakehouse.reset()
    return shared_lakehouse


@pytest.fixture(scope="session")
def clean_runs(shared_lakehouse: Lakehouse) -> list[CleanRun]:
    """Two runs over a simulated business; ask for it before `lakehouse`."""
    shared_lakehouse.reset()
    return run_cleanly(shared_lakehouse)
