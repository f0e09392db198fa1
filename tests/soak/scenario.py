"""What a scenario is given, and what it says: one outcome for each thing that it checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from retailpulse.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the table at the end.

    Attributes:
        fault: what was done to the lakehouse.
        times: how often.
        expected: what had to be seen.
        seen: what was.
        is_ok: whether that is what was expected.
    """

    fault: str
    times: int
    expected: str
    seen: str
    is_ok: bool


@dataclass(frozen=True, slots=True)
class Soak:
    """What a scenario works with.

    Attributes:
        terminal: where it says what it does.
        rng: all that is random in it.
        folder: its own, empty.
    """

    terminal: Terminal
    rng: Random
    folder: Path


Scenario = Callable[[Soak], Iterator[Outcome]]
