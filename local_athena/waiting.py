"""Wait for processes to be of use, and say so meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Final

from local_athena.errors import LocalAthenaError
from local_athena.processes import Running
from local_athena.progress import Progress, Report

_POLL_SECONDS: Final = 0.1
# Trino takes 6 to 25 s; a machine that is busy with something else, several times that.
PATIENCE_SECONDS: Final = 180.0


@dataclass(frozen=True)
class Awaited:
    """A process that has been started, and how to tell that it is of use."""

    running: Running
    is_ready: Callable[[], bool]


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
    over = Event()
    # In threads: a probe may take a while to be answered, and the report must not wait for it.
    with ThreadPoolExecutor(len(awaited)) as pool:
        probes = {each.running: pool.submit(_probe, each.is_ready, over) for each in awaited}
        try:
            while True:
                for each in list(pending):
                    if not each.running.is_alive():
                        raise _failure(each.running, "ended while it was starting")
                    if probes[each.running].done():
                        probes[each.running].result()
                        pending.remove(each)
                        report(f"{each.running.name} is ready after {progress.seconds:.1f} s")
                    elif progress.seconds > seconds:
                        raise _failure(each.running, f"was not ready within {seconds:.0f} s")
                if not pending:
                    return
                progress.say(f"Waiting for {' and '.join(each.running.name for each in pending)}")
                time.sleep(_POLL_SECONDS)
        finally:
            over.set()


def _probe(is_ready: Callable[[], bool], over: Event) -> None:
    """Return when something is ready, or when nobody wants to know any more."""
    while not is_ready() and not over.is_set():
        time.sleep(_POLL_SECONDS)


def _failure(running: Running, what: str) -> LocalAthenaError:
    return LocalAthenaError(
        f"{running.name} {what}; its log, {running.log}, ends with:\n{running.last_lines()}"
    )
