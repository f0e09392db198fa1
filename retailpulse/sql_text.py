"""A text in a statement of SQL, where the engine takes no parameter."""

from __future__ import annotations


def sql_text(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
