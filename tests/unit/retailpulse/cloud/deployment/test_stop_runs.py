from __future__ import annotations

import io
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from rich.console import Console

from retailpulse.cloud.deployment.stop_runs import Clients, Runs, stop_runs
from retailpulse.terminal import Terminal
from tests.support.cloud.aws import ACCOUNT

ARN = f"arn:aws:{{}}:{ACCOUNT.region}:{ACCOUNT.id}:{{}}"
MACHINE = ARN.format("states", "stateMachine:retailpulse-runs")
EXECUTION = ARN.format("states", "execution:retailpulse-runs:one")
CLUSTER = ARN.format("ecs", "cluster/retailpulse")
TASK = ARN.format("ecs", "task/retailpulse/abc")
SCHEDULE = {
    "GroupName": "retailpulse",
    "Name": "retailpulse-fast",
    "ScheduleExpression": "rate(5 minutes)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": MACHINE, "RoleArn": ARN.format("iam", "role/r"), "Input": "{}"},
}


class Aws:
    """The three services, each with the answers that a test gives it."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stubber] = {}
        for service in ("scheduler", "stepfunctions", "ecs"):
            make: Any = boto3.client
            client = make(
                service,
                region_name=ACCOUNT.region,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
            self.stubs[service] = Stubber(client)

    def stop(self) -> str:
        """Stop what runs, and return what was said."""
        said = io.StringIO()
        services: list[Any] = [stub.client for stub in self.stubs.values()]
        clients = Clients(*services)
        for stub in self.stubs.values():
            stub.activate()
        stop_runs(
            Runs("retailpulse", [MACHINE], CLUSTER),
            clients,
            Terminal(Console(file=said, width=200)),
        )
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()
        return said.getvalue()


@pytest.fixture
def aws() -> Aws:
    return Aws()


def test_nothing_starts_any_more_and_nothing_goes_on(aws: Aws) -> None:
    scheduler = aws.stubs["scheduler"]
    listed = [
        {"Name": "retailpulse-fast", "State": "ENABLED"},
        {"Name": "retailpulse-daily", "State": "DISABLED"},
    ]
    group = {"GroupName": "retailpulse"}
    scheduler.add_response("list_schedules", {"Schedules": listed}, group)
    scheduler.add_response(
        "get_schedule",
        {**SCHEDULE, "State": "ENABLED", "Arn": ARN.format("scheduler", "schedule/a/b")},
        {**group, "Name": "retailpulse-fast"},
    )
    # All its settings, or an update would reset what is left out.
    scheduler.add_response(
        "update_schedule",
        {"ScheduleArn": ARN.format("scheduler", "schedule/a/b")},
        {**SCHEDULE, "State": "DISABLED"},
    )
    machine = aws.stubs["stepfunctions"]
    execution = {
        "executionArn": EXECUTION,
        "stateMachineArn": MACHINE,
        "name": "one",
        "status": "RUNNING",
        "startDate": 0,
    }
    machine.add_response(
        "list_executions",
        {"executions": [execution]},
        {"stateMachineArn": MACHINE, "statusFilter": "RUNNING"},
    )
    reason = "The environment is destroyed."
    machine.add_response(
        "stop_execution", {"stopDate": 0}, {"executionArn": EXECUTION, "cause": reason}
    )
    ecs = aws.stubs["ecs"]
    ecs.add_response("list_tasks", {"taskArns": [TASK]}, {"cluster": CLUSTER})
    ecs.add_response("stop_task", {}, {"cluster": CLUSTER, "task": TASK, "reason": reason})
    ecs.add_response(
        "describe_tasks",
        {"tasks": [{"taskArn": TASK, "lastStatus": "STOPPED"}]},
        {"cluster": CLUSTER, "tasks": [TASK]},
    )

    said = aws.stop()

    assert "done: Disabling the schedules: retailpulse-fast" in said
    assert "done: Stopping the runs: one" in said
    assert "done: Stopping their containers: abc" in said


def test_where_nothing_runs_nothing_is_waited_for(aws: Aws) -> None:
    aws.stubs["scheduler"].add_response("list_schedules", {"Schedules": []})
    aws.stubs["stepfunctions"].add_response("list_executions", {"executions": []})
    aws.stubs["ecs"].add_response("list_tasks", {"taskArns": []})
    aws.stop()


def test_what_is_deleted_already_is_no_error(aws: Aws) -> None:
    aws.stubs["scheduler"].add_client_error("list_schedules", "ResourceNotFoundException")
    aws.stubs["stepfunctions"].add_client_error("list_executions", "StateMachineDoesNotExist")
    aws.stubs["ecs"].add_client_error("list_tasks", "ClusterNotFoundException")
    aws.stop()
