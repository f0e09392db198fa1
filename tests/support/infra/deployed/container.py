"""Fargate, played by the tests: the emulator remembers a task and runs no container."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.infra.deployed.stack import Stack
from tests.support.infra.image_description import command, instructions, variables
from tests.support.infra.task_secrets import secrets_of

_POLL_SECONDS: Final = 0.2


@contextmanager
def containers(stack: Stack) -> Iterator[None]:
    """Run the image's entry point for each task that ECS is asked to run, as long as the block.

    With the command and the environment that the task was given, the task definition's and the
    state machine's, and with the task's role. What Athena does for a query, the local one does with
    the rights of the account.
    """
    ended = threading.Event()
    started: set[str] = set(_tasks(stack))

    def serve() -> None:
        while not ended.wait(_POLL_SECONDS):
            for task in set(_tasks(stack)) - started:
                started.add(task)
                _run(stack, task)

    thread = threading.Thread(target=serve, name="containers")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _tasks(stack: Stack) -> list[str]:
    cluster = stack.outputs["cluster"]["arn"]
    arns: list[str] = stack.client("ecs").list_tasks(cluster=cluster)["taskArns"]
    return arns


def _run(stack: Stack, task_arn: str) -> None:
    ecs, cluster = stack.client("ecs"), stack.outputs["cluster"]["arn"]
    (task,) = ecs.describe_tasks(cluster=cluster, tasks=[task_arn])["tasks"]
    (override,) = task["overrides"]["containerOverrides"]
    definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])[
        "taskDefinition"
    ]
    (container,) = definition["containerDefinitions"]
    image, entry_point = _image(stack.project.parent / "container")
    environment = {
        **image,
        **as_role(stack, definition["taskRoleArn"]),
        **_variables(container),
        **secrets_of(container, as_role(stack, definition["executionRoleArn"])),
        **_variables(override),
    }
    log = stack.project / "logs" / f"{task_arn.rpartition('/')[2]}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        subprocess.run(
            [*entry_point, *override["command"]],
            cwd=stack.project,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    ecs.stop_task(cluster=cluster, task=task_arn)


def as_role(stack: Stack, role_arn: str) -> dict[str, str]:
    """Return the variables that tell a client of the account, with a role's credentials."""
    taken = stack.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="container")
    # Glue and Athena have addresses of their own, where nobody asks who calls.
    variables = {
        name: value
        for name, value in stack.athena.environment.items()
        if not name.startswith("AWS_ENDPOINT_URL_")
    }
    return {
        **variables,
        "AWS_ACCESS_KEY_ID": taken["Credentials"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": taken["Credentials"]["SecretAccessKey"],
        "AWS_SESSION_TOKEN": taken["Credentials"]["SessionToken"],
    }


def _variables(described: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in described.get("environment", ())}


def _image(root: Path) -> tuple[dict[str, str], list[str]]:
    """The variables that the Dockerfile sets and its entry point, for this machine.

    Args:
        root: What stands for the root of the image's file system; its packages are the tests'.
    """
    (root / "scratch").mkdir(parents=True, exist_ok=True)

    def here(text: str) -> str:
        return text.replace("/opt/venv", sys.prefix).replace("/scratch", f"{root}/scratch")

    environment, entry_point = {"PATH": os.environ["PATH"]}, []
    for instruction in instructions():
        if instruction.name == "ENV":
            environment |= variables(instruction, environment, here)
        elif instruction.name == "ENTRYPOINT":
            entry_point = command(instruction)
    return environment, entry_point
