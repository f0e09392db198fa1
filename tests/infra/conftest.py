from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support.infra.providers import providers_environment


class ByDeployment(LoadScopeScheduling):
    """What is deployed for the tests of a folder is deployed once, in one process."""

    def _split_scope(self, nodeid: str) -> str:
        folder, _, file = nodeid.partition("::")[0].rpartition("/")
        return folder if folder != "tests/infra" else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ByDeployment(config, log)


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Shows what is being waited for."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(text: str) -> None:
        # A worker of pytest-xdist has no terminal but this.
        with capture.global_and_fixture_disabled():
            print(text, file=sys.stderr)  # noqa: T201

    return tell


@pytest.fixture(scope="session", autouse=True)
def _terraform_finds_its_providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Without them the tests fail."""
    environment = providers_environment(tmp_path_factory.mktemp("providers") / "terraform")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield
