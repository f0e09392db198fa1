from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from local_athena import LocalAthena


@pytest.fixture(scope="session")
def local_athena(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[LocalAthena]:
    """One local Athena for all tests of a process; what is being waited for is shown."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def report(text: str) -> None:
        # A worker of pytest-xdist has no terminal but this.
        with capture.global_and_fixture_disabled():
            print(text, file=sys.stderr)  # noqa: T201

    with LocalAthena(tmp_path_factory.mktemp("local-athena"), report=report) as athena:
        yield athena
