"""The rules of the branch and of the releases' tags name what there is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.project.github import PROJECT, jobs

RULESETS = PROJECT / ".github/rulesets"


def rules(name: str) -> dict[str, Any]:
    """The parameters of a ruleset's rules, by type."""
    read = json.loads((RULESETS / f"{name}.json").read_text())
    return {rule["type"]: rule.get("parameters") for rule in read["rules"]}


def test_main_needs_every_job_of_the_tests() -> None:
    required = {
        check["context"]
        for check in rules("main")["required_status_checks"]["required_status_checks"]
    }
    pythons = jobs("test")["test"]["strategy"]["matrix"]["python"]
    named = {f"test ({python})" for python in pythons} | set(jobs("test")) - {"test"}
    assert required == named


def test_nobody_merges_alone() -> None:
    review = rules("main")["pull_request"]
    assert review["required_approving_review_count"] >= 1
    assert review["require_last_push_approval"]
    assert review["require_code_owner_review"]


def test_what_was_released_stays_what_it_was() -> None:
    """Deployments check out the release's tag."""
    assert {"deletion", "update"} <= set(rules("releases"))
    (checkout,) = (
        step["with"]["ref"]
        for step in jobs("deploy")["deploy"]["steps"]
        if "ref" in step.get("with", {})
    )
    assert checkout == "refs/tags/${{ inputs.release }}"
    made = json.dumps(jobs("release")["build"]["steps"])
    assert '"RELEASE": "release-${{ github.run_number }}' in made
    covered = json.loads((RULESETS / "releases.json").read_text())["conditions"]["ref_name"]
    assert covered["include"] == ["refs/tags/release-*"]


@pytest.mark.parametrize(
    "line", [line for line in (PROJECT / ".github/CODEOWNERS").read_text().splitlines() if line]
)
def test_an_owner_owns_something(line: str) -> None:
    path = line.split()[0].removeprefix("/")
    assert path in ("#", "*") or list(PROJECT.glob(path))
