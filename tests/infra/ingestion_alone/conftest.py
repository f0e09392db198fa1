"""Ingestion and monitoring, deployed without the rest."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from ingestion.package import Target, download_wheels, package_files, write_zip
from tests.infra.ingestion import Ingestion
from tests.infra.ingestion_alone.emulated_account import emulated_account

HERE: Final = Path(__file__).parent
PROJECT: Final = HERE.parents[2]


@pytest.fixture(scope="session")
def host_package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Target]:
    """The ingester's package for the Python that runs the emulator, and what it was built for."""
    machine = platform.machine()
    target = Target(
        architecture="arm64" if machine == "aarch64" else machine,
        platform=f"manylinux2014_{machine}",
        python_version=f"{sys.version_info.major}.{sys.version_info.minor}",
    )
    folder = tmp_path_factory.mktemp("package")
    (folder / "wheels").mkdir()
    wheels = download_wheels(target, folder / "wheels")
    package = folder / "ingester.zip"
    write_zip(package_files(wheels, PROJECT / "ingestion"), package)
    return package, target


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The variables that tell a client of an emulated AWS account."""
    with emulated_account(tmp_path_factory.mktemp("account")) as variables:
        yield variables


@pytest.fixture(scope="session")
def ingestion(
    account: Mapping[str, str],
    host_package: tuple[Path, Target],
    tmp_path_factory: pytest.TempPathFactory,
) -> Ingestion:
    """Ingestion and monitoring, applied by Terraform; they end with the emulator."""
    folder = tmp_path_factory.mktemp("terraform")
    package, target = host_package
    environment = {
        **os.environ,
        **account,
        "CHECKPOINT_DISABLE": "1",
        "TF_DATA_DIR": str(folder / "data"),
        "TF_VAR_architecture": target.architecture,
        "TF_VAR_package": str(package),
        "TF_VAR_runtime": f"python{target.python_version}",
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
