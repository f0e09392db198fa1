"""Every statement of a policy that has a wildcard says why: itself, or a local that it names.

What was deployed is held to this list by tests/infra/deployed/test_deployed_policies.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

INFRA = Path(__file__).parents[3] / "infra"

_STATEMENT = re.compile(
    r'^( *)(?:dynamic "statement"|statement) \{\n(.*?)^\1\}', re.MULTILINE | re.DOTALL
)
_LISTS = re.compile(
    r"^( *)(?:actions|resources|identifiers)\s*= (?:\[.*?\]|concat\(.*?^\1\)|local\.\w+)$",
    re.MULTILINE | re.DOTALL,
)
_LOCALS = re.compile(r"^locals \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
# With the comment above it.
_LOCAL = re.compile(
    r"^((?:  #[^\n]*\n)*  (\w+) += .*?)(?=^  (?:#|\w+ +=)|\Z)", re.MULTILINE | re.DOTALL
)
_COMMENT = re.compile(r"^ *#.*$", re.MULTILINE)


class Statement(NamedTuple):
    """A statement of a policy document, as it is written.

    Attributes:
        file: Where it is.
        text: What is between its braces.
        named: The definitions of the locals that its lists name, and of those that these name.
    """

    file: Path
    text: str
    named: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(INFRA)}:{self.sid or 'without a sid'}"

    @property
    def sid(self) -> str | None:
        found = re.search(r'sid\s*= "(\w+)"', self.text)
        return found and found[1]

    @property
    def has_a_wildcard(self) -> bool:
        lists = _COMMENT.sub("", _lists(self.text) + self.named)
        return bool(re.search(r'"[^"]*\*[^"]*"', lists))

    @property
    def has_a_reason(self) -> bool:
        return bool(_COMMENT.search(self.text + self.named))


def _lists(statement: str) -> str:
    return "".join(found[0] for found in _LISTS.finditer(_COMMENT.sub("", statement)))


def _definitions(module: Path) -> dict[str, str]:
    """The definitions of a module's locals, by name."""
    return {
        name: definition
        for file in module.glob("*.tf")
        for block in _LOCALS.findall(file.read_text())
        for definition, name in _LOCAL.findall(block)
    }


def _named(text: str, definitions: Mapping[str, str]) -> str:
    found = "".join(definitions[name] for name in re.findall(r"\blocal\.(\w+)", text))
    return found + _named(found, definitions) if found else ""


STATEMENTS = [
    Statement(file, found[2], _named(_lists(found[2]), _definitions(file.parent)))
    for file in sorted(INFRA.rglob("*.tf"))
    if ".terraform" not in file.parts
    for found in _STATEMENT.finditer(file.read_text())
]
WILDCARDS = [statement for statement in STATEMENTS if statement.has_a_wildcard]


def test_statements_are_found() -> None:
    assert len(STATEMENTS) > 50
    assert len(WILDCARDS) > 20


@pytest.mark.parametrize("statement", WILDCARDS, ids=str)
def test_a_wildcard_has_its_reason(statement: Statement) -> None:
    assert statement.has_a_reason
