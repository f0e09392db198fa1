"""A copy of the project, to change or to run elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.support.road.lakehouse import PROJECT

_COPIED = ("dbt_project.yml", "profiles.yml", "selectors.yml", "macros", "models", "seeds")
_PACKAGES = ("ingestion", "retailpulse", "simulator")
_INSTALLED = (
    *("Makefile", "pyproject.toml", "requirements.txt"),
    *("requirements-dev.txt", "requirements-laptop.txt", "requirements-uv.txt"),
)


def copy_project(project: Path) -> None:
    """The project without its state, which a newcomer's checkout has not either."""
    project.mkdir()
    for name in (*_COPIED, *_PACKAGES):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, project / name)
    shutil.copytree(PROJECT / "tests/dbt", project / "tests/dbt")


def install(project: Path) -> dict[str, str]:
    """Give a copy what `make` looks for, its virtual environment being this one.

    Returns:
        The environment in which a shell in the copy works with the copy's code.
    """
    binaries = Path(sys.executable).parent
    for name in _INSTALLED:
        shutil.copy2(PROJECT / name, project / name)
    ignored = shutil.ignore_patterns("__pycache__", "tests")
    shutil.copytree(PROJECT / "local_athena", project / "local_athena", ignore=ignored)
    (project / ".venv").symlink_to(binaries.parent)
    # Before the checkout, which the virtual environment has.
    return {"PYTHONPATH": str(project), "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
