"""How deploy.yml waits for its turn, and how it tells its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project.github import jobs, run_step

DEPLOY = jobs("deploy")["deploy"]


def test_a_deployment_that_waits_is_cancelled_by_no_other() -> None:
    # actionlint does not know `queue` and so does not check it.
    assert DEPLOY["concurrency"] == {
        "group": "deploy-${{ inputs.environment }}",
        "cancel-in-progress": False,
        "queue": "max",
    }


@pytest.mark.parametrize("status", ["success", "failure", "cancelled"])
def test_its_end_is_told_to_whoever_hears_of_alarms(tmp_path: Path, status: str) -> None:
    last = DEPLOY["steps"][-1]
    assert last["if"].startswith("always()")
    variables = {
        "ACTOR": "somebody",
        "AWS_REGION": "eu-central-1",
        "ENVIRONMENT": "prod",
        "RELEASE": "release-40.1",
        "ROLE_ARN": "arn:aws:iam::111122223333:role/bootstrap/retailpulse-deploy",
        "RUN_URL": "https://github.com/example/retailpulse/actions/runs/1",
        "STATUS": status,
        "WORKFLOW": "rollback",
    }
    assert set(variables) == {*last["env"], *DEPLOY["env"], "AWS_REGION"}

    process = run_step(last, tmp_path, variables, {})

    assert process.stdout.splitlines() == [
        "sns",
        "publish",
        "--topic-arn",
        "arn:aws:sns:eu-central-1:111122223333:retailpulse-alerts",
        "--subject",
        f"RetailPulse prod: rollback, release-40.1: {status}",
        "--message",
        "somebody asked to deploy release-40.1: "
        "https://github.com/example/retailpulse/actions/runs/1",
    ], process.stderr
