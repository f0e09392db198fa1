"""Every command that the README tells a newcomer to type runs, in the order it is told."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.progress import run

PROJECT = Path(__file__).parents[2]


def commands() -> str:
    """The shell blocks of the README, and then the dbt commands of its tables."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme(), flags=re.DOTALL | re.MULTILINE)
    in_tables = re.findall(r"^\|.*?`(dbt [^`…]+)`", readme(), flags=re.MULTILINE)
    return "\n".join([*blocks, *(each for each in in_tables if each not in "".join(blocks))])


def readme() -> str:
    return (PROJECT / "README.md").read_text()


def test_its_commands_run(tmp_path: Path) -> None:
    script = commands()
    assert "make demo" in script
    assert "dbt source freshness" in script
    process = run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=PROJECT,
        env=os.environ | {"RETAILPULSE_HOME": str(tmp_path / "lakehouse")},
    )
    output = process.stdout
    assert process.returncode == 0, output
    # The order sent by hand is in gold, with the default currency.
    assert re.search(r"o100\W+CREATED\W+123\.0000\W+USD", output), output
    assert re.search(r"landed [\d,]+ = accepted [\d,]+ \+ quarantined", output), output


@pytest.mark.parametrize("page", ["README.md", "docs/guarantees.md"])
def test_the_files_tests_and_targets_it_names_are_there(page: str) -> None:
    text = (PROJECT / page).read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    tests = re.findall(r"`pytest ([\w/.]+)", text)
    targets = set(re.findall(r"`make ([\w-]+)`", text))
    assert links
    assert tests
    for link in links:
        assert (PROJECT / page).parent.joinpath(link).exists(), link
    for test in tests:
        assert (PROJECT / test).exists(), test
    subprocess.run(["make", "--dry-run", *targets], cwd=PROJECT, check=True, capture_output=True)
