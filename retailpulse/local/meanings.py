"""What a table's columns mean, as the YAML beside its model says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(r"\{%-?\s*docs\s+(\w+)\s*-?%\}(.*?)\{%-?\s*enddocs\s*-?%\}", re.DOTALL)
_REFERENCE: Final = re.compile(r"""\{\{\s*doc\(\s*['"](\w+)['"]\s*\)\s*\}\}""")


def column_meanings(project: Path, table: str) -> dict[str, str]:
    """Return the meaning of each column of a table that dbt makes; none for any other.

    Args:
        project: The checkout.
        table: The table's name, without its schema.
    """
    # Importing it takes 0.02 s, which other statements need not wait for.
    import yaml

    for folder in ("models", "seeds"):
        for file in (project / folder).rglob("*.yml"):
            if file.stem == table:
                [node] = yaml.safe_load(file.read_text(encoding="utf-8"))[folder]
                blocks = _blocks(project / folder)
                return {
                    column["name"]: _resolved(column["description"], blocks)
                    for column in node["columns"]
                }
    return {}


def _blocks(folder: Path) -> dict[str, str]:
    """Return the text of each docs block of the Markdown files, by name."""
    return {
        name: text
        for file in folder.rglob("*.md")
        for name, text in _BLOCK.findall(file.read_text(encoding="utf-8"))
    }


def _resolved(description: str, blocks: dict[str, str]) -> str:
    """Put each block in the place of its `{{ doc('name') }}`, and all on one line.

    A name without a block, which dbt refuses to parse, stays as it is.
    """
    text = _REFERENCE.sub(lambda found: blocks.get(found[1], found[0]), description)
    return " ".join(text.split())
