"""A YAML file that describes a source, whose members are checked as they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import yaml

from ingestion.sources.errors import ConfigurationError


def read_yaml(file: Path) -> Any:
    """Return what a file of YAML says.

    Raises:
        ConfigurationError: It is not YAML.
    """
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        # The error of a YAML parser quotes lines and says where.
        raise ConfigurationError(
            f"{file.name} is not YAML: {' '.join(str(error).split())}"
        ) from error


class Document:
    """An object of the YAML.

    Each method refuses what cannot be used by a ConfigurationError, which says where that is and
    what can be said there.
    """

    def __init__(self, path: str, content: object, keywords: frozenset[str]) -> None:
        """Read an object that says nothing but `keywords`.

        Args:
            path: Where it is, for people.
            content: What is there.
            keywords: What can be said.
        """
        self._path = path
        if not isinstance(content, dict):
            self.refuse(f"it must say {', '.join(sorted(keywords))}")
        self._content = content
        if unknown := sorted(str(key) for key in content if key not in keywords):
            self.refuse(f"{', '.join(unknown)} cannot be said, only {', '.join(sorted(keywords))}")

    def refuse(self, what: str) -> NoReturn:
        """Refuse it, as the sentence says."""
        raise ConfigurationError(f"{self._path}: {what}")

    def has(self, keyword: str) -> bool:
        """Say whether something is said."""
        return keyword in self._content

    def given(self, keyword: str, default: object = None) -> Any:
        """Return what is said, whatever it is."""
        return self._content.get(keyword, default)

    def texts(self, keyword: str) -> dict[str, str]:
        """Return texts by their names; none if nothing is said."""
        value = self._content.get(keyword, {})
        if not isinstance(value, dict) or not all(
            isinstance(text, str) for pair in value.items() for text in pair
        ):
            self.refuse(f"{keyword} must be texts by their names, numbers in quotes")
        return value

    def text(self, keyword: str, default: str | None = None, *, otherwise: str = "text") -> str:
        """Return a text that is not blank.

        Args:
            keyword: What says it.
            default: What it is if nothing does; it has to be said without one.
            otherwise: What it must be, for people.
        """
        value = self._content.get(keyword, default)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{keyword} must be {otherwise}")
        return value

    def flag(self, keyword: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._content.get(keyword, default)
        if not isinstance(value, bool):
            self.refuse(f"{keyword} must be true or false")
        return value

    def names(self, keyword: str) -> tuple[str, ...]:
        """Return one name or several."""
        value = self._content.get(keyword)
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not value or not all(isinstance(n, str) for n in value):
            self.refuse(f"{keyword} must be a column's name, or a list of them")
        return tuple(value)

    def items(self, keyword: str) -> list[Any]:
        """Return a list of at least one item, whatever they are."""
        value = self._content.get(keyword)
        if not isinstance(value, list) or not value:
            self.refuse(f"{keyword} must be a list of at least one")
        return value

    def count(self, keyword: str, default: int, least: int = 1) -> int:
        """Return a whole number."""
        value = self._content.get(keyword, default)
        if value == default:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.refuse(f"{keyword} must be a whole number of at least {least}")
        return value
