"""Ingestion and monitoring, deployed without the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from local_athena.aws_environment import aws_environment
from local_athena.ministack_process import MiniStack
from tests.support.infra.host_package import HOST, build_package
from tests.support.infra.ingestion import Ingestion
from tests.support.infra.terraform import terraform
from tests.support.ingestion.emulated_aws import certificate, emulated_aws

HERE: Final = Path(__file__).parent

MINISTACK: Final = MiniStack(
    "tests.support.infra.ministack_with_alarms", {"SERVICES": "", "AUTH": "true"}
)


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The variables that tell a client of an emulated AWS account.

    Queues and the topic deny what comes without TLS, and with `AUTH` MiniStack does as they say:
    it has to speak TLS.
    """
    folder = tmp_path_factory.mktemp("account")
    with emulated_aws(folder, MINISTACK, over_tls=True) as url:
        yield {
            **aws_environment(ministack=url, server=url),
            "AWS_CA_BUNDLE": str(certificate(folder)),
        }


@pytest.fixture(scope="session")
def ingestion(
    account: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Ingestion:
    """Ingestion and monitoring, applied by Terraform; they end with the emulator."""
    folder = tmp_path_factory.mktemp("terraform")
    package = folder / "package" / "ingester.zip"
    build_package(package)
    environment = {
        **account,
        "TF_DATA_DIR": str(folder / "data"),
        "TF_VAR_architecture": HOST.architecture,
        "TF_VAR_package": str(package),
        "TF_VAR_runtime": f"python{HOST.python_version}",
    }
    state = f"-state={folder / 'terraform.tfstate'}"
    terraform(HERE, "init", **environment)
    terraform(HERE, "apply", "-auto-approve", state, **environment)
    answer = json.loads(terraform(HERE, "output", "-json", state, **environment))
    values: dict[str, Any] = answer["stack"]["value"]
    session: Any = boto3.Session(
        aws_access_key_id=account["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=account["AWS_SECRET_ACCESS_KEY"],
        region_name=account["AWS_DEFAULT_REGION"],
    )
    client = partial(
        session.client, endpoint_url=account["AWS_ENDPOINT_URL"], verify=account["AWS_CA_BUNDLE"]
    )
    return Ingestion(client=client, environment=account, **values)
