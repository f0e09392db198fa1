"""Wait for processes to be of use, and say so meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from local_athena.errors import LocalAthenaError
from local_athena.processes import Running

Report = Callable[[str], None]

# Nobody looks at a silent terminal for longer than three seconds without doubt.
REPORT_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.1
# Trino takes 6 to 25 s; a machine that is busy with something else, several times that.
PATIENCE_SECONDS: Final = 180.0


@dataclass(frozen=True)
class Awaited:
    """A process that has been started, and how to tell that it is of use."""

    running: Running
    is_ready: Callable[[], bool]


class Progress:
    """Say what is going on, not more often than somebody wants to read it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._begun = self._said = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.monotonic() - self._begun

    def say(self, text: str) -> None:
        """Report a text now if the last was REPORT_SECONDS ago, with the seconds until now."""
        if time.monotonic() - self._said >= REPORT_SECONDS:
            self._said = time.monotonic()
            self._report(f"{text} ({self.seconds:.0f} s)")


def wait_until_ready(
    awaited: Sequence[Awaited], report: Report, *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Wait until all are ready.

    Args:
        awaited: What to wait for.
        report: Told every two seconds what is still waited for.
        seconds: How long to wait at most.

    Raises:
        LocalAthenaError: One has ended, or is not ready in time; the text has the end of its log.
    """
    progress = Progress(report)
    pending = list(awaited)
    while True:
        for each in list(pending):
            if not each.running.is_alive():
                raise _failure(each.running, "ended while it was starting")
            if each.is_ready():
                pending.remove(each)
                report(f"{each.running.name} is ready after {progress.seconds:.1f} s")
            elif progress.seconds > seconds:
                raise _failure(each.running, f"was not ready within {seconds:.0f} s")
        if not pending:
            return
        names = " and ".join(each.running.name for each in pending)
        progress.say(f"Waiting for {names}")
        time.sleep(_POLL_SECONDS)


def _failure(running: Running, what: str) -> LocalAthenaError:
    return LocalAthenaError(
        f"{running.name} {what}; its log, {running.log}, ends with:\n{running.last_lines()}"
    )
