"""Which release rollback.yml goes back to, by the script that the workflow itself runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.project.github import (
    Deployment,
    Find,
    failed,
    find_step,
    passed,
    refused,
    run_step,
)


@pytest.fixture
def find(tmp_path: Path) -> Find:
    def run(*deployments: Deployment, release: str = "") -> subprocess.CompletedProcess[str]:
        variables = {"ENVIRONMENT": "prod", "RELEASE": release}
        return run_step(find_step("rollback"), tmp_path, variables, {"prod": list(deployments)})

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
    find: Find, newest_first: list[Deployment], found: str
) -> None:
    process = find(*newest_first)
    assert process.stdout == f"release={found}\n", process.stderr


def test_a_release_that_is_named_is_taken(find: Find) -> None:
    process = find(passed("release-10.1"), release="release-3.2")
    assert process.stdout == "release=release-3.2\n"


@pytest.mark.parametrize("deployments", [[], [passed("release-1.1")], [failed("release-1.1")]])
def test_where_there_is_no_release_before_one_has_to_be_named(
    find: Find, deployments: list[Deployment]
) -> None:
    process = find(*deployments)
    assert process.returncode == 1
    assert "::error::No release passed in prod before" in process.stdout
