"""What runs in a home, written down so that another process can find and stop it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_athena.processes import Running

_NAME: Final = "state.json"


@dataclass(frozen=True)
class State:
    """One instance."""

    processes: Sequence[Running]
    # What a client of AWS must be told.
    environment: Mapping[str, str]
    # All of it was started and could be used; False while it starts, or if that was cut short.
    ready: bool = False
    # Where Trino listens; 0 until it is known.
    trino_port: int = 0

    @property
    def whole(self) -> bool:
        """Tell whether it can be used."""
        return self.ready and not self.dead

    @property
    def alive(self) -> Sequence[Running]:
        """Those of its processes that still run."""
        return [process for process in self.processes if process.is_alive()]

    @property
    def dead(self) -> Sequence[Running]:
        """Those that no longer run."""
        return [process for process in self.processes if not process.is_alive()]


def write_state(home: Path, state: State) -> None:
    """Write down what runs; a reader sees all of it or what was there before."""
    document = {
        "processes": [
            {
                "name": process.name,
                "pid": process.pid,
                "started": process.started,
                "log": str(process.log),
            }
            for process in state.processes
        ],
        "environment": dict(state.environment),
        "ready": state.ready,
        "trino_port": state.trino_port,
    }
    temporary = home / f"{_NAME}.{os.getpid()}"
    temporary.write_text(json.dumps(document, indent=2) + "\n")
    temporary.replace(home / _NAME)


def read_state(home: Path) -> State | None:
    """Return what was written down; None if nothing was, or if it cannot be made out."""
    try:
        document = json.loads((home / _NAME).read_text())
        return State(
            [
                Running(each["name"], each["pid"], each["started"], Path(each["log"]))
                for each in document["processes"]
            ],
            document["environment"],
            document.get("ready", False),
            document.get("trino_port", 0),
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def forget_state(home: Path) -> None:
    """Note that nothing runs."""
    (home / _NAME).unlink(missing_ok=True)
