"""Where the contracts of databases' tables are: each source is a domain of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.errors import SourceError


def contract_file(source: Source, table: Table, project: Path) -> Path:
    """Return where the contract of a table's rows is: the source is its domain."""
    return project / "ingestion" / "contracts" / source.name / f"{table.event_type}.json"


def read_contract(source: Source, table: Table, project: Path) -> Any:
    """Return the contract of a table's rows as JSON; None if there is none.

    Raises:
        SourceError: It is no JSON object.
    """
    file = contract_file(source, table, project)
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"{file.relative_to(project)} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise SourceError(f"{file.relative_to(project)} is no JSON object")
    return content
