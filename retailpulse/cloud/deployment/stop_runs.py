"""The runs of an environment that is about to be destroyed: none starts any more, none goes on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from retailpulse.terminal import Step, Terminal

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_stepfunctions import SFNClient

_REASON: Final = "The environment is destroyed."
# What a schedule is told with and cannot be given.
_NOT_SETTINGS: Final = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")


@dataclass(frozen=True)
class Runs:
    """What runs dbt and pulls databases.

    Attributes:
        schedule_group: The group of the schedules, which start runs.
        state_machine_arns: Each of their executions is a run.
        cluster_arn: The ECS cluster in which each run has a container.
    """

    schedule_group: str
    state_machine_arns: Sequence[str]
    cluster_arn: str


@dataclass(frozen=True)
class Clients:
    """Clients of the environment's account and region."""

    scheduler: Any
    stepfunctions: SFNClient
    ecs: ECSClient


def stop_runs(runs: Runs, clients: Clients, terminal: Terminal) -> None:
    """Disable the schedules, end the executions, and wait until their containers have ended.

    An execution that ends leaves its container running, and a cluster with one is not deleted. What
    a destruction that failed halfway has deleted already is no error.
    """
    with (
        terminal.step("Disabling the schedules") as step,
        suppress(clients.scheduler.exceptions.ResourceNotFoundException),
    ):
        _disable_schedules(runs.schedule_group, clients.scheduler, step)
    with terminal.step("Stopping the runs") as step:
        for arn in runs.state_machine_arns:
            with suppress(clients.stepfunctions.exceptions.StateMachineDoesNotExist):
                _stop_executions(arn, clients.stepfunctions, step)
    with (
        terminal.step("Stopping their containers") as step,
        suppress(clients.ecs.exceptions.ClusterNotFoundException),
    ):
        _stop_tasks(runs.cluster_arn, clients.ecs, step)


def _disable_schedules(group: str, scheduler: Any, step: Step) -> None:
    for page in scheduler.get_paginator("list_schedules").paginate(GroupName=group):
        for schedule in page["Schedules"]:
            if schedule["State"] == "DISABLED":
                continue
            step.update(schedule["Name"])
            # An update sets everything anew.
            told = scheduler.get_schedule(GroupName=group, Name=schedule["Name"])
            settings = {name: value for name, value in told.items() if name not in _NOT_SETTINGS}
            scheduler.update_schedule(**{**settings, "State": "DISABLED"})


def _stop_executions(state_machine: str, stepfunctions: SFNClient, step: Step) -> None:
    pages = stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=state_machine, statusFilter="RUNNING"
    )
    for page in pages:
        for execution in page["executions"]:
            step.update(execution["name"])
            stepfunctions.stop_execution(executionArn=execution["executionArn"], cause=_REASON)


def _stop_tasks(cluster: str, ecs: ECSClient, step: Step) -> None:
    tasks = [
        task
        for page in ecs.get_paginator("list_tasks").paginate(cluster=cluster)
        for task in page["taskArns"]
    ]
    for task in tasks:
        step.update(task.rpartition("/")[2])
        ecs.stop_task(cluster=cluster, task=task, reason=_REASON)
    if tasks:
        ecs.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=tasks)
