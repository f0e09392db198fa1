"""`.env.example` names what a puller's user sets, and nothing that is set by itself or unused."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from retailpulse.commands.simulate_database import CONNECTION
from retailpulse.local.home import HOME_VARIABLE

PROJECT = Path(__file__).parents[3]
EXAMPLE = (PROJECT / ".env.example").read_text()
NAMED = dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))

# Of AWS's own variables the docs of a deployment name these.
AWS = {"AWS_PROFILE", "AWS_REGION"}

# What reads a puller's settings, here and in the container.
READERS = [
    *(PROJECT / "retailpulse/commands").glob("pull.py"),
    *(PROJECT / "retailpulse/local").glob("home.py"),
    *(PROJECT / "retailpulse/cloud/scheduled").glob("*pull*.py"),
    *(PROJECT / "ingestion/sources/databases").glob("*.py"),
    PROJECT / "retailpulse/cloud/scheduled/settings.py",
]


def connections() -> set[str]:
    """The variables that sources name: those of the project, and of the page about them."""
    page = (PROJECT / "docs/follow-a-database.md").read_text()
    described = [
        *re.findall(r"```yaml\n(engine:.*?)```", page, re.DOTALL),
        *(file.read_text() for file in (PROJECT / "ingestion/sources").glob("*.yml")),
    ]
    return {yaml.safe_load(source)["connection"] for source in described}


def read_by_code() -> set[str]:
    """The variables of ours that a puller's code reads."""
    text = "".join(file.read_text() for file in READERS)
    return set(re.findall(r'"(RETAILPULSE_[A-Z_]+)"', text))


def set_by_terraform() -> set[str]:
    """Those that a task is given on AWS."""
    files = [*(PROJECT / "infra/modules").glob("*/task.tf")]
    files += (PROJECT / "infra/modules").glob("*/*.tftpl")
    return set(re.findall(r"RETAILPULSE_[A-Z_]+", "".join(file.read_text() for file in files)))


def test_it_names_what_a_user_sets() -> None:
    assert connections()
    assert read_by_code() - set_by_terraform() == {HOME_VARIABLE}
    assert set(NAMED) == connections() | {HOME_VARIABLE, CONNECTION} | AWS


def test_it_holds_no_secret_and_what_is_made_of_it_is_not_committed() -> None:
    for name in connections():
        assert re.fullmatch(r"\w+://\w+:<password>@db\.example\.com/\w+", NAMED[name])
    assert ".env" in (PROJECT / ".gitignore").read_text().splitlines()
