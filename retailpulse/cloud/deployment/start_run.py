"""A run of dbt that somebody starts: by the state machine, and so under its lease."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from retailpulse.cloud.scheduled.kinds import Kind
from retailpulse.errors import WorkError
from retailpulse.terminal import Step

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_POLL_SECONDS: Final = 2.0
# Below the four hours of the deploy role's session and of the job (infra/bootstrap/github.tf,
# .github/workflows/deploy.yml), which began before.
_ENDS_WITHIN_SECONDS: Final = 3 * 3600


class RunError(WorkError):
    """The run failed, or goes on; the sentence has what is known and where to look."""


def run_dbt(
    stepfunctions: SFNClient,
    state_machine_arn: str,
    kind: Kind,
    step: Step,
    arguments: Sequence[str] = (),
) -> str:
    """Start a run and wait until it has ended.

    Args:
        stepfunctions: A client of the environment's account and region.
        state_machine_arn: What runs dbt.
        kind: The kind of run.
        step: Shows the execution's name.
        arguments: What a repair is told (retailpulse/cloud/scheduled/repair.py).

    Returns:
        How it ended: succeeded, or skipped because another run held the lease.

    Raises:
        RunError: It failed, or has not ended after three hours.
    """
    told = {"kind": kind, "arguments": list(arguments)}
    return run_to_end(stepfunctions, state_machine_arn, told, step)


def run_to_end(
    stepfunctions: SFNClient, state_machine_arn: str, told: Mapping[str, object], step: Step
) -> str:
    """Start an execution and wait until it has ended; return its outcome.

    Args:
        stepfunctions: A client of the environment's account and region.
        state_machine_arn: The state machine.
        told: The execution's input.
        step: Shows the execution's name.

    Raises:
        RunError: It failed, or has not ended after three hours.
    """
    execution = stepfunctions.start_execution(
        stateMachineArn=state_machine_arn, input=json.dumps(told)
    )["executionArn"]
    step.update(execution.rpartition(":")[2])
    deadline = time.monotonic() + _ENDS_WITHIN_SECONDS
    while (end := stepfunctions.describe_execution(executionArn=execution))["status"] == "RUNNING":
        if time.monotonic() > deadline:
            raise RunError(
                "the run goes on and is not stopped: look at it with `aws stepfunctions "
                f"describe-execution --execution-arn {execution}` "
                f"(waited {_ENDS_WITHIN_SECONDS} s)"
            )
        time.sleep(_POLL_SECONDS)
    if end["status"] != "SUCCEEDED":
        raise RunError(
            f"the run {execution} ended as {end['status']}: "
            f"{end.get('error', '')} {end.get('cause', '')}"
        )
    return str(json.loads(end["output"])["outcome"])
