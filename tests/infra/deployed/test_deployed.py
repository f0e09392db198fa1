"""Bootstrap and an environment, from nothing."""

from __future__ import annotations

import pytest

from tests.support.infra.deployed.stack import ENVIRONMENT, IMAGE, CommandError, Stack


@pytest.mark.parametrize("root", ["bootstrap", "main"])
def test_a_second_plan_changes_nothing(stack: Stack, root: str) -> None:
    given = {
        "bootstrap": [
            "-var=github_repository=example/retailpulse",
            f"-var=environment={ENVIRONMENT}",
        ],
        "main": [
            f"-var-file=environments/{ENVIRONMENT}.tfvars",
            f"-var=image={IMAGE}",
            f"-var=package={stack.package}",
            # What `make deploy` makes of GITHUB_REPOSITORY.
            "-var=runbooks_url=https://github.com/example/retailpulse/blob/main/docs/runbooks",
        ],
    }
    # With changes, it would be a failure.
    assert "No changes" in stack.terraform(root, "plan", "-detailed-exitcode", *given[root])


def test_no_state_stays_on_the_machine_that_deploys(stack: Stack) -> None:
    infra = stack.project / "infra"
    assert not [file for file in infra.rglob("*.tfstate*") if ".terraform" not in file.parts]
    assert not list(infra.rglob("*override.tf"))


def test_an_unknown_environment_is_one_sentence(stack: Stack) -> None:
    with pytest.raises(CommandError) as failure:
        stack.make("smoke", ENV="staging")
    assert "there is no environment staging" in str(failure.value)
    assert "Traceback" not in str(failure.value)


def test_a_plan_of_what_is_deployed_needs_no_image(stack: Stack) -> None:
    said = stack.make("plan", ENV=ENVIRONMENT, PACKAGE=str(stack.package))
    assert "No changes" in said
