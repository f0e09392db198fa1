"""What each kind of run does. When it does it is Terraform's (infra/modules/orchestration)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """A kind of run."""

    FAST = "fast"
    HOURLY = "hourly"
    DAILY = "daily"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Step:
    """One dbt command of a run.

    Attributes:
        name: What its artifacts are kept under.
        command: dbt's command and its arguments.
    """

    name: str
    command: tuple[str, ...]


DOCS: Final = Step("docs", ("docs", "generate", "--static"))

# A repair's are in repair.py: they are what somebody asked for.
STEPS: Final[Mapping[Kind, Sequence[Step]]] = {
    Kind.FAST: (Step("build", ("build", "--selector", "fast")),),
    Kind.HOURLY: (
        # First: the tests read the fewer files then.
        Step("compact", ("run-operation", "compact")),
        Step("test", ("test", "--selector", "hourly")),
    ),
    Kind.DAILY: (
        Step("build", ("build",)),
        Step("upkeep", ("run-operation", "upkeep")),
        DOCS,
    ),
}
