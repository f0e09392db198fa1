from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cloud.orchestration import Orchestration
from tests.cloud.orchestration_alone.apply import applied


@pytest.fixture(scope="session")
def orchestration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestration]:
    """The orchestration, as Terraform makes it, on an emulator."""
    with applied(tmp_path_factory.mktemp("orchestration")) as stack:
        yield stack
