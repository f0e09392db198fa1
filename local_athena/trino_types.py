"""Trino's type names, such as `map(varchar, array(row("a" decimal(15,2))))`, as a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True)
class TrinoType:
    """A type."""

    # Without its arguments: `decimal`, `timestamp with time zone`, `row`.
    name: str
    # Of `decimal(15,2)` 15 and 2, of `varchar(10)` 10.
    numbers: tuple[int, ...] = ()
    # What an array, a map (key, value) or a row is made of, each with its field's name; None for
    # what has no name.
    children: tuple[tuple[str | None, TrinoType], ...] = ()


# A column's values are read with one type: a result asks for the same few over and over.
@lru_cache(maxsize=1024)
def parse_type(text: str) -> TrinoType:
    """Read a type as Trino's client protocol writes it.

    Raises:
        ValueError: A parenthesis is not closed.
    """
    opening = text.find("(")
    if opening < 0:
        return TrinoType(text.strip().lower())
    closing = _closing_parenthesis(text, opening)
    name = f"{text[:opening]}{text[closing + 1 :]}".strip().lower()
    arguments = list(_split_at_commas(text[opening + 1 : closing]))
    if name == "row":
        return TrinoType(name, children=tuple(_row_field(argument) for argument in arguments))
    if name in ("array", "map"):
        return TrinoType(name, children=tuple((None, parse_type(a)) for a in arguments))
    return TrinoType(name, numbers=tuple(int(a) for a in arguments if a.isdecimal()))


# Types of several words that have no parenthesis after the first one.
_SEVERAL_WORDS: Final = ("interval day to second", "interval year to month")


def _row_field(text: str) -> tuple[str | None, TrinoType]:
    """Read `a bigint`, `"a b" bigint` or, of a field without a name, `bigint`."""
    if quoted := re.match(r'"((?:[^"]|"")*)"\s+', text):
        return quoted[1].replace('""', '"'), parse_type(text[quoted.end() :])
    if text not in _SEVERAL_WORDS and (plain := re.match(r"(\w+)\s+", text)):
        return plain[1], parse_type(text[plain.end() :])
    return None, parse_type(text)


def _outside_quotes(text: str) -> Iterator[tuple[int, str]]:
    """Each character that is not within double quotes, with its position."""
    quoted = False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted:
            yield position, character


def _closing_parenthesis(text: str, opening: int) -> int:
    depth = 0
    for position, character in _outside_quotes(text):
        if position >= opening:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth == 0:
                return position
    raise ValueError(f"A parenthesis is not closed: {text}")


def _split_at_commas(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for position, character in _outside_quotes(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield text[start:position].strip()
            start = position + 1
    yield text[start:].strip()
