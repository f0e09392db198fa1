"""The blocks of docs/add-a-source.md: the files that it has a reader write, and the commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ingestion.contract_generator.__main__ import main
from tests.support.road.lakehouse import PROJECT

PAGE: Final = PROJECT / "docs" / "add-a-source.md"

_FILE: Final = r"^`(?P<path>[^`\n]+)`:\n\n```json\n(?P<content>.*?)^```"
_COMMANDS: Final = r"^```sh\n(?P<commands>.*?)^```"

STEPS: Final = tuple(
    re.finditer(f"{_FILE}|{_COMMANDS}", PAGE.read_text(), re.DOTALL | re.MULTILINE)
)
"""The blocks in the page's order: a `path` and its `content`, or `commands`."""

CONTRACTS: Final = {
    step["path"]: step["content"]
    for step in STEPS
    if step["path"] and step["path"].startswith("ingestion/contracts/")
}
"""Its contracts, by their paths in the project: of a known domain, a new one, and a new entity."""


def add_contracts(project: Path) -> None:
    """Write the page's contracts to a copy of the project, and what follows from them."""
    for path, content in CONTRACTS.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(content, encoding="utf-8")
    assert main([], project) == 0
