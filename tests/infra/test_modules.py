"""Terraform's own tests of each module, and that each is valid as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.support.infra.terraform import terraform

PROJECT = Path(__file__).parents[2]
MODULES = sorted(folder.parent for folder in (PROJECT / "infra").glob("**/tests"))


def environments(module: Path) -> list[list[str]]:
    """The options of a test with each of a module's environments; without any, of one without."""
    files = sorted(module.glob("environments/*.tfvars"))
    return [[f"-var-file=environments/{file.name}"] for file in files] or [[]]


def test_every_module_has_tests() -> None:
    infra = PROJECT / "infra"
    folders = [folder for folder in (infra / "modules").iterdir() if folder.is_dir()]
    assert {infra / "bootstrap", infra / "main", *folders} == set(MODULES)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_terraforms_own_tests_pass(module: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("infra", "ingestion"):
        ignored = shutil.ignore_patterns(".terraform*", "__pycache__")
        shutil.copytree(PROJECT / name, project / name, ignore=ignored)
    shutil.copy2(PROJECT / "dbt_project.yml", project)
    folder = project / module.relative_to(PROJECT)
    terraform(folder, "init", "-backend=false")
    terraform(folder, "validate")
    for options in environments(module):
        said = terraform(folder, "test", *options)
        assert re.search("^Success! [1-9][0-9]* passed, 0 failed", said, re.MULTILINE)
