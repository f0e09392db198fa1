"""The endpoints that a network without a NAT needs are those of what the container calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import dbt.adapters
import pytest

PROJECT = Path(__file__).parents[3]
ADAPTER = next(
    Path(folder, "athena") for folder in dbt.adapters.__path__ if Path(folder, "athena").is_dir()
)
# For ECS, which fetches the image and writes the log from the task's network as well
# (docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html).
ECS = {"logs", "ecr.api", "ecr.dkr", "s3"}
# boto3's names where an endpoint has another.
ENDPOINTS = {"stepfunctions": "states"}
# The adapter asks it only for tags and grants of Lake Formation, and no model has any.
NOT_CALLED = {"lakeformation"}


def clients(folder: Path) -> Iterator[str]:
    """The services that the code of a folder makes clients of."""
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="client"), args=[ast.Constant(str(service)), *_]
                ):
                    yield service


CALLED = {
    ENDPOINTS.get(service, service)
    for folder in (ADAPTER, PROJECT / "retailpulse" / "cloud" / "scheduled")
    for service in clients(folder)
    if service not in NOT_CALLED
}


def test_the_container_calls_something() -> None:
    assert {"athena", "glue", "sts", "states", "s3"} <= CALLED


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("docs/deploy.md", r"\| endpoint \|(.*?)\n\n"),
        ("infra/modules/orchestration/variables.tf", "endpoints for (.*?), with private DNS"),
    ],
)
def test_every_endpoint_is_listed(page: str, part: str) -> None:
    (listed,) = re.findall(part, (PROJECT / page).read_text(), re.DOTALL)
    assert set(re.findall(r"[a-z0-9.]+", listed)) >= CALLED | ECS
