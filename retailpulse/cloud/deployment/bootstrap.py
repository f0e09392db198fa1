"""infra/bootstrap: what an account needs before its first environment, the states' bucket first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retailpulse.cloud.deployment.account import Account
from retailpulse.cloud.deployment.state import (
    BOOTSTRAP_KEY,
    backend_settings,
    bucket_is_there,
    deployed_resources,
    state_bucket,
    state_is_there,
)
from retailpulse.cloud.deployment.terraform import Terraform
from retailpulse.errors import SetupError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The bucket that is to hold the state cannot hold it before it is there, nor while it is deleted:
# as long as this file lies in the module, the state is a file beside it.
_LOCAL_FIRST = "backend_override.tf"
_LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
_LOCAL_STATE = "terraform.tfstate"


def make_bootstrap(
    terraform: Terraform, name: str, account: Account, s3: S3Client, *, emulated: bool
) -> Mapping[str, Any]:
    """Make it, or bring it up to date; return its outputs.

    The state is local first and moves to the bucket once that is there; a command that was killed
    in between is run again.
    """
    bucket = state_bucket(name, account)
    backend = backend_settings(bucket, BOOTSTRAP_KEY, account, emulated=emulated)
    override = terraform.root / _LOCAL_FIRST
    if state_is_there(s3, bucket, BOOTSTRAP_KEY, account):
        override.unlink(missing_ok=True)
        terraform.init(backend)
        terraform.apply()
    else:
        override.write_text(_LOCAL_BACKEND)
        terraform.init({})
        terraform.apply()
        override.unlink()
        terraform.init(backend, migrate=True)
    _forget_local_state(terraform.root)
    return terraform.outputs()


def destroy_bootstrap(
    terraform: Terraform, name: str, account: Account, s3: S3Client, *, emulated: bool
) -> None:
    """Delete it, the states' bucket with all states last.

    The state moves out of the bucket first. A command that failed is run again: it goes on from the
    local state, with whatever is still there.

    Raises:
        SetupError: An environment is still there, or nothing is.
    """
    bucket = state_bucket(name, account)
    override = terraform.root / _LOCAL_FIRST
    has_bucket = bucket_is_there(s3, bucket, account)
    has_state = has_bucket and state_is_there(s3, bucket, BOOTSTRAP_KEY, account)
    # The bucket keeps the state that moved, so that the override tells which of the two goes on.
    has_moved = (terraform.root / _LOCAL_STATE).exists() and (override.exists() or not has_state)
    if has_bucket:
        _require_no_environment(s3, bucket)
    elif not has_moved:
        raise SetupError(f"there is no bucket {bucket}: nothing is left of `make bootstrap`")
    if has_moved:
        override.write_text(_LOCAL_BACKEND)
        terraform.init({})
    else:
        override.unlink(missing_ok=True)
        terraform.init(backend_settings(bucket, BOOTSTRAP_KEY, account, emulated=emulated))
        override.write_text(_LOCAL_BACKEND)
        terraform.init({}, migrate=True)
    emptied = replace(terraform, variables={**terraform.variables, "force_destroy": "true"})
    if has_bucket:
        # A bucket is emptied by whoever destroys it only if that was applied before.
        emptied.apply()
    emptied.destroy()
    override.unlink()
    _forget_local_state(terraform.root)


def _require_no_environment(s3: S3Client, bucket: str) -> None:
    if counts := deployed_resources(s3, bucket):
        left = ", ".join(f"{environment} ({count})" for environment, count in counts.items())
        (first, *_) = counts
        raise SetupError(
            f"the states in {bucket} still list resources of {left}: run "
            f"`make destroy ENV={first}` first, as without its state nothing could delete them"
        )


def _forget_local_state(root: Path) -> None:
    for file in root.glob(f"{_LOCAL_STATE}*"):
        file.unlink()
