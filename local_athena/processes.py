"""Processes in the background: start them, know them again, stop them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local_athena import watchdog
from local_athena.progress import Progress, Report

# The first Trino that ends writes an archive of its classes: 4 s, several times that on a machine
# that is busy with something else.
STOP_SECONDS: Final = 40.0
_LAST_LINES: Final = 12


@dataclass(frozen=True)
class Command:
    """What to start."""

    # As the user is told of it: Trino, MiniStack, …
    name: str
    arguments: Sequence[str | Path]
    environment: Mapping[str, str]
    # Made if need be; the process runs in it, and its output goes to `log` in it.
    folder: Path

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder / "log"


@dataclass(frozen=True)
class Running:
    """A process that was started, as any other process can find it again."""

    name: str
    pid: int
    # When it started, in the system's words: with the pid, it is this process and no later one.
    started: str
    log: Path
    # In the process that started it.
    child: subprocess.Popen[bytes] | None = field(default=None, compare=False, repr=False)

    def is_alive(self) -> bool:
        """Tell whether it still runs; a pid that now belongs to something else is not it."""
        if self.child is not None:
            return self.child.poll() is None
        return start_time(self.pid) == self.started

    def last_lines(self) -> str:
        """Return the end of its log."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return "(it cannot be read)"
        return "\n".join(text.splitlines()[-_LAST_LINES:]) or "(it is empty)"


class Group:
    """A process group that does not outlive this process, however this process ends."""

    def __init__(self) -> None:
        self._watchdog = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", watchdog.__file__],
            stdin=subprocess.PIPE,
            process_group=0,
        )

    @property
    def id(self) -> int:
        """Its number."""
        return self._watchdog.pid

    def kill(self) -> None:
        """Kill whatever is left in it."""
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog.wait()


def start(command: Command, group: Group | None) -> Running:
    """Start a process.

    Args:
        command: What to start.
        group: What it is killed with at the latest. None: it outlives this process and the
            terminal.

    Raises:
        OSError: There is no such command.
    """
    command.folder.mkdir(parents=True, exist_ok=True)
    with command.log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            command.arguments,
            env=command.environment,
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=group.id if group else None,
            start_new_session=group is None,
        )
    return Running(command.name, process.pid, start_time(process.pid) or "", command.log, process)


def stop(running: Sequence[Running], report: Report, *, seconds: float = STOP_SECONDS) -> None:
    """Ask processes to end, and kill those that have not done so in time."""
    progress = Progress(report)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in running:
            if process.is_alive():
                with suppress(ProcessLookupError):
                    os.kill(process.pid, number)
        deadline = time.monotonic() + seconds
        while (left := _alive(running)) and time.monotonic() < deadline:
            progress.say(f"Waiting for {' and '.join(left)} to end")
            time.sleep(0.05)


def _alive(running: Sequence[Running]) -> Sequence[str]:
    return [process.name for process in running if process.is_alive()]


def start_time(pid: int) -> str | None:
    """Return when a process started, in the system's words; None if it has ended."""
    if Path("/proc/self/stat").exists():
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # After the command's name, which may hold blanks and brackets: the state and, as the 20th,
        # the start in clock ticks since boot.
        fields = text.rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    process = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = process.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else started.strip()
