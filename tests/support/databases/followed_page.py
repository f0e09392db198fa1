"""The blocks of "Follow a database", in the order it is told, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.support.progress import run
from tests.support.project.copies import copy_project
from tests.support.road.lakehouse import PROJECT

OF_MYSQL: Final = "## MySQL and MariaDB"

_BINARIES: Final = Path(sys.executable).parent
_INSTALLED: Final = (
    *("Makefile", "pyproject.toml", "requirements.txt"),
    *("requirements-laptop.txt", "requirements-uv.txt"),
)
_STEPS: Final = re.compile(r"(?:`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def page_of(engine: str) -> str:
    """Return what the page says of an engine: `postgresql` or `mysql`."""
    page = (PROJECT / "docs/follow-a-database.md").read_text(encoding="utf-8")
    of_postgresql, _, of_mysql = page.partition(OF_MYSQL)
    return of_postgresql if engine == "postgresql" else of_mysql


def new_project(folder: Path, address: str) -> tuple[Path, Mapping[str, str]]:
    """Make a copy of the project; return it, and the environment of who follows the page."""
    project = folder / "project"
    copy_project(project)
    for name in _INSTALLED:
        shutil.copy2(PROJECT / name, project / name)
    (project / ".venv").symlink_to(_BINARIES.parent)
    return project, os.environ | {
        # Before the checkout, whose contracts are others.
        "PYTHONPATH": str(project),
        "PATH": f"{_BINARIES}{os.pathsep}{os.environ['PATH']}",
        "RETAILPULSE_HOME": str(folder / "lakehouse"),
        "SHOP_DATABASE_URL": address,
    }


def told_by(
    page: str, project: Path, environment: Mapping[str, str], execute: Callable[[str], None]
) -> list[str]:
    """Do what the blocks say; return what each of the shell's said.

    Args:
        page: The page.
        project: The project's copy.
        environment: Of the shell.
        execute: Executes a statement of SQL.
    """
    told = []
    for path, language, content in _STEPS.findall(page):
        if language == "sql":
            # As a client sends a file: each statement is a transaction of its own.
            for statement in filter(str.strip, content.split(";\n")):
                execute(statement)
        elif path:
            (project / path).write_text(content, encoding="utf-8")
        else:
            done = run(["bash", "-euo", "pipefail", "-c", content], cwd=project, env=environment)
            assert done.returncode == 0, (content, done.stdout)
            told.append(done.stdout)
    return told
