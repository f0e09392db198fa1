"""Which release promote.yml takes to prod, by the script that the workflow itself runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.project.github import (
    WORKFLOWS,
    Deployment,
    Find,
    failed,
    find_step,
    passed,
    run_step,
)


@pytest.fixture
def find(tmp_path: Path) -> Find:
    def run(*deployments: Deployment, release: str = "") -> subprocess.CompletedProcess[str]:
        # What prod has had does not matter.
        answers = {"dev": list(deployments), "prod": [passed("release-1.1")]}
        return run_step(find_step("promote"), tmp_path, {"RELEASE": release}, answers)

    return run


def test_what_passed_in_dev_last_is_promoted(find: Find) -> None:
    process = find(failed("release-11.1"), passed("release-9.1"), passed("release-10.1"))
    assert process.stdout == "release=release-9.1\n", process.stderr


def test_a_release_that_is_named_is_promoted_if_it_passed(find: Find) -> None:
    assert find(passed("release-10.1"), passed("release-9.1"), release="release-9.1").stdout == (
        "release=release-9.1\n"
    )


@pytest.mark.parametrize("release", ["release-11.1", "release-1.1", "release-9", "release-9.1.*"])
def test_a_release_that_did_not_pass_in_dev_is_refused(find: Find, release: str) -> None:
    process = find(failed("release-11.1"), passed("release-9.11"), release=release)
    assert process.returncode == 1
    assert process.stdout == f"::error::{release} did not pass in dev: name one that did\n"


def test_where_nothing_passed_there_is_nothing_to_promote(find: Find) -> None:
    process = find(failed("release-1.1"))
    assert process.returncode == 1
    assert process.stdout == "::error::No release passed in dev yet\n"


def test_nothing_but_a_person_begins_a_deployment_to_prod() -> None:
    """A required reviewer is not to be had everywhere, and without one nobody is asked."""
    begin = {
        file.stem: set(read[True])
        for file in WORKFLOWS.glob("*.yml")
        # YAML reads `on` as true.
        if (read := yaml.safe_load(file.read_text()))
        for job in read["jobs"].values()
        if job.get("with", {}).get("environment") not in (None, "dev")
    }
    assert begin == {"promote": {"workflow_dispatch"}, "rollback": {"workflow_dispatch"}}
