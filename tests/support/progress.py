"""Waiting for a process as long as it makes progress, however busy the machine is.

A limit in seconds says how fast the machine is, and a test that keeps to it fails where others work
beside it. What has hung is told by something else: it writes nothing and uses no processor.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

# A process that is at work shows it within a fraction of this even if it gets a tenth of a core.
STUCK_SECONDS: Final = 180.0
_LOOK_SECONDS: Final = 5.0


class StuckError(Exception):
    """A process has not made progress for long."""


class Progress:
    """What a process and the others of its group have done, as far as it can be seen."""

    def __init__(self, group: int, stuck_seconds: float = STUCK_SECONDS) -> None:
        self._group = group
        self._stuck_seconds = stuck_seconds
        self._seen: object = None
        self._seen_at = time.monotonic()

    def check(self, written: int = 0) -> None:
        """Look for progress since the last time.

        Args:
            written: How much has been written so far, in bytes.

        Raises:
            StuckError: There has been none for long.
        """
        seen = (written, processor_times(self._group))
        if seen != self._seen:
            self._seen, self._seen_at = seen, time.monotonic()
        elif time.monotonic() - self._seen_at >= self._stuck_seconds:
            raise StuckError(f"no output and no work for {self._stuck_seconds:.0f} s")


def processor_times(group: int) -> frozenset[tuple[str, ...]]:
    """The processes of a group, each with the processor time that it has used."""
    if Path("/proc/self/stat").exists():
        stats = (_stat(folder) for folder in Path("/proc").glob("[0-9]*"))
        # After the name: the group is the 3rd, the times in the user's and the system's code the
        # 12th and the 13th, and the start the 20th.
        return frozenset(
            (fields[19], fields[11], fields[12]) for fields in stats if fields[2:3] == [str(group)]
        )
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "pgid=,pid=,time="], capture_output=True, text=True, check=True
    )
    processes = (tuple(line.split()) for line in listed.stdout.splitlines())
    return frozenset(each for each in processes if each[0] == str(group))


def _stat(folder: Path) -> list[str]:
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def end_of(
    process: subprocess.Popen[str], stuck_seconds: float = STUCK_SECONDS
) -> tuple[str | None, str | None]:
    """Wait for the end of a process; return what it wrote to its pipes.

    Args:
        process: Started with `start_new_session`, so that its group is its own.
        stuck_seconds: How long it may do nothing.

    Raises:
        StuckError: It does nothing any more. It has been killed.
    """
    progress = Progress(process.pid, stuck_seconds)
    while True:
        try:
            return process.communicate(timeout=min(_LOOK_SECONDS, stuck_seconds))
        except subprocess.TimeoutExpired as waiting:
            written = b"".join(part for part in (waiting.output, waiting.stderr) if part)
            try:
                progress.check(len(written))
            except StuckError as error:
                kill(process)
                raise StuckError(f"{error}: {written.decode(errors='replace')}") from None


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process and the others of its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stderr: int = subprocess.STDOUT,
    stuck_seconds: float = STUCK_SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever its exit code; see `subprocess.run`.

    By default what it writes as errors is in its standard output.

    Raises:
        StuckError: It does nothing any more. It has been killed.
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, errors = end_of(process, stuck_seconds)
        except BaseException:
            kill(process)
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output or "", errors or "")


def until(condition: Callable[[], bool], stuck_seconds: float = STUCK_SECONDS) -> bool:
    """Wait for what must come soon, and give up only long after that."""
    given_up_at = time.monotonic() + stuck_seconds
    while not (holds := condition()) and time.monotonic() < given_up_at:
        time.sleep(0.02)
    return holds
