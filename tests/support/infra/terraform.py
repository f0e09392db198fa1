"""Terraform, as the tests run it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.progress import run

_UNATTENDED: Final[Mapping[str, str]] = {
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    "TF_CLI_ARGS": "-no-color",
}


class TerraformError(Exception):
    """Terraform failed; the text has all that it said."""


def terraform(folder: Path, *arguments: str, **environment: str) -> str:
    """Run it in a folder; return what it wrote.

    Args:
        folder: A root module.
        arguments: The command and its options.
        environment: Variables beside those of this process.

    Raises:
        TerraformError: It failed.
        StuckError: It hangs.
    """
    process = run(
        ["terraform", *arguments],
        cwd=folder,
        env={**os.environ, **environment, **_UNATTENDED},
        stderr=subprocess.PIPE,
    )
    if process.returncode:
        said = f"{process.stdout}{process.stderr}"
        raise TerraformError(f"terraform {arguments[0]} in {folder}:\n{said}")
    return process.stdout
