"""The state stores, all of which keep one contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingestion.sources.s3_state_store import S3StateStore
from ingestion.sources.state_store import FolderStateStore, StateStore
from local_athena.ministack_process import MiniStack
from tests.support.ingestion.emulated_aws import emulated_aws, new_bucket, s3_client

NewStore = Callable[[], StateStore]
"""Opens the one store of a test, as another puller would."""


@pytest.fixture(scope="session")
def emulated_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("s3")
    with emulated_aws(folder, MiniStack("ministack", {"SERVICES": "s3"})) as url:
        yield url


@pytest.fixture(params=["folder", "s3"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    if request.param == "folder":
        return lambda: FolderStateStore(tmp_path / "pulled")
    url: str = request.getfixturevalue("emulated_s3")
    bucket = new_bucket(s3_client(url))
    return lambda: S3StateStore(s3_client(url), bucket, "pulled/shop")


@pytest.fixture
def store(open_store: NewStore) -> StateStore:
    return open_store()
