"""What is built of an entity whose key has two fields compiles for Athena, too.

That it is right is shown on DuckDB, by tests/integration/road/test_keys_of_several_fields.py.
"""

from __future__ import annotations

import pytest
from sqlfluff.core import FluffConfig, Linter

from tests.integration.athena.test_athena_gate import banned
from tests.support.dbt.fixture_project import project_with_fixtures
from tests.support.dbt.rendering import Rendering

KEY = "system, thing_id, made_on"


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    folder = tmp_path_factory.mktemp("keys")
    return Rendering(folder / "home", "athena", project_with_fixtures(folder / "project"))


@pytest.mark.parametrize("incremental", [False, True], ids=["full", "incremental"])
def test_its_statements_are_athenas(rendering: Rendering, incremental: bool) -> None:
    linter = Linter(config=FluffConfig(overrides={"dialect": "athena"}))
    statements = {
        node.name: node.compiled_code
        for node in rendering.compile_all({"force_incremental": incremental})
        if node.name in ("things", "things_history")
    }
    for name, sql in statements.items():
        assert banned(sql) == [], name
        assert linter.parse_string(sql).violations == [], name
    assert f"partition by {KEY}" in statements["things"]
    assert f"partition by {KEY}" in statements["things_history"]
    is_compared = "and fresh.made_on = existing.made_on" in statements["things"]
    assert is_compared is incremental
