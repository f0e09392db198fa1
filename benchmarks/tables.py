"""Tables of a page, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def page_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows as lines of Markdown."""
    return [_line(columns), _line(["---"] * len(columns)), *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
