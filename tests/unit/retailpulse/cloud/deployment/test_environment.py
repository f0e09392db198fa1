from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from retailpulse.cloud.deployment.environment import (
    deployed,
    environment_file,
    shell_lines,
    state_machines,
)
from retailpulse.cloud.deployment.smoke import PulledSource
from retailpulse.errors import SetupError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    for name in ("dev", "prod"):
        (tmp_path / "environments" / f"{name}.tfvars").touch()
    return tmp_path


def test_an_environment_is_a_file(root: Path) -> None:
    assert environment_file(root, "dev") == root / "environments" / "dev.tfvars"


@pytest.mark.parametrize("environment", ["test", "", "../environments/dev"])
def test_another_environment_is_refused_with_those_there_are(root: Path, environment: str) -> None:
    with pytest.raises(SetupError, match=r"infra/main/environments/ has dev, prod"):
        environment_file(root, environment)


def test_nothing_deployed_is_said() -> None:
    with pytest.raises(SetupError, match="run `make deploy` first"):
        deployed({})


def test_a_shell_reads_what_was_written() -> None:
    lines = shell_lines({"environment": {"B": "s3://b/", "A": "it's $HOME"}})
    assert [shlex.split(line) for line in lines.splitlines()] == [
        ["export", "A=it's $HOME"],
        ["export", "B=s3://b/"],
    ]


def test_databases_that_are_followed_are_found() -> None:
    named = {"name": "n", "arn": "a"}
    outputs = {
        "bus": named,
        "buckets": {"raw": named},
        "state_machine": named,
        "work_groups": {"analysts": named},
        "databases": {"gold": named, "silver": named},
        "database_sources": {
            "shop": {"state_machine": {"arn": "pull-shop"}, "event_types": ["shop_users"]}
        },
    }
    assert deployed(outputs).pulled == (PulledSource("shop", "pull-shop", ("shop_users",)),)
    assert state_machines(outputs) == ["a", "pull-shop"]
    # As an earlier version left it.
    assert state_machines({"state_machine": named}) == ["a"]
