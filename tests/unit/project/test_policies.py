"""Every statement of a policy that has a wildcard says why, in the policy itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

INFRA = Path(__file__).parents[3] / "infra"

_STATEMENT = re.compile(
    r'^( *)(?:dynamic "statement"|statement) \{\n(.*?)^\1\}', re.MULTILINE | re.DOTALL
)
_LISTS = re.compile(
    r"^( *)(?:actions|resources|identifiers)\s*= (?:\[.*?\]|concat\(.*?^\1\))$",
    re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"^ *#.*$", re.MULTILINE)


class Statement(NamedTuple):
    """A statement of a policy document, as it is written."""

    file: Path
    text: str

    def __str__(self) -> str:
        sid = re.search(r'sid\s*= "(\w+)"', self.text)
        return f"{self.file.relative_to(INFRA)}:{sid[1] if sid else 'without a sid'}"

    @property
    def has_a_wildcard(self) -> bool:
        lists = "".join(found[0] for found in _LISTS.finditer(_COMMENT.sub("", self.text)))
        return bool(re.search(r'"[^"]*\*[^"]*"', lists))


STATEMENTS = [
    Statement(file, found[2])
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
    assert _COMMENT.search(statement.text)
