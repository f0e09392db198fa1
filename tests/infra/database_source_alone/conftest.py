"""A source, deployed without the rest, and a real PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from local_athena.aws_environment import ACCOUNT_ID, REGION, aws_environment, without_aws
from local_athena.ministack_process import MiniStack
from tests.support.databases.postgresql_server import Database, new_database
from tests.support.databases.pulled_in_cloud import SHOP_YML, USERS_YML
from tests.support.databases.pulling import CREATE_USERS, INDEX
from tests.support.infra.deployed.orchestration import Container, Orchestration
from tests.support.infra.image_description import command, instructions
from tests.support.infra.task_secrets import client_as, secrets_of
from tests.support.infra.terraform import terraform
from tests.support.ingestion.emulated_aws import emulated_aws
from tests.support.project.copies import copy_project

HERE: Final = Path(__file__).parent
IMAGE: Final = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/retailpulse@sha256:{'0' * 64}"

MINISTACK: Final = MiniStack(
    "tests.support.infra.ministack_with_pullers",
    {"SERVICES": "", "AUTH": "true", "SFN_WAIT_SCALE": "0.1"},
)


@dataclass(frozen=True)
class Deployed:
    """The source as it is deployed.

    Attributes:
        bucket: The raw bucket.
        alarm_names: Its alarms.
        orchestration: Its state machine and what that works with.
        client: Makes a client of the account.
        account: The variables that tell one of the account.
        image: The folder of the image.
        database: The database that is followed.
        terraform: Runs Terraform on it.
    """

    bucket: str
    alarm_names: Mapping[str, str]
    orchestration: Orchestration
    client: Callable[[str], Any]
    account: Mapping[str, str]
    image: Path
    database: Database
    terraform: Callable[..., str]

    def as_role(self, name: str) -> dict[str, str]:
        """Return the variables of a client with a role's credentials."""
        taken = self.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{name}", RoleSessionName="test"
        )["Credentials"]
        return {
            **self.account,
            "AWS_ACCESS_KEY_ID": taken["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": taken["SecretAccessKey"],
            "AWS_SESSION_TOKEN": taken["SessionToken"],
        }

    def client_of(self, role: str, service: str) -> Any:
        """Return a client with a role's credentials."""
        return client_as(self.as_role(role), service)

    def run(self, container: Container) -> str:
        """Do what Fargate does with a task: run the image's entry point; return what it said.

        With the environment that the task definition and the state machine give it, the secret that
        ECS reads with the execution role, and the task's role.
        """
        ecs = self.client("ecs")
        (task,) = ecs.describe_tasks(
            cluster=self.orchestration.cluster, tasks=[container.task_arn]
        )["tasks"]
        definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])[
            "taskDefinition"
        ]
        (described,) = definition["containerDefinitions"]
        start, role = (
            definition[name].rpartition("/")[2] for name in ("executionRoleArn", "taskRoleArn")
        )
        environment = {
            **without_aws(os.environ),
            **self.as_role(role),
            "PYTHONPATH": str(self.image),
            **{entry["name"]: entry["value"] for entry in described["environment"]},
            **secrets_of(described, self.as_role(start)),
            **container.environment,
        }
        (entry_point,) = [command(i) for i in instructions() if i.name == "ENTRYPOINT"]
        process = subprocess.run(
            [sys.executable, *entry_point[1:], *container.command],
            cwd=self.image,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ecs.stop_task(cluster=self.orchestration.cluster, task=container.task_arn)
        return process.stdout


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a source, after `make sources`."""
    folder = tmp_path_factory.mktemp("image") / "app"
    copy_project(folder)
    (folder / "ingestion/sources/shop.yml").write_text(SHOP_YML + USERS_YML)
    (folder / "ingestion/known_types.json").write_text(json.dumps({"shop_users": "shop"}))
    return folder


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with new_database(tmp_path_factory.mktemp("postgresql")) as database:
        database.execute(CREATE_USERS, INDEX)
        yield database


@pytest.fixture(scope="session")
def deployed(
    image: Path, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("terraform")
    with emulated_aws(tmp_path_factory.mktemp("account"), MINISTACK) as url:
        account = aws_environment(ministack=url, server=url)
        environment = {
            **account,
            "TF_DATA_DIR": str(folder / "data"),
            "TF_VAR_image": IMAGE,
            "TF_VAR_address": database.reader,
        }
        state = f"-state={folder / 'terraform.tfstate'}"

        def run(*arguments: str) -> str:
            return terraform(HERE, *arguments, state, **environment)

        terraform(HERE, "init", **environment)
        run("apply", "-auto-approve")
        made = json.loads(run("output", "-json"))["source"]["value"]
        session: Any = boto3.Session(
            account["AWS_ACCESS_KEY_ID"], account["AWS_SECRET_ACCESS_KEY"], region_name=REGION
        )
        client = partial(session.client, endpoint_url=url)
        yield Deployed(
            bucket=made["bucket"],
            alarm_names=made["alarm_names"],
            orchestration=Orchestration(
                state_machine_arn=made["state_machine_arn"],
                lease_table=made["lease_table"],
                cluster=made["cluster"],
                work_group="",
                alerts_queue_url="",
                client=client,
                lease_name="pull-shop",
            ),
            client=client,
            account=account,
            image=image,
            database=database,
            terraform=run,
        )
