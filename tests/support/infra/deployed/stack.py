"""RetailPulse on an emulated AWS, deployed as a user deploys it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from local_athena import LocalAthena
from local_athena.aws_environment import ACCOUNT_ID, REGION
from local_athena.ministack_process import MiniStack
from tests.support.infra.host_package import HOST
from tests.support.infra.terraform import terraform
from tests.support.infra.waiting import wait_until

ENVIRONMENT: Final = "dev"

# No image can be built without a Docker engine; the tests play the container (container.py).
IMAGE: Final = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/retailpulse@sha256:{'0' * 64}"

# All services, IAM enforced, waits of state machines a tenth as long.
MINISTACK: Final = MiniStack(
    "tests.support.infra.deployed.ministack",
    {"SERVICES": "", "AUTH": "true", "SFN_WAIT_SCALE": "0.1"},
)

# Of a run on a machine that is busy with something else.
_RUN_SECONDS: Final = 600.0


class CommandError(Exception):
    """A command of the project failed."""


@dataclass(frozen=True)
class Stack:
    """The account: what runs it, and the checkout that is deployed.

    Attributes:
        athena: The emulated AWS with a real Athena in it.
        project: A copy of the checkout.
        database_sources: The databases that are pulled, by their names, as infra/main has them.
    """

    athena: LocalAthena
    project: Path
    database_sources: Mapping[str, Mapping[str, str]]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a user of this account."""
        return {
            **os.environ,
            **self.athena.environment,
            "PYTHONPATH": str(self.project),
            "TF_IN_AUTOMATION": "1",
            "GITHUB_REPOSITORY": "example/retailpulse",
            "TF_VAR_emulated": "true",
            # Functions run on this machine.
            "TF_VAR_architecture": HOST.architecture,
            "TF_VAR_alert_emails": '["on-call@example.com"]',
            # What is made only where somebody asks for it. Not other accounts' producers: MiniStack
            # 1.5.33 keeps another policy of a bus than it is given, and each plan would change it.
            "TF_VAR_monthly_budget_usd": "150",
            "TF_VAR_database_sources": json.dumps(self.database_sources),
            "TF_VAR_file_drops": "{}",
            # Runs start when a test starts them.
            "TF_VAR_schedules_enabled": "false",
        }

    def make(self, target: str, **variables: str) -> str:
        """Run a target of the Makefile, as CI does; return what it said.

        Raises:
            CommandError: It failed.
        """
        # The virtual environment is the one that runs the tests.
        installed = ["-o", ".venv/.installed", f"BIN={Path(sys.executable).parent}"]
        given = [f"{name}={value}" for name, value in variables.items()]
        return self._command("make", *installed, target, *given, "CI=true")

    def retailpulse(self, *arguments: str) -> str:
        """Run the command line; return what it said.

        Raises:
            CommandError: It failed.
        """
        return self._command(str(Path(sys.executable).parent / "retailpulse"), *arguments)

    def _command(self, *command: str) -> str:
        process = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if process.returncode:
            raise CommandError(f"{' '.join(command)}: {process.returncode}\n{process.stdout}")
        return process.stdout

    def terraform(self, root: str, *arguments: str) -> str:
        """Run Terraform on a root module that a command has made ready, such as `main`.

        Raises:
            TerraformError: It failed.
        """
        return terraform(self.project / "infra" / root, *arguments, **self.environment)

    @property
    def package(self) -> Path:
        """The ingester's zip."""
        return self.project / "dist" / "ingester.zip"

    @cached_property
    def outputs(self) -> Mapping[str, Any]:
        """The outputs of the environment."""
        answer = json.loads(self.terraform("main", "output", "-json"))
        return {name: output["value"] for name, output in answer.items()}

    def raw_objects(self) -> list[str]:
        """The keys of all raw objects."""
        pages = self.client("s3").get_paginator("list_objects_v2")
        return [
            stored["Key"]
            for page in pages.paginate(
                Bucket=self.outputs["buckets"]["raw"]["name"], Prefix="events/"
            )
            for stored in page.get("Contents", ())
        ]

    def run(self, kind: str) -> Mapping[str, Any]:
        """Let the state machine run dbt; return how the execution ended."""
        stepfunctions = self.client("stepfunctions")
        execution = stepfunctions.start_execution(
            stateMachineArn=self.outputs["state_machine"]["arn"], input=json.dumps({"kind": kind})
        )["executionArn"]

        def end() -> Mapping[str, Any] | None:
            described: dict[str, Any] = stepfunctions.describe_execution(executionArn=execution)
            return None if described["status"] == "RUNNING" else described

        return wait_until(f"the {kind} run has ended", end, _RUN_SECONDS)

    def client(self, service: str) -> Any:
        """Return a client of a service, as the account's root."""
        make: Any = self.athena.client
        return make(service)
