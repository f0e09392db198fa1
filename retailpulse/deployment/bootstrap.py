"""infra/bootstrap: what an account needs before its first environment, the states' bucket first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retailpulse.deployment.account import Account
from retailpulse.deployment.state import (
    BOOTSTRAP_KEY,
    backend_settings,
    state_bucket,
    state_is_there,
)
from retailpulse.deployment.terraform import Terraform

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The bucket that is to hold the state cannot hold it before it is there: as long as this file lies
# in the module, the state is a file beside it.
_LOCAL_FIRST = "backend_override.tf"
_LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'


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
    if state_is_there(s3, bucket, BOOTSTRAP_KEY):
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


def destroy_bootstrap(terraform: Terraform, name: str, account: Account, *, emulated: bool) -> None:
    """Delete it, the states' bucket with all states last."""
    backend = backend_settings(
        state_bucket(name, account), BOOTSTRAP_KEY, account, emulated=emulated
    )
    terraform.init(backend)
    override = terraform.root / _LOCAL_FIRST
    override.write_text(_LOCAL_BACKEND)
    terraform.init({}, migrate=True)
    emptied = replace(terraform, variables={**terraform.variables, "force_destroy": "true"})
    # A bucket is emptied by whoever destroys it only if that was applied before.
    emptied.apply()
    emptied.destroy()
    override.unlink()
    _forget_local_state(terraform.root)


def _forget_local_state(root: Path) -> None:
    for file in root.glob("terraform.tfstate*"):
        file.unlink()
