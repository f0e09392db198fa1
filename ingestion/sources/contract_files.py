"""Where the contracts of sources are: each source is a domain of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingestion.sources.errors import SourceError


def contract_file(source: str, event_type: str, project: Path) -> Path:
    """Return where the contract of a type of a source's rows is: the source is its domain."""
    return project / "ingestion" / "contracts" / source / f"{event_type}.json"


def read_contract(source: str, event_type: str, project: Path) -> Any:
    """Return the contract of a type of a source's rows as JSON; None if there is none.

    Raises:
        SourceError: It is no JSON object.
    """
    file = contract_file(source, event_type, project)
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"{file.relative_to(project)} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise SourceError(f"{file.relative_to(project)} is no JSON object")
    return content
