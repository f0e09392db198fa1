"""Applies the orchestration by itself on an emulator of its own."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from local_athena.aws_environment import without_aws
from local_athena.http_health import answers
from local_athena.ports import LOOPBACK, free_ports
from tests.cloud.orchestration import Orchestration, wait_for

REGION = "eu-central-1"
WORK_GROUP = "retailpulse"


@contextmanager
def emulator(folder: Path) -> Iterator[str]:
    """Run MiniStack; give its URL."""
    (port,) = free_ports(1)
    url = f"http://{LOOPBACK}:{port}"
    environment = without_aws(os.environ) | {
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": "000000000000",
        # Waits and back-offs of Step Functions last a tenth; timeouts do not.
        "SFN_WAIT_SCALE": "0.1",
    }
    with (folder / "ministack.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=environment,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: answers(f"{url}/_ministack/health") or None, "MiniStack")
        yield url
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def applied(folder: Path) -> Iterator[Orchestration]:
    """Apply on an emulator of its own, which takes all of it along when it ends."""
    with emulator(folder) as url:
        environment = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        session = boto3.Session("test", "test", region_name=REGION)
        client = functools.partial(session.client, endpoint_url=url)
        topic_arn, queue_url = _alerts(client)
        client("athena").create_work_group(
            Name=WORK_GROUP,
            Configuration={"ResultConfiguration": {"OutputLocation": "s3://retailpulse-results/"}},
        )
        terraform = Terraform(folder, environment)
        terraform.run("init", "-backend=false")
        terraform.run("apply", "-auto-approve", f"-var=alerts_topic_arn={topic_arn}")
        made = json.loads(terraform.run("output", "-json"))["orchestration"]["value"]
        yield Orchestration(
            state_machine_arn=made["state_machine"]["arn"],
            lease_table=made["lease_table"]["name"],
            cluster=made["cluster"]["arn"],
            work_group=WORK_GROUP,
            alerts_queue_url=queue_url,
            client=client,
        )


class Terraform:
    """Terraform on the configuration beside this file, its state and plug-ins in another folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = (
            without_aws(os.environ)
            | environment
            | {
                "CHECKPOINT_DISABLE": "1",
                "TF_DATA_DIR": str(folder / "terraform"),
                "TF_IN_AUTOMATION": "1",
            }
        )

    def run(self, command: str, *arguments: str) -> str:
        """Run a command that must succeed; return what it printed."""
        state = [] if command == "init" else [f"-state={self._folder / 'terraform.tfstate'}"]
        process = subprocess.run(
            ["terraform", command, "-no-color", *state, *arguments],
            cwd=Path(__file__).parent,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert process.returncode == 0, process.stdout + process.stderr
        return process.stdout


def _alerts(client: Any) -> tuple[str, str]:
    """Make the topic of alerts, and a queue that hears it; return its ARN and the queue's URL."""
    topic_arn = client("sns").create_topic(Name="retailpulse-alerts")["TopicArn"]
    queue_url = client("sqs").create_queue(QueueName="alerts")["QueueUrl"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    client("sns").subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["Attributes"]["QueueArn"]
    )
    return topic_arn, queue_url
