"""A copy of the project that follows some sources: without any it builds in half the time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from retailpulse.dbt_project import disabled_sources
from tests.support.project.copies import copy_project
from tests.support.road.lakehouse import PROJECT

DATABASES: Final = ("webshop", "wholesale")
FEEDS: Final = tuple(sorted(file.stem for file in (PROJECT / "ingestion/feeds").glob("*.yml")))
SOURCES: Final = (*DATABASES, *FEEDS)
EVERYTHING_FOLLOWED: Final[dict[str, object]] = {"disabled_sources": []}
"""The variable of a run that builds what is made of all sources."""


def project_following(folder: Path, *sources: str) -> Path:
    """Copy the project to a folder that is not there yet, to follow these sources alone."""
    copy_project(folder)
    disable(folder, [name for name in SOURCES if name not in sources])
    return folder


def disable(project: Path, sources: Sequence[str]) -> None:
    """Let a copy follow none of these, and all others."""
    file = project / "dbt_project.yml"
    text = file.read_text(encoding="utf-8")
    [line] = [line for line in text.splitlines() if line.startswith("  disabled_sources: [")]
    file.write_text(
        text.replace(line, f"  disabled_sources: [{', '.join(sources)}]"), encoding="utf-8"
    )


def follows(project: Path, source: str) -> bool:
    """Say whether a copy follows a source."""
    return source not in disabled_sources(project)
