from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cloud.orchestration import Orchestration
from tests.cloud.orchestration_alone.apply import applied


@pytest.fixture(scope="session")
def orchestration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestration]:
    """The orchestration, as Terraform makes it, on an emulator."""
    with applied(tmp_path_factory.mktemp("orchestration")) as stack:
        yield stack


@pytest.fixture
def container_environment(orchestration: Orchestration) -> dict[str, str]:
    """How a process reaches the emulator."""
    return {
        "AWS_ENDPOINT_URL": orchestration.client("sts").meta.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "RETAILPULSE_TARGET": "athena",
    }


@pytest.fixture
def long_query(orchestration: Orchestration, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Starts a query in a work group that runs until the test is over; returns its id.

    MiniStack's Athena is DuckDB, which waits for what comes out of a pipe.
    """
    with ExitStack() as ends:

        def start(work_group: str) -> str:
            pipe = tmp_path / work_group
            os.mkfifo(pipe)
            started = orchestration.client("athena").start_query_execution(
                QueryString=f"select * from read_csv('{pipe}', header = false)",
                WorkGroup=work_group,
                ResultConfiguration={"OutputLocation": "s3://retailpulse-results/"},
            )
            ends.callback(pipe.write_text, "1\n")
            return str(started["QueryExecutionId"])

        yield start
