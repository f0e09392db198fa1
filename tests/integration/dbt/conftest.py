from __future__ import annotations

import pytest

from tests.support.dbt.macro_calls import CALLS
from tests.support.dbt.rendering import Rendering


@pytest.fixture(scope="session")
def duckdb_project(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    """The project for DuckDB, over a raw zone of its own that is empty."""
    return Rendering(tmp_path_factory.mktemp("duckdb"), "duckdb")


@pytest.fixture(scope="session")
def athena_project(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    """The project for Athena: compiled, never run."""
    return Rendering(tmp_path_factory.mktemp("athena"), "athena")


@pytest.fixture(scope="session")
def on_duckdb(duckdb_project: Rendering) -> dict[str, str]:
    """The SQL of each of the calls, on DuckDB."""
    return duckdb_project.render(CALLS)
