"""What may disturb a run on Athena, and that the next run comes to what an undisturbed one does."""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from subprocess import Popen, TimeoutExpired
from typing import Final

from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.contents import differences, repeated_keys
from tests.support.athena.engines import AthenaEngine, EmbeddedEngine
from tests.support.athena.history import FAST, MODELS
from tests.support.progress import end_of
from tests.support.road.histories import Arrival, arrivals, land, run_start
from tests.support.road.lakehouse import vars_flag

# When a run wrote a row, or last had something to read, may differ; nothing else may.
OF_THE_RUN: Final = ("processed_at", "window_high")

RUNS: Final = 4
"""Of one history: its events must lie within conflict_lookback_days of the last."""

ARRIVALS: Final = Arrivals((run_start(0).date(), run_start(RUNS - 1).date()))

# A kill falls after any of the lines in which a run says that it starts a node, or has ended one: a
# run has 14 of them at least.
_LINES = re.compile(r" (START|OK|PASS) ")
_LATEST_LINE = 10


@dataclass(frozen=True)
class Disturbed:
    """What was done to a run, and what was wrong after the next."""

    told: str
    found: list[str]


class SideBySide:
    """A history of runs on both engines: DuckDB's go undisturbed, and say what is right."""

    def __init__(self, embedded: EmbeddedEngine, athena: AthenaEngine, rng: random.Random) -> None:
        """Begin a history, with nothing built yet.

        Args:
            embedded: Empty.
            athena: Empty, for the days ARRIVALS.
            rng: All that is random.
        """
        self._embedded, self._athena = embedded, athena
        self._rng = rng
        self._history: list[Arrival] = arrivals(rng, RUNS)
        self._next_run = 0

    def go_on(self) -> None:
        """Let the next run go undisturbed."""
        selection, at = self._begin_run()
        self._athena.build(*selection, at=at)

    def kill_a_run(self) -> Disturbed:
        """Kill a run, with all its processes, at a random moment."""
        selection, at = self._begin_run()
        lines, delay = self._rng.randrange(_LATEST_LINE), self._rng.random() / 2
        build = self._start(selection, at)
        assert build.stdout is not None
        output, seen = [], []
        for line in build.stdout:
            output.append(line)
            if _LINES.search(line):
                seen.append(line.strip())
            if len(seen) > lines:
                break
        assert seen, f"it said nothing of a node: {''.join(output)}"
        try:
            build.wait(delay)
        except TimeoutExpired:
            found = []
        else:
            found = ["it had ended"]
        finally:
            stop(build)
        told = f"killed {delay:.2f} s after: {seen[-1]}"
        return Disturbed(told, found + self._differences_after_the_next_run(selection, at))

    def run_two_at_once(self) -> Disturbed:
        """Start two runs on the same new events."""
        selection, at = self._begin_run()
        runs = [self._start(selection, at + timedelta(seconds=second)) for second in range(2)]
        try:
            outputs = [end_of(run)[0] or "" for run in runs]
        finally:
            for run in runs:
                stop(run)
        codes = [run.returncode for run in runs]
        told = f"{codes.count(0)} of two ended well"
        found = [] if 0 in codes else ["both failed", *outputs]
        found += repeated_keys(self._athena.everything())
        found += self._differences_after_the_next_run(selection, at)
        return Disturbed(told, found)

    def _begin_run(self) -> tuple[Sequence[str], datetime]:
        """Land what the next run sees, and let DuckDB's go; return what it selects, and when."""
        run = self._next_run
        self._next_run += 1
        arrived = [arrival for arrival in self._history if arrival.visible_in_run == run]
        for engine in (self._embedded, self._athena):
            land(engine, arrived, f"run{run}")
        self._athena.upload()
        selection = FAST if run else MODELS
        self._embedded.build(*selection, at=run_start(run))
        return selection, run_start(run)

    def _start(self, selection: Sequence[str], at: datetime) -> Popen[str]:
        return self._athena.start_dbt("build", *selection, *vars_flag(at))

    def _differences_after_the_next_run(self, selection: Sequence[str], at: datetime) -> list[str]:
        # Soon: what became visible late was received up to 14 minutes before the run it missed.
        self._athena.build(*selection, at=at + timedelta(seconds=30))
        return differences(self._embedded.everything(), self._athena.everything(), OF_THE_RUN)


def stop(process: Popen[str]) -> None:
    """Kill a process and all that it started, if it is still there."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
