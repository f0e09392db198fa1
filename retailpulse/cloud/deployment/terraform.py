"""Terraform, run on one of the two root modules of infra/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retailpulse.errors import SetupError, WorkError


def find_terraform() -> str:
    """Return the path of Terraform's executable.

    Raises:
        SetupError: It is not on the PATH.
    """
    terraform = shutil.which("terraform")
    if terraform is None:
        raise SetupError(
            "terraform is not on the PATH: install Terraform 1.10 or later "
            "(developer.hashicorp.com/terraform/install)"
        )
    return terraform


@dataclass(frozen=True)
class Terraform:
    """Terraform on a root module; what it says goes to the terminal.

    Attributes:
        root: The root module's folder.
        variables: Given to every command that reads variables.
        variables_file: A .tfvars file, given likewise; None for none.
        auto_approve: Whether changes are made without asking.
    """

    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    variables_file: Path | None = None
    auto_approve: bool = False

    def init(self, backend: Mapping[str, str], *, migrate: bool = False) -> None:
        """Make the folder ready to use a backend.

        Args:
            backend: The backend's settings.
            migrate: Whether the state that was used before moves to this backend.
        """
        how = ("-migrate-state", "-force-copy") if migrate else ("-reconfigure",)
        settings = [f"-backend-config={name}={value}" for name, value in backend.items()]
        self._process("init", "-input=false", *how, *settings)

    def apply(self) -> None:
        """Make what the module describes."""
        self._process("apply", *self._approval(), *self._given())

    def destroy(self) -> None:
        """Delete what was made."""
        self._process("destroy", *self._approval(), *self._given())

    def plan(self) -> None:
        """Show what `apply` would change."""
        # The role of pull requests can write no lock.
        self._process("plan", "-input=false", "-lock=false", *self._given())

    def outputs(self) -> dict[str, Any]:
        """Return the outputs by name; none where nothing is applied."""
        answer = self._process("output", "-json", capture=True)
        return {name: output["value"] for name, output in json.loads(answer.stdout).items()}

    def _approval(self) -> Sequence[str]:
        return ("-auto-approve", "-input=false") if self.auto_approve else ()

    def _given(self) -> list[str]:
        file = [f"-var-file={self.variables_file.absolute()}"] if self.variables_file else []
        return file + [f"-var={name}={value}" for name, value in self.variables.items()]

    def _process(self, *arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
        process = subprocess.run(  # noqa: S603
            [find_terraform(), f"-chdir={self.root}", *arguments],
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
            stdout=subprocess.PIPE if capture else None,
            text=True,
            check=False,
        )
        if process.returncode:
            raise WorkError(
                f"terraform {arguments[0]} failed in {self.root}: it has said why above"
            )
        return process
