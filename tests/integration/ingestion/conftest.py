"""An emulated AWS for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.ingestion.emulated_aws import emulated_aws, new_bucket, s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture(scope="session")
def aws_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MiniStack server that lives as long as the tests."""
    with emulated_aws(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.fixture
def s3(aws_endpoint: str) -> S3Client:
    """A client of the emulated S3."""
    return s3_client(aws_endpoint)


@pytest.fixture
def bucket(s3: S3Client) -> str:
    """The name of an empty bucket."""
    return new_bucket(s3)
