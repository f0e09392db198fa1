"""Every command that the README tells a newcomer to type runs, in the order it is told."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

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
    process = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=PROJECT,
        env=os.environ | {"RETAILPULSE_HOME": str(tmp_path / "lakehouse")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=400,
    )
    output = process.stdout
    assert process.returncode == 0, output
    # The order sent by hand is in gold, with the default currency.
    assert re.search(r"o100\W+CREATED\W+123\.00\W+USD", output), output
    assert re.search(r"landed [\d,]+ = accepted [\d,]+ \+ quarantined", output), output


def test_the_files_and_tests_it_names_are_there() -> None:
    text = readme()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    tests = re.findall(r"`pytest ([\w/.]+)", text)
    assert links
    assert tests
    for path in links + tests:
        assert (PROJECT / path).exists(), path


def test_the_make_targets_it_names_are_there() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    for target in set(re.findall(r"`make (\w+)`", readme())):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
