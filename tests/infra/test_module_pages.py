"""Each module's page lists its variables and outputs, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

INFRA = Path(__file__).parents[2] / "infra"
MODULES = sorted(
    file.parent for file in INFRA.glob("**/variables.tf") if ".terraform" not in file.parts
)


def declared(module: Path, kind: str) -> dict[str, str]:
    """The descriptions of a module's variables or outputs, by name."""
    text = (module / f"{kind}s.tf").read_text()
    blocks = re.findall(rf'^{kind} "(\w+)" {{\n(.*?)^}}', text, flags=re.MULTILINE | re.DOTALL)
    return {name: re.findall(r'description = "(.*)"', body)[0] for name, body in blocks}


def listed(module: Path, heading: str) -> dict[str, str]:
    """The descriptions in a table of the module's page, by name."""
    page = (module / "README.md").read_text()
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, flags=re.MULTILINE))


def test_there_are_modules() -> None:
    assert MODULES


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_modules_page_lists_its_inputs_and_outputs(module: Path) -> None:
    assert listed(module, "Inputs") == declared(module, "variable")
    assert listed(module, "Outputs") == declared(module, "output")
