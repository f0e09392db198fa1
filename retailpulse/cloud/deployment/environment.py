"""infra/main: one environment, from its .tfvars file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from retailpulse.cloud.deployment.account import Account
from retailpulse.cloud.deployment.smoke import Deployed, PulledSource
from retailpulse.cloud.deployment.state import backend_settings, environment_key
from retailpulse.cloud.deployment.terraform import Terraform
from retailpulse.errors import SetupError

_FOLDER: Final = "environments"


def environment_file(root: Path, environment: str) -> Path:
    """Return an environment's .tfvars file.

    Raises:
        SetupError: There is none of this name.
    """
    known = {file.stem: file for file in (root / _FOLDER).glob("*.tfvars")}
    if environment not in known:
        raise SetupError(
            f"there is no environment {environment}: infra/main/{_FOLDER}/ has "
            f"{', '.join(sorted(known))}; add {environment}.tfvars, or set ENV to one of these"
        )
    return known[environment]


def init_environment(
    terraform: Terraform, environment: str, bucket: str, account: Account, *, emulated: bool
) -> None:
    """Make Terraform use the environment's state."""
    terraform.init(
        backend_settings(bucket, environment_key(environment), account, emulated=emulated)
    )


def deployed(outputs: Mapping[str, Any]) -> Deployed:
    """Read from infra/main's outputs where things are.

    Raises:
        SetupError: Nothing is deployed.
    """
    if not outputs:
        raise SetupError("nothing is deployed in this environment: run `make deploy` first")
    layers, drops = outputs["databases"], outputs.get("file_drops")
    return Deployed(
        bus=outputs["bus"]["name"],
        raw_bucket=outputs["buckets"]["raw"]["name"],
        state_machine_arn=outputs["state_machine"]["arn"],
        work_group=outputs["work_groups"]["analysts"]["name"],
        gold_database=layers["gold"]["name"],
        silver_database=layers["silver"]["name"],
        pulled=tuple(
            PulledSource(name, source["state_machine"]["arn"], tuple(source["event_types"]))
            for name, source in sorted(outputs.get("database_sources", {}).items())
        ),
        drop_bucket=drops["bucket"]["name"] if drops else None,
    )


def state_machines(outputs: Mapping[str, Any]) -> list[str]:
    """Return the ARNs of what runs dbt and of what pulls databases."""
    sources = outputs.get("database_sources", {}).values()
    return [of["state_machine"]["arn"] for of in (outputs, *sources)]


def shell_lines(outputs: Mapping[str, Any]) -> str:
    """Return what a shell sources so that `retailpulse sql` and dbt work on the environment."""
    return "".join(
        f"export {name}={shlex.quote(value)}\n"
        for name, value in sorted(outputs["environment"].items())
    )
