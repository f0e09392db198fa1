"""What is left when an environment and then the account's bootstrap are destroyed: nothing."""

from __future__ import annotations

import json

import pytest

from tests.support.infra.deployed.leftovers import Resources, resources
from tests.support.infra.deployed.stack import ENVIRONMENT, CommandError, Stack
from tests.support.infra.waiting import wait_until


def test_a_state_that_is_in_use_is_not_destroyed(stack: Stack) -> None:
    with pytest.raises(CommandError, match=rf"still list resources of {ENVIRONMENT} \(\d+\)"):
        stack.make("destroy-bootstrap", ENV=ENVIRONMENT)


def test_destroy_leaves_nothing(stack: Stack, before: Resources) -> None:
    deployed = resources(stack.client)
    # What was listed of is what was made: a kind without a name would prove nothing.
    assert not [kind for kind in before if deployed[kind] == before[kind]]
    execution = start_a_run_that_goes_on(stack)
    said = stack.make("destroy", ENV=ENVIRONMENT, PACKAGE=str(stack.package))
    assert f"done: Stopping the runs: {execution.rpartition(':')[2]}" in said
    assert "done: Stopping their containers: " in said
    stack.make("destroy-bootstrap", ENV=ENVIRONMENT)
    assert resources(stack.client) == before


def start_a_run_that_goes_on(stack: Stack) -> str:
    """Start a run whose container nobody plays; return the execution's ARN."""
    execution: str = stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.outputs["state_machine"]["arn"], input=json.dumps({"kind": "fast"})
    )["executionArn"]
    ecs, cluster = stack.client("ecs"), stack.outputs["cluster"]["arn"]
    wait_until("its container is there", lambda: bool(ecs.list_tasks(cluster=cluster)["taskArns"]))
    return execution
