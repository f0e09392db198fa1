"""A copy of the project, to change or to run elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.road.lakehouse import PROJECT

_COPIED = ("dbt_project.yml", "profiles.yml", "selectors.yml", "macros", "models", "seeds")
_PACKAGES = ("ingestion", "retailpulse", "simulator")


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
