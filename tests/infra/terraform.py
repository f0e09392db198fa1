"""Terraform, as the tests run it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# An apply on the emulated AWS takes a minute and a half; on a busy machine, several times that.
_SECONDS: Final = 900
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
        subprocess.TimeoutExpired: It took longer than 900 s.
    """
    process = subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env={**os.environ, **environment, **_UNATTENDED},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if process.returncode:
        said = f"{process.stdout}{process.stderr}"
        raise TerraformError(f"terraform {arguments[0]} in {folder}:\n{said}")
    return process.stdout
