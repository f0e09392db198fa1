"""What dbt_project.yml says that is not dbt's business alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def disabled_sources(project: Path) -> list[str]:
    """Return the sources that are not followed, the variable `disabled_sources`."""
    return [str(name) for name in _variables(project).get("disabled_sources") or []]


def configured_systems(project: Path) -> dict[str, str]:
    """Return the system of each source that the variable `systems` names."""
    return {
        str(key): str(value) for key, value in (_variables(project).get("systems") or {}).items()
    }


def _variables(project: Path) -> dict[str, Any]:
    # Few commands need it.
    import yaml

    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    variables: dict[str, Any] = yaml.safe_load(text)["vars"]
    return variables
