"""dbt as a process: its log passed on, its end told, and it can be stopped."""

from __future__ import annotations

import resource
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from retailpulse.cloud.scheduled.outcome import Ended

# ECS kills a container 30 seconds after it asked it to stop (stopTimeout in
# infra/modules/orchestration/task.tf).
GRACE_SECONDS: Final = 20.0

# An error's stack trace is 100 lines, and the error stands before it.
_KEPT_LINES: Final = 400


def peak_memory_mib() -> int:
    """Return the most memory that this process and the largest of its dbts have had, in MiB.

    As Linux tells it (getrusage(2): KiB); elsewhere it is a number without a meaning.
    """
    peaks = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(peak.ru_maxrss for peak in peaks) // 1024


class DbtProcess:
    """Runs dbt commands, one at a time, until it is stopped."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: Callable[[str], None],
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        """Use a dbt.

        Args:
            command: What starts dbt.
            folder: The project.
            environment: All variables of dbt's environment.
            log: Told each line of dbt's log, without its line break.
            grace_seconds: How long dbt may take to stop before it is killed.
        """
        self._command = command
        self._folder = folder
        self._environment = environment
        self._log = log
        self._grace_seconds = grace_seconds
        self._process: subprocess.Popen[str] | None = None
        self._stopped_because: str | None = None
        self._killer: threading.Timer | None = None

    def run(self, arguments: Sequence[str]) -> Ended:
        """Run a command to its end, or until it is stopped."""
        last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
        if self._stopped_because is not None:
            return Ended(-signal.SIGINT, (), self._stopped_because)
        with subprocess.Popen(  # noqa: S603 - our own commands
            [*self._command, *arguments],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A terminal's Ctrl-C comes to it by `stop`, once.
            start_new_session=True,
        ) as process:
            self._process = process
            # It may have been asked to stop while the process was starting.
            if self._stopped_because is not None:
                self._interrupt(process)
            assert process.stdout is not None  # noqa: S101
            for line in process.stdout:
                text = line.rstrip("\n")
                last_lines.append(text)
                self._log(text)
        self._process = None
        return Ended(process.returncode, tuple(last_lines), self._stopped_because)

    def stop(self, because: str) -> None:
        """End the command that runs and refuse further ones. Any thread or signal handler may."""
        if self._stopped_because is not None:
            return
        self._stopped_because = because
        if (process := self._process) is not None:
            self._interrupt(process)

    def _interrupt(self, process: subprocess.Popen[str]) -> None:
        if self._killer is not None:
            return
        self._killer = threading.Timer(self._grace_seconds, process.kill)
        self._killer.daemon = True
        self._killer.start()
        # On SIGINT dbt cancels its queries on Athena; SIGTERM would end it at once.
        process.send_signal(signal.SIGINT)
