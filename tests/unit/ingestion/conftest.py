"""What tests of the contracts share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingestion.contract_generator.__main__ import main
from ingestion.contract_generator.released import FILE
from tests.support.dbt.fixture_project import FIXTURES

TYPES = Path(__file__).parents[3] / "ingestion/contracts/types.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of nothing but the fixtures' contracts, released, and what follows from them."""
    contracts = tmp_path / "ingestion/contracts"
    shutil.copytree(FIXTURES, contracts)
    shutil.copy(TYPES, contracts)
    (tmp_path / FILE).parent.mkdir()
    assert main([], tmp_path) == main(["--release"], tmp_path) == 0
    return tmp_path
