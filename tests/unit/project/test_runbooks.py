"""Whoever is called finds what to do: each alarm links a runbook, and each runbook has an alarm.

Those for a laptop have none: there a command says what is wrong.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
RUNBOOKS = PROJECT / "docs" / "runbooks"
ALARMS = "".join(
    (PROJECT / f"infra/modules/{module}/alarms.tf").read_text()
    for module in ("monitoring", "database_source", "file_drops")
)

LINKED = re.findall(r'^\s*runbook\s*=\s*"(.+)"$', ALARMS, re.MULTILINE)
WRITTEN = sorted(file.name for file in RUNBOOKS.glob("*.md") if file.name != "README.md")
# Nothing sends an alarm there.
ON_A_LAPTOP = [name for name in WRITTEN if name.startswith("laptop-")]


def test_alarms_link_the_runbooks_that_there_are() -> None:
    assert sorted([*set(LINKED), *ON_A_LAPTOP]) == WRITTEN


@pytest.mark.parametrize("name", WRITTEN)
def test_runbook_says_what_whoever_is_called_needs(name: str) -> None:
    text = (RUNBOOKS / name).read_text()

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Cause", "See it", "Do", "Over"]
    see, do = text.split("## See it")[1].split("## Do")
    assert "```sh\n" in see
    assert len(do.split("## Over")[0].strip()) > 0


def test_the_list_of_runbooks_is_complete() -> None:
    listed = re.findall(r"^\| \[(.+\.md)\]", (RUNBOOKS / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == WRITTEN


@pytest.mark.parametrize("name", ["README.md", *WRITTEN])
def test_links_lead_to_files(name: str) -> None:
    for link in re.findall(r"\]\(((?!https:)[^)#]+)", (RUNBOOKS / name).read_text()):
        assert (RUNBOOKS / link).is_file(), link
