"""A copy of the project that follows some databases: without any it builds in half the time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from retailpulse.dbt_project import disabled_sources
from tests.support.project.copies import copy_project

DATABASES: Final = ("webshop", "wholesale")
EVERYTHING_FOLLOWED: Final[dict[str, object]] = {"disabled_sources": []}
"""The variable of a run that builds what is made of all databases."""


def project_following(folder: Path, *databases: str) -> Path:
    """Copy the project to a folder that is not there yet, to follow these databases alone."""
    copy_project(folder)
    disable(folder, [name for name in DATABASES if name not in databases])
    return folder


def disable(project: Path, databases: Sequence[str]) -> None:
    """Let a copy follow none of these, and all others."""
    file = project / "dbt_project.yml"
    text = file.read_text(encoding="utf-8")
    [line] = [line for line in text.splitlines() if line.startswith("  disabled_sources: [")]
    file.write_text(
        text.replace(line, f"  disabled_sources: [{', '.join(databases)}]"), encoding="utf-8"
    )


def follows(project: Path, database: str) -> bool:
    """Say whether a copy follows a database."""
    return database not in disabled_sources(project)
