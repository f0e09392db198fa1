"""The deployed source: its state machine, its container's pull of a real database, its rights."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from local_athena.aws_environment import ACCOUNT_ID, REGION
from tests.infra.database_source_alone.conftest import Deployed
from tests.support.infra.deployed.orchestration import Orchestration, container_of


@pytest.fixture
def pulls(deployed: Deployed) -> Iterator[Orchestration]:
    """Each test begins and ends without a lease."""
    yield deployed.orchestration
    lease = deployed.orchestration.lease()
    deployed.orchestration.forget_lease()
    assert lease is None


def succeeded(deployed: Deployed) -> float:
    """How many pulls have been counted as successes."""
    points = deployed.client("cloudwatch").get_metric_statistics(
        Namespace="RetailPulse",
        MetricName="PullsSucceeded",
        Dimensions=[{"Name": "Source", "Value": "shop"}],
        StartTime=time.time() - 3600,
        EndTime=time.time() + 60,
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def names(deployed: Deployed) -> dict[str, str]:
    """What has landed, by the rows' ids."""
    s3, found = deployed.client("s3"), {}
    events = []
    for stored in s3.list_objects_v2(Bucket=deployed.bucket, Prefix="events/").get("Contents", ()):
        body = s3.get_object(Bucket=deployed.bucket, Key=stored["Key"])["Body"].read()
        events += [json.loads(line)["payload"] for line in gzip.decompress(body).splitlines()]
    for event in sorted(events, key=lambda event: str(event["sequence"])):
        found[event["data"]["id"]] = event["data"]["name"]
    return found


def test_a_second_plan_changes_nothing(deployed: Deployed) -> None:
    assert "No changes" in deployed.terraform("plan", "-detailed-exitcode")


def test_rows_of_the_database_are_in_raw(deployed: Deployed, pulls: Orchestration) -> None:
    deployed.database.execute(
        "insert into users (id, name) select id, 'user ' || id from generate_series(1, 250) as id"
    )
    before = succeeded(deployed)

    execution = pulls.start("pull")
    container = container_of(pulls, execution)
    assert container.command == ["pull", "shop"]
    assert pulls.capacity_of(container) == "FARGATE_SPOT"
    said = deployed.run(container)

    assert "the run succeeded" in said, said
    assert pulls.end_of(execution)["status"] == "SUCCEEDED"
    table = dict(deployed.database.rows("select id::text, name from users"))
    assert len(table) == 250
    assert names(deployed) == table
    assert succeeded(deployed) == before + 1
    # Neither in the task definition nor in what was logged.
    address = deployed.database.reader
    assert address not in said
    definition = deployed.client("ecs").describe_task_definition(
        taskDefinition="retailpulse-pull-shop"
    )
    assert address not in json.dumps(definition, default=str)


def test_a_pull_that_finds_another_does_nothing(deployed: Deployed, pulls: Orchestration) -> None:
    first = pulls.start("pull")
    container = container_of(pulls, first)

    second = pulls.end_of(pulls.start("pull"))

    assert json.loads(second["output"]) == {"outcome": "skipped"}
    assert pulls.containers_of(second["executionArn"]) == []
    container.succeed()
    assert json.loads(pulls.end_of(first)["output"]) == {"outcome": "succeeded"}


def test_the_lease_of_dbts_runs_is_another(deployed: Deployed, pulls: Orchestration) -> None:
    table, key = pulls.lease_table, {"lease": {"S": "dbt"}}
    dynamodb = deployed.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**key, "owner": {"S": "a run"}})
    try:
        execution = pulls.start("pull")
        container_of(pulls, execution).succeed()
        assert json.loads(pulls.end_of(execution)["output"]) == {"outcome": "succeeded"}
        assert "Item" in dynamodb.get_item(TableName=table, Key=key)
    finally:
        dynamodb.delete_item(TableName=table, Key=key)


