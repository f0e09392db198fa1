"""Ingestion and monitoring, deployed without the rest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from tests.infra.host_package import HOST, build_package
from tests.infra.ingestion import Ingestion
from tests.infra.ingestion_alone.emulated_account import emulated_account

HERE: Final = Path(__file__).parent


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The variables that tell a client of an emulated AWS account."""
    with emulated_account(tmp_path_factory.mktemp("account")) as variables:
        yield variables


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
        **os.environ,
        **account,
        "CHECKPOINT_DISABLE": "1",
        "TF_DATA_DIR": str(folder / "data"),
        "TF_VAR_architecture": HOST.architecture,
        "TF_VAR_package": str(package),
        "TF_VAR_runtime": f"python{HOST.python_version}",
    }
    state = f"-state={folder / 'terraform.tfstate'}"
    _terraform(environment, "init", "-input=false")
    _terraform(environment, "apply", "-input=false", "-auto-approve", state)
    answer = json.loads(_terraform(environment, "output", "-json", state))
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


def _terraform(environment: Mapping[str, str], *arguments: str) -> str:
    terraform = shutil.which("terraform")
    assert terraform, "these tests need Terraform 1.10 or later on the PATH"
    done = subprocess.run(
        [terraform, *arguments, *(["-no-color"] if arguments[0] != "output" else [])],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout
