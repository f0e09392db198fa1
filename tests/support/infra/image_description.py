"""The Dockerfile's instructions."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

PROJECT: Final = Path(__file__).parents[3]


class Instruction(NamedTuple):
    """An instruction, as it is written."""

    name: str
    value: str


def instructions() -> list[Instruction]:
    """Return all of them."""
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def variables(
    environment: Instruction, before: Mapping[str, str], here: Callable[[str], str]
) -> dict[str, str]:
    """Return what an `ENV` sets.

    Args:
        environment: The instruction.
        before: The variables that there are already: `$PATH` is theirs.
        here: Gives a text with the image's paths where they are on this machine.
    """
    entries = (entry.split("=", 1) for entry in shlex.split(environment.value))
    return {name: here(value).replace("$PATH", before["PATH"]) for name, value in entries}


def command(entry_point: Instruction) -> list[str]:
    """Return what an `ENTRYPOINT` starts."""
    started: Any = json.loads(entry_point.value)
    return list(started)