def test_what_passes_is_tried_again_on_fargate(pulls: Orchestration) -> None:
    execution = pulls.start("pull")
    first = container_of(pulls, execution)
    first.fail("Transient", "no connection")

    second = container_of(pulls, execution, attempt=2)

    assert pulls.capacity_of(second) == "FARGATE"
    # What the first attempt left is stopped before.
    assert pulls.containers_of(execution) == [second.task_arn]
    second.succeed()
    assert pulls.end_of(execution)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(("error", "attempts"), [("RunFailed", 1), ("Transient", 3)])
def test_what_stays_fails_with_its_cause_and_lets_go(
    error: str, attempts: int, deployed: Deployed, pulls: Orchestration
) -> None:
    before = succeeded(deployed)
    execution = pulls.start("pull")
    for attempt in range(1, attempts + 1):
        container_of(pulls, execution, attempt).fail(error, "shop: grant what is missing")

    end = pulls.end_of(execution)

    assert (end["status"], end["error"]) == ("FAILED", error)
    assert end["cause"] == "shop: grant what is missing"
    assert pulls.containers_of(execution) == []
    assert succeeded(deployed) == before


def test_a_lease_that_a_dead_pull_left_is_taken_over(pulls: Orchestration) -> None:
    pulls.hold_lease("a pull that died", int(time.time()) - 1)

    execution = pulls.start("pull")
    container_of(pulls, execution).succeed()

    assert json.loads(pulls.end_of(execution)["output"]) == {"outcome": "succeeded"}


BUCKET = "arn:aws:s3:::retailpulse-raw"
GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT_ID}"


@pytest.mark.parametrize(
    ("role", "action", "resource", "is_allowed"),
    [
        ("", "s3:PutObject", f"{BUCKET}/events/event_type=shop_users/dt=2026-01-01/x.gz", True),
        ("", "s3:PutObject", f"{BUCKET}/pulled/shop/shop_users.json", True),
        ("", "s3:DeleteObject", f"{BUCKET}/pulled/shop/shop_users/note-1.gz", True),
        ("", "glue:GetTable", f"{GLUE}:table/retailpulse_raw/events", True),
        ("", "s3:PutObject", f"{BUCKET}/events/event_type=order_created/x.gz", False),
        ("", "s3:PutObject", f"{BUCKET}/events/event_type=unknown/x.gz", False),
        ("", "s3:GetObject", f"{BUCKET}/events/event_type=shop_users/x.gz", False),
        ("", "s3:DeleteObject", f"{BUCKET}/events/event_type=shop_users/x.gz", False),
        ("", "s3:GetObject", f"{BUCKET}/pulled/till/till_users.json", False),
        ("", "glue:UpdateTable", f"{GLUE}:table/retailpulse_raw/events", False),
        ("", "glue:GetTable", f"{GLUE}:table/retailpulse_silver/orders", False),
        ("", "secretsmanager:GetSecretValue", "*", False),
        ("-start", "secretsmanager:GetSecretValue", "*", False),
        ("-start", "s3:GetObject", f"{BUCKET}/pulled/shop/shop_users.json", False),
    ],
)
def test_each_role_may_do_its_own_work_and_nothing_else(
    role: str, action: str, resource: str, is_allowed: bool, deployed: Deployed
) -> None:
    answer = deployed.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT_ID}:role/retailpulse-pull-shop{role}",
        ActionNames=[action],
        ResourceArns=[resource],
    )
    decision = answer["EvaluationResults"][0]["EvalDecision"]
    assert decision == ("allowed" if is_allowed else "implicitDeny")


def test_its_calls_are_judged(deployed: Deployed) -> None:
    """So that the pull of the other test proves something."""
    s3 = deployed.client_of("retailpulse-pull-shop", "s3")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=deployed.bucket, Key="events/event_type=order_created/x", Body=b"")
    secrets = deployed.client_of("retailpulse-pull-shop", "secretsmanager")
    with pytest.raises(ClientError, match="AccessDenied"):
        secrets.get_secret_value(SecretId="retailpulse/shop")
