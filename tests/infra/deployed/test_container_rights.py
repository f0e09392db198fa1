"""What the container may do: Terraform's policies, read by the emulator's IAM simulator.

That they are enough for its work is shown by every run of the other tests, whose container has no
other rights (container.py).
"""

from __future__ import annotations

from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from local_athena.aws_environment import ACCOUNT_ID, REGION
from tests.support.infra.deployed.container import as_role
from tests.support.infra.deployed.orchestration import Orchestration
from tests.support.infra.deployed.stack import ENVIRONMENT, Stack

BUCKETS: Final = f"arn:aws:s3:::retailpulse-{ENVIRONMENT}-{ACCOUNT_ID}"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"


@pytest.fixture(scope="module")
def task_role(orchestration: Orchestration) -> str:
    """The role that dbt runs in."""
    definition = orchestration.client("ecs").describe_task_definition(
        taskDefinition="retailpulse-dbt"
    )["taskDefinition"]
    return str(definition["taskRoleArn"])


def decision(orchestration: Orchestration, role: str, action: str, resource: str) -> str:
    answer: dict[str, Any] = orchestration.client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
    )
    return str(answer["EvaluationResults"][0]["EvalDecision"])


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("athena:StartQueryExecution", arn("athena", "workgroup/retailpulse")),
        ("glue:GetTable", arn("glue", "table/retailpulse_raw/events")),
        ("glue:UpdateTable", arn("glue", "table/retailpulse_silver/orders")),
        ("glue:CreateTable", arn("glue", "table/retailpulse/fact_orders__dbt_tmp_1")),
        ("glue:UpdateTable", arn("glue", "table/retailpulse/agg_daily_revenue")),
        ("glue:CreateTable", arn("glue", "table/retailpulse_silver/unfinished_rebuild")),
        ("glue:DeleteTable", arn("glue", "table/retailpulse_silver/order_events")),
        ("s3:GetObject", f"{BUCKETS}-raw/events/event_type=order_created/x.gz"),
        ("s3:PutObject", f"{BUCKETS}-lakehouse/retailpulse_silver/orders/x.parquet"),
        ("s3:DeleteObject", f"{BUCKETS}-lakehouse/temporary/x.parquet"),
        ("s3:PutObject", f"{BUCKETS}-results/dbt/x.csv"),
        ("s3:PutObject", f"{BUCKETS}-artifacts/runs/fast-1/1/build/manifest.json"),
        ("s3:PutObject", f"{BUCKETS}-docs/index.html"),
        ("states:SendTaskSuccess", "*"),
    ],
)
def test_it_may_do_its_work(
    orchestration: Orchestration, task_role: str, action: str, resource: str
) -> None:
    assert decision(orchestration, task_role, action, resource) == "allowed"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("athena:StartQueryExecution", arn("athena", "workgroup/retailpulse-analysts")),
        ("glue:UpdateTable", arn("glue", "table/retailpulse_raw/events")),
        ("glue:DeleteDatabase", arn("glue", "database/retailpulse")),
        ("glue:GetTable", arn("glue", "table/another/customers")),
        ("s3:PutObject", f"{BUCKETS}-raw/events/event_type=order_created/x.gz"),
        ("s3:DeleteObject", f"{BUCKETS}-raw/events/event_type=order_created/x.gz"),
        ("s3:GetObject", f"{BUCKETS}-raw/oversized/x"),
        ("s3:GetObject", f"{BUCKETS}-results/analysts/x.csv"),
        ("s3:PutObject", f"{BUCKETS}-artifacts/lambda.zip"),
        ("states:StartExecution", arn("states", "stateMachine:retailpulse-runs")),
        ("dynamodb:DeleteItem", arn("dynamodb", "table/retailpulse-lease")),
        ("ecs:RunTask", arn("ecs", "task-definition/retailpulse-dbt:1")),
    ],
)
def test_it_may_do_nothing_else(
    orchestration: Orchestration, task_role: str, action: str, resource: str
) -> None:
    assert decision(orchestration, task_role, action, resource) == "implicitDeny"


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        (
            "athena",
            "start_query_execution",
            {"QueryString": "select 1", "WorkGroup": "retailpulse-analysts"},
        ),
        ("glue", "get_table", {"DatabaseName": "another", "Name": "customers"}),
        ("glue", "delete_table", {"DatabaseName": "retailpulse_raw", "Name": "events"}),
        ("glue", "delete_database", {"Name": "retailpulse"}),
        (
            "s3",
            "put_object",
            {"Bucket": f"retailpulse-{ENVIRONMENT}-{ACCOUNT_ID}-raw", "Key": "events/x"},
        ),
        ("stepfunctions", "list_state_machines", {}),
        ("dynamodb", "delete_item", {"TableName": "retailpulse-lease", "Key": {}}),
    ],
)
def test_its_calls_are_judged(
    stack: Stack, task_role: str, service: str, call: str, arguments: dict[str, Any]
) -> None:
    """So that the runs of the other tests prove something."""
    given = as_role(stack, task_role)
    session: Any = boto3.Session(
        given["AWS_ACCESS_KEY_ID"],
        given["AWS_SECRET_ACCESS_KEY"],
        given["AWS_SESSION_TOKEN"],
        given["AWS_REGION"],
    )
    client = session.client(service, endpoint_url=given["AWS_ENDPOINT_URL"])
    with pytest.raises(ClientError) as refused:
        getattr(client, call)(**arguments)
    assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
