"""What the container may do: Terraform's policies, read by the emulator's IAM simulator."""

from __future__ import annotations

from typing import Any, Final

import pytest

from local_athena.aws_environment import ACCOUNT_ID, REGION
from tests.infra.deployed.orchestration import Orchestration
from tests.infra.deployed.stack import ENVIRONMENT

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
