from __future__ import annotations

import pytest

from tests.integration.road.lakehouse import Lakehouse


@pytest.fixture(scope="session")
def shared_lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    return Lakehouse(tmp_path_factory.mktemp("lakehouse"))


@pytest.fixture
def lakehouse(shared_lakehouse: Lakehouse) -> Lakehouse:
    """An empty lakehouse."""
    shared_lakehouse.reset()
    return shared_lakehouse
