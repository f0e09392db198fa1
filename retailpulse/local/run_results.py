"""How dbt's last command ended, as it says itself in run_results.json."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

_FAILED: Final = frozenset({"error", "fail", "runtime error", "partial success"})
_CONSERVATION: Final = "__arrivals_are_each_accepted_quarantined_or_duplicate"


class _Metadata(Struct):
    generated_at: datetime
    invocation_id: str


class _Arguments(Struct):
    which: str = "run"


class _Result(Struct):
    unique_id: str
    status: str
    message: str | None = None

    @property
    def name(self) -> str:
        return self.unique_id.split(".")[2]


class _File(Struct):
    metadata: _Metadata
    elapsed_time: float
    results: list[_Result]
    args: _Arguments = msgspec.field(default_factory=_Arguments)


@dataclass(frozen=True, slots=True)
class LastCommand:
    """dbt's last command.

    Attributes:
        name: The command, such as `build`.
        ended_at: When it ended.
        seconds: How long it took.
        invocation_id: dbt's id of it.
        nodes: How many models and tests it ran.
        failures: What failed, `name: message` each.
        conservation_holds: Whether all of raw was accounted for; None if that was not asked.
    """

    name: str
    ended_at: datetime
    seconds: float
    invocation_id: str
    nodes: int
    failures: tuple[str, ...]
    conservation_holds: bool | None


def read_last_command(target: Path) -> LastCommand | None:
    """Return the last command that wrote into one of dbt's target folders, if any did."""
    try:
        file = msgspec.json.decode((target / "run_results.json").read_bytes(), type=_File)
    # It is dbt's own, and being written while a command ends.
    except (OSError, msgspec.MsgspecError):
        return None
    failed = [result for result in file.results if result.status in _FAILED]
    counted = [result for result in file.results if result.name.endswith(_CONSERVATION)]
    return LastCommand(
        name=file.args.which,
        ended_at=file.metadata.generated_at,
        seconds=file.elapsed_time,
        invocation_id=file.metadata.invocation_id,
        nodes=len(file.results),
        failures=tuple(
            f"{result.name}: {' '.join((result.message or result.status).split())}"
            for result in failed
        ),
        conservation_holds=all(each.status == "pass" for each in counted) if counted else None,
    )
