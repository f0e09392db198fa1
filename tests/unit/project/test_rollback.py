"""Which release rollback.yml goes back to, by the script that the workflow itself runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOW = Path(__file__).parents[3] / ".github/workflows/rollback.yml"

# GitHub's command, with the answer in a file: it has jq built in.
GH = f"""#!{sys.executable}
import os, sys, pathlib, jq

if sys.argv[1] == "api":
    answer = pathlib.Path(os.environ["ANSWER"]).read_text()
    for found in jq.compile(sys.argv[sys.argv.index("--jq") + 1]).input_text(answer):
        print(found)
else:
    print(sys.argv[3])
"""

Find = Callable[..., "subprocess.CompletedProcess[str]"]


def deployment(release: str | None, *states: str) -> dict[str, Any]:
    """A deployment as GitHub tells it, the first status first."""
    url = release and f"https://github.com/example/retailpulse/releases/tag/{release}"
    return {"statuses": {"nodes": [{"state": state, "environmentUrl": url} for state in states]}}


def passed(release: str | None) -> dict[str, Any]:
    return deployment(release, "QUEUED", "IN_PROGRESS", "SUCCESS", "INACTIVE")


def failed(release: str | None) -> dict[str, Any]:
    return deployment(release, "IN_PROGRESS", "FAILURE")


def refused(release: str) -> dict[str, Any]:
    return deployment(release, "WAITING", "FAILURE")


@pytest.fixture
def find(tmp_path: Path) -> Find:
    (step,) = yaml.safe_load(WORKFLOW.read_text())["jobs"]["find"]["steps"]
    gh = tmp_path / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)

    def run(*deployments: dict[str, Any], release: str = "") -> subprocess.CompletedProcess[str]:
        answer = tmp_path / "answer.json"
        answer.write_text(
            json.dumps({"data": {"repository": {"deployments": {"nodes": deployments}}}})
        )
        output = tmp_path / "output"
        output.write_text("")
        process = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "ANSWER": str(answer),
                "GITHUB_OUTPUT": str(output),
                "GH_REPO": "example/retailpulse",
                "ENVIRONMENT": "prod",
                "RELEASE": release,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        process.stdout += output.read_text()
        return process

    return run


@pytest.mark.parametrize(
    ("newest_first", "found"),
    [
        pytest.param(
            [passed("release-10.1"), passed("release-9.1")], "release-9.1", id="one that passed"
        ),
        pytest.param(
            [failed("release-10.1"), passed("release-9.1"), passed("release-8.1")],
            "release-9.1",
            id="one that failed",
        ),
        pytest.param(
            [passed("release-10.1"), failed("release-9.1"), passed("release-8.1")],
            "release-8.1",
            id="over one that failed",
        ),
        pytest.param(
            [passed(f"release-{number}.1") for number in (9, 10, 9, 8)],
            "release-8.1",
            id="twice, and not forward again",
        ),
        pytest.param(
            [refused("release-11.1"), passed("release-10.1"), passed("release-9.1")],
            "release-9.1",
            id="what was refused was never deployed",
        ),
        pytest.param(
            [failed(None), passed("release-10.1"), passed("release-9.1"), passed(None)],
            "release-10.1",
            id="one that GitHub does not tell",
        ),
    ],
)
def test_a_rollback_goes_to_the_release_before(
    find: Find, newest_first: list[dict[str, Any]], found: str
) -> None:
    process = find(*newest_first)
    assert process.stdout == f"release={found}\n", process.stderr


def test_a_release_that_is_named_is_taken(find: Find) -> None:
    process = find(passed("release-10.1"), release="release-3.2")
    assert process.stdout == "release=release-3.2\n"


@pytest.mark.parametrize("deployments", [[], [passed("release-1.1")], [failed("release-1.1")]])
def test_where_there_is_no_release_before_one_has_to_be_named(
    find: Find, deployments: list[dict[str, Any]]
) -> None:
    process = find(*deployments)
    assert process.returncode == 1
    assert "::error::No release passed in prod before" in process.stdout
