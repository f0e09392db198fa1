"""What benchmarks found: shown, and kept in results.md, a section for each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.table import Table

from benchmarks.command import PROJECT
from benchmarks.machine import commit, machine
from benchmarks.measure import number
from retailpulse.terminal import Terminal

RESULTS_FILE: Final = PROJECT / "benchmarks" / "results.md"

# The sections' order in the file, whichever command ran last.
ORDER: Final = (
    "handler",
    "ingest",
    "build",
    "incremental",
    "scattered",
    "many_types",
    "query",
    "live",
    "pull",
    "files",
)

_HEAD: Final = """\
# Benchmarks

Written by `make bench`, or section by section by the command under each title. A figure is the
median, with the least, the greatest and the number of runs behind it. A goal that was not met
stays here as missed.
"""
_MARKER: Final = re.compile(r"^<!-- section: (\w+) -->\n", re.MULTILINE)
_COLUMNS: Final = ("figure", "ours", "baseline", "ratio", "goal", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison, its values as people read them.

    Attributes:
        figure: What is measured, and its unit if the values have none.
        ours: Our value.
        baseline: The other's; empty if there is none.
        ratio: One against the other, as the goal counts it; empty if there is none.
        goal: What was asked for; empty for a figure that is only told.
        met: Whether the goal is met; None without a goal.
    """

    figure: str
    ours: str
    baseline: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None

    @classmethod
    def at_least(cls, figure: str, ours: str, baseline: str, ratio: float, goal: float) -> Row:
        """Return a row whose ratio must reach the goal."""
        return cls(figure, ours, baseline, times(ratio), f"≥ {goal:g} ×", ratio >= goal)

    @classmethod
    def at_most(cls, figure: str, ours: str, baseline: str, ratio: float, goal: float) -> Row:
        """Return a row whose ratio must not exceed the goal."""
        return cls(figure, ours, baseline, times(ratio), f"≤ {goal:.3g} ×", ratio <= goal)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text, in the columns' order."""
        met = "" if self.met is None else "met" if self.met else "missed"
        return (self.figure, self.ours, self.baseline, self.ratio, self.goal, met)


@dataclass(frozen=True, slots=True)
class Section:
    """What one benchmark found.

    Attributes:
        name: One of `ORDER`.
        title: Its heading.
        command: What runs it again, such as `make bench-build`.
        rows: The comparisons.
        notes: What must be known to read them, a sentence or two each.
    """

    name: str
    title: str
    command: str
    rows: Sequence[Row]
    notes: list[str] = field(default_factory=list)


def publish(section: Section, terminal: Terminal | None = None, file: Path = RESULTS_FILE) -> None:
    """Show a section, and put it in the place of its predecessor in the results' file.

    Raises:
        ValueError: The section's name is not in `ORDER`.
    """
    terminal = terminal or Terminal()
    stamp = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit([RESULTS_FILE])}; {machine()}"
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    file.write_text(
        with_section(before, section.name, section_text(section, stamp)), encoding="utf-8"
    )
    table = Table(*_COLUMNS, title=section.title)
    for row in section.rows:
        table.add_row(*row.cells)
    terminal.show(table)
    for note in section.notes:
        terminal.say(f"- {note}")
    terminal.say(stamp)


def times(ratio: float) -> str:
    """Return a ratio as people read it: `2.5 ×`, `0.23 ×`."""
    return f"{number(ratio)} ×"


def section_text(section: Section, stamp: str) -> str:
    """Return a section as Markdown.

    Args:
        section: The section.
        stamp: When, of what and where it was measured.
    """
    lines = [
        f"## {section.title}",
        "",
        f"`{section.command}`, {stamp}.",
        "",
        _table_line(_COLUMNS),
        _table_line(["---"] * len(_COLUMNS)),
        *(_table_line(row.cells) for row in section.rows),
    ]
    if section.notes:
        lines += ["", *(f"- {note}" for note in section.notes)]
    return "\n".join(lines) + "\n"


def with_section(document: str, name: str, text: str) -> str:
    """Return the results' file with one section replaced and the others as they were.

    Args:
        document: The file as it is; empty if there is none.
        name: The section's name.
        text: The section's Markdown.

    Raises:
        ValueError: The name is not in `ORDER`.
    """
    if name not in ORDER:
        raise ValueError(f"results.py must list the section {name} in ORDER")
    _, *parts = _MARKER.split(document)
    sections = dict(zip(parts[::2], parts[1::2], strict=True)) | {name: text}
    return "\n".join(
        [
            _HEAD,
            *(
                f"<!-- section: {each} -->\n{sections[each].rstrip()}\n"
                for each in ORDER
                if each in sections
            ),
        ]
    )


def _table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
