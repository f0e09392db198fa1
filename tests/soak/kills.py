"""Killing processes at random moments, and what may not differ afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support.road.lakehouse import PROJECT, Lakehouse, Rows


@dataclass(frozen=True, slots=True)
class Started:
    """A process, and the file that it writes to."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        """What it has written until now."""
        return self.log.read_text(errors="replace")


IsWorking = Callable[[Started], bool]
"""Says whether a process does what it was started for."""


def start(lakehouse: Lakehouse, program: str, *arguments: str) -> Started:
    """Start a program of ours on a lakehouse, in a process group of its own."""
    log = lakehouse.home.with_suffix(".log")
    return start_in(PROJECT, lakehouse.environment, log, program, *arguments)


def start_in(
    project: Path, environment: Mapping[str, str], log: Path, program: str, *arguments: str
) -> Started:
    """Start a program of ours in a project, in a process group of its own."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=project,
            env=os.environ | environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Started(process, log)


def lifetime(started: Started, is_working: IsWorking = lambda _: True) -> tuple[float, float]:
    """Let a process end well; return the seconds until it was at work, and until its end."""
    began = time.monotonic()
    _wait(started, is_working)
    working_after = time.monotonic() - began
    assert not kill_after(started, 300), f"it hangs: {started.output}"
    assert started.process.returncode == 0, started.output
    return working_after, time.monotonic() - began


def kill_after(started: Started, seconds: float, is_working: IsWorking = lambda _: True) -> bool:
    """Kill a process and all it started, so long after it is at work.

    Returns:
        Whether it was still there to be killed.
    """
    try:
        _wait(started, is_working)
        started.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    finally:
        if started.process.poll() is None:
            os.killpg(started.process.pid, signal.SIGKILL)
            started.process.wait()
    return False


def _wait(started: Started, is_working: IsWorking) -> None:
    while started.process.poll() is None and not is_working(started):
        time.sleep(0.01)


def random_moments(rng: Random, count: int, seconds: float) -> list[float]:
    """Moments in random order, one in each of `count` equal stretches of some seconds."""
    moments = [(number + rng.random()) * seconds / count for number in range(count)]
    rng.shuffle(moments)
    return moments


def differing(expected: dict[str, Rows], actual: dict[str, Rows]) -> list[str]:
    """The names of the tables that are not equal, cell for cell."""
    return [name for name, rows in expected.items() if actual[name] != rows]
