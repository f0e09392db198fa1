"""Terraform's own tests of each module, and that each is valid as it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.infra.terraform import terraform

PROJECT = Path(__file__).parents[2]
MODULES = sorted(folder.parent for folder in (PROJECT / "infra").glob("**/tests"))


def test_every_module_has_tests() -> None:
    folders = [folder for folder in (PROJECT / "infra" / "modules").iterdir() if folder.is_dir()]
    assert {PROJECT / "infra" / "bootstrap", *folders} == set(MODULES)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_terraforms_own_tests_pass(module: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("infra", "ingestion"):
        ignored = shutil.ignore_patterns(".terraform*", "__pycache__")
        shutil.copytree(PROJECT / name, project / name, ignore=ignored)
    folder = project / module.relative_to(PROJECT)
    terraform(folder, "init", "-backend=false")
    terraform(folder, "validate")
    said = terraform(folder, "test")
    assert "0 failed" in said
    assert not said.startswith("Success! 0 passed")
