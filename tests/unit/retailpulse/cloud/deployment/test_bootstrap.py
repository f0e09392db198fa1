from __future__ import annotations

import json
from typing import Any

import pytest

from retailpulse.cloud.deployment.bootstrap import destroy_bootstrap, make_bootstrap
from retailpulse.cloud.deployment.state import BOOTSTRAP_KEY, environment_key
from retailpulse.cloud.deployment.terraform import Terraform
from retailpulse.errors import SetupError, WorkError
from tests.support.cloud.aws import ACCOUNT, S3
from tests.unit.retailpulse.cloud.deployment.conftest import FakeTerraform

BUCKET = "retailpulse-state-111122223333-eu-central-1"
# Without the arguments, which are Terraform's own.
MOVE_OUT = ["bucket: init", "local: init -migrate-state"]
DELETE = ["local: apply force_destroy", "local: destroy force_destroy"]


def make(terraform: FakeTerraform, s3: Any) -> None:
    make_bootstrap(Terraform(terraform.root), "retailpulse", ACCOUNT, s3, emulated=False)


def destroy(terraform: FakeTerraform, s3: Any) -> None:
    destroy_bootstrap(Terraform(terraform.root), "retailpulse", ACCOUNT, s3, emulated=False)


def steps(terraform: FakeTerraform) -> list[str]:
    """What Terraform did, by command and what matters of its arguments."""
    told = []
    for call in terraform.calls:
        where, command, *arguments = call.split()
        told.append(
            " ".join(
                [where, command]
                + [argument for argument in arguments if argument == "-migrate-state"]
                + ["force_destroy" for argument in arguments if "force_destroy=true" in argument]
            )
        )
    return told


def files(terraform: FakeTerraform) -> set[str]:
    return {file.name for file in terraform.root.iterdir()}


@pytest.fixture
def made() -> S3:
    """An account that bootstrap was applied to, and whose environment is gone."""
    s3 = S3()
    s3.put(BUCKET, BOOTSTRAP_KEY, b"{}")
    s3.put(BUCKET, environment_key("dev"), json.dumps({"resources": []}).encode())
    return s3


def test_the_first_state_moves_to_the_bucket_it_made(terraform: FakeTerraform) -> None:
    make(terraform, S3())
    assert steps(terraform) == [
        "local: init",
        "local: apply",
        "bucket: init -migrate-state",
        "bucket: output",
    ]
    assert not files(terraform)


def test_a_first_time_that_failed_goes_on_where_it_was(terraform: FakeTerraform) -> None:
    terraform.fail("apply")
    with pytest.raises(WorkError):
        make(terraform, S3())
    terraform.fail("")
    (terraform.root / "terraform.tfstate").write_text("{}")

    make(terraform, S3({BUCKET: {}}))

    assert steps(terraform)[2:] == [
        "local: init",
        "local: apply",
        "bucket: init -migrate-state",
        "bucket: output",
    ]
    assert not files(terraform)


def test_a_state_in_the_bucket_is_the_one(terraform: FakeTerraform, made: S3) -> None:
    # What a command that was killed has left.
    (terraform.root / "backend_override.tf").touch()
    (terraform.root / "terraform.tfstate").touch()
    make(terraform, made)
    assert steps(terraform) == ["bucket: init", "bucket: apply", "bucket: output"]
    assert not files(terraform)


def test_a_bucket_that_may_not_be_seen_is_left_alone(terraform: FakeTerraform) -> None:
    with pytest.raises(SetupError, match=BUCKET):
        make(terraform, S3({BUCKET: None}))
    assert not terraform.calls


def test_the_state_leaves_the_bucket_before_that_is_deleted(
    terraform: FakeTerraform, made: S3
) -> None:
    destroy(terraform, made)
    assert steps(terraform) == MOVE_OUT + DELETE
    assert not files(terraform)


def test_a_state_that_lists_resources_is_not_deleted(terraform: FakeTerraform, made: S3) -> None:
    for environment, count in (("dev", 2), ("prod", 1)):
        resources = [{"mode": "managed", "instances": [{}]}] * count
        made.put(
            BUCKET, environment_key(environment), json.dumps({"resources": resources}).encode()
        )
    with pytest.raises(SetupError, match=r"of dev \(2\), prod \(1\): run `make destroy ENV=dev`"):
        destroy(terraform, made)
    assert not terraform.calls


@pytest.mark.parametrize(("failing", "again"), [("apply", DELETE), ("destroy", DELETE)])
def test_a_destruction_that_failed_goes_on_from_the_local_state(
    terraform: FakeTerraform, made: S3, failing: str, again: list[str]
) -> None:
    terraform.fail(failing)
    with pytest.raises(WorkError):
        destroy(terraform, made)
    before = len(terraform.calls)
    terraform.fail("")

    destroy(terraform, made)

    assert steps(terraform)[before:] == ["local: init", *again]
    assert not files(terraform)


def test_a_destruction_goes_on_without_the_bucket(terraform: FakeTerraform, made: S3) -> None:
    terraform.fail("destroy")
    with pytest.raises(WorkError):
        destroy(terraform, made)
    before = len(terraform.calls)
    terraform.fail("")

    destroy(terraform, S3())

    # To apply would make the bucket again.
    assert steps(terraform)[before:] == ["local: init", "local: destroy force_destroy"]
    assert not files(terraform)


def test_a_state_that_did_not_move_is_still_in_the_bucket(
    terraform: FakeTerraform, made: S3
) -> None:
    (terraform.root / "backend_override.tf").touch()
    destroy(terraform, made)
    assert steps(terraform) == MOVE_OUT + DELETE


def test_nothing_to_destroy_is_said(terraform: FakeTerraform) -> None:
    with pytest.raises(SetupError, match=f"there is no bucket {BUCKET}: nothing is left"):
        destroy(terraform, S3())
    assert not terraform.calls
