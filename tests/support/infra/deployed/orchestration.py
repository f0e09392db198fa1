"""The deployed orchestration as a test sees it, and a stand-in for its container."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.infra.waiting import wait_until


@dataclass(frozen=True)
class Orchestration:
    """What a test needs of what Terraform made.

    Attributes:
        state_machine_arn: The state machine of runs.
        lease_table: The lease's table, by name.
        cluster: The ECS cluster, by ARN.
        work_group: dbt's Athena work group, by name.
        alerts_queue_url: An SQS queue that is subscribed to the topic of alerts.
        client: Makes a boto3 client of a service.
        lease_name: Which item of that table it takes.
    """

    state_machine_arn: str
    lease_table: str
    cluster: str
    work_group: str
    alerts_queue_url: str
    client: Callable[[str], Any]
    lease_name: str = "dbt"

    def start(
        self, kind: str, state_machine_arn: str | None = None, arguments: Sequence[Any] = ()
    ) -> str:
        """Start a run; return the execution's ARN."""
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=state_machine_arn or self.state_machine_arn,
            name=f"{kind}-{uuid4()}",
            input=json.dumps({"kind": kind, "arguments": arguments}),
        )
        return str(started["executionArn"])

    def describe(self, execution: str) -> dict[str, Any]:
        """Return an execution as Step Functions describes it."""
        described: dict[str, Any] = self.client("stepfunctions").describe_execution(
            executionArn=execution
        )
        return described

    def end_of(self, execution: str, timeout: float = 60) -> dict[str, Any]:
        """Wait until an execution has ended, and return it."""

        def end() -> dict[str, Any] | None:
            described = self.describe(execution)
            return None if described["status"] == "RUNNING" else described

        return wait_until(f"{execution} has ended", end, timeout)

    def states_of(self, execution: str) -> list[str]:
        """Return the names of the states that an execution has entered, in order."""
        pages = (
            self.client("stepfunctions")
            .get_paginator("get_execution_history")
            .paginate(executionArn=execution)
        )
        return [
            event["stateEnteredEventDetails"]["name"]
            for page in pages
            for event in page["events"]
            if "stateEnteredEventDetails" in event
        ]

    def lease(self) -> dict[str, str] | None:
        """Return the lease's attributes, or None where nobody holds it."""
        item = (
            self.client("dynamodb")
            .get_item(
                TableName=self.lease_table,
                Key={"lease": {"S": self.lease_name}},
                ConsistentRead=True,
            )
            .get("Item")
        )
        return item and {name: next(iter(value.values())) for name, value in item.items()}

    def hold_lease(self, owner: str, expires_at: int) -> None:
        """Leave the lease as a run that died would have."""
        self.client("dynamodb").put_item(
            TableName=self.lease_table,
            Item={
                "lease": {"S": self.lease_name},
                "owner": {"S": owner},
                "kind": {"S": "fast"},
                "expires_at": {"N": str(expires_at)},
            },
        )

    def forget_lease(self) -> None:
        """Delete the lease."""
        self.client("dynamodb").delete_item(
            TableName=self.lease_table, Key={"lease": {"S": self.lease_name}}
        )

    def containers_of(self, execution: str, state: str = "RUNNING") -> list[str]:
        """Return the ARNs of an execution's ECS tasks that are to be in a state."""
        return [
            task["taskArn"]
            for task in self.tasks(state)
            if variables_of(task)["RETAILPULSE_RUN_ID"].startswith(
                f"{execution.rpartition(':')[2]}/"
            )
        ]

    def capacity_of(self, container: Container) -> str:
        """Return the capacity provider that a container runs on."""
        described = self.client("ecs").describe_tasks(
            cluster=self.cluster, tasks=[container.task_arn]
        )
        return str(described["tasks"][0]["capacityProviderName"])

    def tasks(self, state: str = "RUNNING") -> list[dict[str, Any]]:
        """Return the ECS tasks that are to be in a state, as ECS describes them."""
        ecs = self.client("ecs")
        pages = ecs.get_paginator("list_tasks").paginate(cluster=self.cluster, desiredStatus=state)
        return [
            task
            for page in pages
            if page["taskArns"]
            for task in ecs.describe_tasks(cluster=self.cluster, tasks=page["taskArns"])["tasks"]
        ]

    def counted(self, metric: str, kind: str | None = None) -> float:
        """Return the sum of a metric of runs over the last hour."""
        now = time.time()
        points = self.client("cloudwatch").get_metric_statistics(
            Namespace="RetailPulse",
            MetricName=metric,
            Dimensions=[{"Name": "Run", "Value": kind}] if kind else [],
            StartTime=now - 3600,
            EndTime=now + 60,
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    def notifications(self) -> list[dict[str, str]]:
        """Take what the state machine has told since the last call, oldest first.

        The alarms on its metrics tell the same topic.
        """
        sqs = self.client("sqs")
        told = [json.loads(message["Body"]) for message in _messages(sqs, self.alerts_queue_url)]
        return [notification for notification in told if not _is_of_an_alarm(notification)]


@dataclass(frozen=True)
class Container:
    """A started container, played by the test: it knows what ECS was told, and the task's token.

    Attributes:
        task_arn: Its ECS task.
        command: What follows the image's entry point.
        environment: What the state machine gave it.
    """

    task_arn: str
    command: list[str]
    environment: dict[str, str]
    client: Callable[[str], Any]

    @property
    def token(self) -> str:
        """The task's token."""
        return self.environment["RETAILPULSE_TASK_TOKEN"]

    def succeed(self) -> None:
        """Report what the container reports when dbt has succeeded, and exit."""
        self.client("stepfunctions").send_task_success(taskToken=self.token, output="{}")

    def fail(self, error: str, cause: str) -> None:
        """Report a failure."""
        self.client("stepfunctions").send_task_failure(
            taskToken=self.token, error=error, cause=cause
        )


def container_of(
    orchestration: Orchestration, execution: str, attempt: int = 1, timeout: float = 60
) -> Container:
    """Wait for the container of an execution's attempt."""
    run_id = f"{execution.rpartition(':')[2]}/{attempt}"

    def find() -> Container | None:
        for task in orchestration.tasks():
            environment = variables_of(task)
            if environment["RETAILPULSE_RUN_ID"] == run_id:
                (override,) = task["overrides"]["containerOverrides"]
                return Container(
                    task["taskArn"], override["command"], environment, orchestration.client
                )
        return None

    return wait_until(f"there is the container {run_id}", find, timeout)


def variables_of(task: dict[str, Any]) -> dict[str, str]:
    """Return what the state machine gave a task's container besides the task definition's own."""
    (override,) = task["overrides"]["containerOverrides"]
    return {entry["name"]: entry["value"] for entry in override["environment"]}


def _is_of_an_alarm(notification: dict[str, str]) -> bool:
    return notification["Message"].startswith("{") and "AlarmName" in notification["Message"]


def _messages(sqs: Any, queue_url: str) -> Iterator[dict[str, Any]]:
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get(
        "Messages"
    ):
        for message in messages:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            yield message
