"""A copy of the project with two more contracts, an event and a row with a field of each type."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from ingestion.contract_generator.__main__ import main
from ingestion.contract_generator.contract_reader import read_event_types
from tests.support.project.copies import copy_project

FIXTURES = Path(__file__).parent / "fixture_contracts"


def project_with_fixtures(folder: Path) -> Path:
    """Copy the project, with the contracts of FIXTURES and what follows from them."""
    copy_project(folder)
    shutil.copytree(FIXTURES, folder / "ingestion/contracts", dirs_exist_ok=True)
    assert main([], folder) == 0
    return folder


@contextmanager
def known_types_of(project: Path) -> Iterator[None]:
    """Let all that reads or writes raw know the event types of a copy within the block."""
    known = read_event_types(project / "ingestion/contracts")
    with (
        patch("ingestion.envelope.KNOWN_EVENT_TYPES", known),
        patch("ingestion.raw_objects.KNOWN_EVENT_TYPES", known),
        patch("retailpulse.cloud.athena_lake.KNOWN_EVENT_TYPES", known),
    ):
        yield
