"""GitHub, as the scripts of the workflows ask it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[3]
WORKFLOWS = PROJECT / ".github/workflows"

# GitHub's command, with the answers in a file, by environment: it has jq built in. And AWS's, which
# tells what it was told.
_GH = f"""#!{sys.executable}
import json, os, sys, pathlib, jq

if sys.argv[1] == "api":
    (environment,) = (word[12:] for word in sys.argv if word.startswith("environment="))
    answer = json.loads(pathlib.Path(os.environ["ANSWERS"]).read_text())[environment]
    for found in jq.compile(sys.argv[sys.argv.index("--jq") + 1]).input_value(answer):
        print(found)
else:
    print(sys.argv[3])
"""
_AWS = """#!/bin/sh
printf '%s\\n' "$@"
"""

Deployment = dict[str, Any]
Find = Callable[..., "subprocess.CompletedProcess[str]"]


def deployment(release: str | None, *states: str) -> Deployment:
    """A deployment as GitHub tells it, the first status first."""
    url = release and f"https://github.com/example/retailpulse/releases/tag/{release}"
    return {"statuses": {"nodes": [{"state": state, "environmentUrl": url} for state in states]}}


def passed(release: str | None) -> Deployment:
    return deployment(release, "QUEUED", "IN_PROGRESS", "SUCCESS", "INACTIVE")


def failed(release: str | None) -> Deployment:
    return deployment(release, "IN_PROGRESS", "FAILURE")


def refused(release: str) -> Deployment:
    return deployment(release, "WAITING", "FAILURE")


def jobs(workflow: str) -> dict[str, Any]:
    """The jobs of a workflow, by name."""
    read: dict[str, Any] = yaml.safe_load((WORKFLOWS / f"{workflow}.yml").read_text())["jobs"]
    return read


def run_step(
    step: Mapping[str, Any],
    folder: Path,
    variables: Mapping[str, str],
    deployments: Mapping[str, list[Deployment]],
) -> subprocess.CompletedProcess[str]:
    """Run a step's script as GitHub does; what it puts out follows what it says.

    Args:
        step: As the workflow has it.
        folder: For the commands and the files.
        variables: The step's environment.
        deployments: By environment, the newest first.
    """
    for name, text in {"gh": _GH, "aws": _AWS}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    answers = folder / "answers.json"
    answers.write_text(
        json.dumps(
            {
                environment: {"data": {"repository": {"deployments": {"nodes": nodes}}}}
                for environment, nodes in deployments.items()
            }
        )
    )
    output = folder / "output"
    output.write_text("")
    process = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=PROJECT,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "ANSWERS": str(answers),
            "GITHUB_OUTPUT": str(output),
            "GH_REPO": "example/retailpulse",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    process.stdout += output.read_text()
    return process


def find_step(workflow: str) -> dict[str, Any]:
    """The step by which a workflow finds its release."""
    (step,) = (step for step in jobs(workflow)["find"]["steps"] if step.get("id") == "find")
    return dict(step)
