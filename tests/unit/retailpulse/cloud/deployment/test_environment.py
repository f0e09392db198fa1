from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from retailpulse.cloud.deployment.environment import deployed, environment_file, shell_lines
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
