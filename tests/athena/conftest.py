from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_athena import LocalAthena


@pytest.fixture(scope="session")
def local_athena(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[LocalAthena]:
    """One local Athena for the whole session; pytest shows what is being waited for."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def report(text: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter = request.config.pluginmanager.getplugin("terminalreporter")
            reporter.write_line(text)

    with LocalAthena(tmp_path_factory.mktemp("local-athena"), report=report) as athena:
        yield athena
