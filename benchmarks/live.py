"""`python -m benchmarks.live`: how long an event takes to gold while a business goes on.

Ours is the real command, `retailpulse live`, and what its last line says. The baseline is the same
session with a new process for each build. An event's time runs from its landing (`received_at`)
to the end of the run that brought it to gold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.command import PROJECT, BenchmarkError, run, tool, work_folder
from benchmarks.measure import number, run_child, run_dbt
from benchmarks.results import Row, Section, publish, times
from ingestion.ingester import utc_now
from retailpulse.commands.live import Session
from retailpulse.commands.live_panel import line
from retailpulse.local.dbt_runs import Dbt
from retailpulse.local.home import Home
from retailpulse.terminal import Terminal
from simulator.deliveries import stream
from simulator.settings import LiveSettings

_RATE: Final = 200
_OUR_SECONDS: Final = 90
_BASELINE_SECONDS: Final = 60
_GOAL_SECONDS: Final = 15.0

_LANDED: Final = re.compile(r"landed: ([0-9,]+) events")
_LATENCY: Final = re.compile(r"event to gold: p50 ([0-9.]+) s, p95 ([0-9.]+) s")
_BUILDS: Final = re.compile(r"dbt builds: ([0-9]+),")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a session's last line says.

    Attributes:
        landed: Messages.
        builds: Runs of dbt that ended.
        p50: Seconds from event to gold that half of the events did not exceed.
        p95: The same for 95 of 100.
    """

    landed: int
    builds: int
    p50: float
    p95: float


class DbtProcess(Dbt):
    """dbt as a new process for each run, as a scheduler starts it."""

    def __init__(self, home: Home, folder: Path) -> None:
        """Use a lakehouse, and a folder for what dbt says."""
        super().__init__(home)
        self._root = home.root
        self._log = folder / "dbt.log"

    def run(
        self,
        command: Sequence[str],
        *,
        variables: Mapping[str, Any] | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Run a command, such as `build --selector fast`; see `Dbt.run`."""
        if variables:
            raise ValueError("a session gives no variables")
        progress(" ".join(command))
        run_dbt(self._root, self._log, *command)


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    folder = work_folder("live")
    with terminal.step(f"retailpulse live, {_OUR_SECONDS} s at {_RATE} events/s") as step:
        ours = live_session(folder)
    terminal.say(f"  {ours}")
    home = Home(PROJECT, folder / "processes")
    home.root.mkdir()
    dbt = DbtProcess(home, folder)
    with terminal.step("A first build of an empty lakehouse") as step:
        dbt.run(["build", "--exclude-resource-type", "unit_test"], progress=step.update)
    baseline = process_session(home, dbt, terminal)
    publish(
        Section(
            "live",
            f"From event to gold at {_RATE} events/s",
            "make bench-live",
            [
                Row(
                    "event to gold, p95",
                    f"{ours.p95:.1f} s",
                    f"{baseline.p95:.1f} s",
                    times(baseline.p95 / ours.p95),
                    f"≤ {_GOAL_SECONDS:g} s",
                    ours.p95 <= _GOAL_SECONDS,
                ),
                Row(
                    "event to gold, p50",
                    f"{ours.p50:.1f} s",
                    f"{baseline.p50:.1f} s",
                    times(baseline.p50 / ours.p50),
                ),
                Row(
                    "dbt builds a minute",
                    number(60 * ours.builds / _OUR_SECONDS),
                    number(60 * baseline.builds / _BASELINE_SECONDS),
                ),
                Row(
                    "events landed a second",
                    number(ours.landed / _OUR_SECONDS),
                    number(baseline.landed / _BASELINE_SECONDS),
                ),
            ],
            [
                "From an event's landing to the end of the run that brought it to gold, over all "
                f"accepted events that got there: {ours.landed:,} landed in {_OUR_SECONDS} s, "
                f"the baseline's {baseline.landed:,} in {_BASELINE_SECONDS} s. One session each.",
                "Ours is `retailpulse live` as it is shipped: one process, dbt parsed once, a "
                "build every 5 s. The baseline starts `dbt build --selector fast` as a new "
                "process again and again, without a pause, over the same stream.",
                "The simulated business reaches its rate when its first orders have been "
                "delivered, after two minutes; what landed a second is told above.",
            ],
        ),
        terminal,
    )


def live_session(folder: Path) -> Figures:
    """Run `retailpulse live` in a fresh home; return what its last line says."""
    command = [tool("retailpulse"), "live", "--rate", str(_RATE), "--duration", str(_OUR_SECONDS)]
    home = folder / "live"
    child = run_child(
        command, folder / "live.log", environment={"RETAILPULSE_HOME": str(home)}, folder=PROJECT
    )
    return figures_of(child.output)


def process_session(home: Home, dbt: DbtProcess, terminal: Terminal) -> Figures:
    """Run the same session with a new process for each build."""
    # Building again at once: 0.1 s is what a scheduler needs at least.
    session = Session(home, dbt, every=0.1)
    deliveries = stream(LiveSettings(start=utc_now(), events_per_second=_RATE))
    session.run(deliveries, _BASELINE_SECONDS, terminal)
    return figures_of(line(session.state))


def figures_of(text: str) -> Figures:
    """Read the figures of a session's last line.

    Raises:
        BenchmarkError: No event reached gold.
    """
    said = [found[-1] for each in (_LANDED, _BUILDS, _LATENCY) if (found := each.findall(text))]
    if len(said) != 3:
        raise BenchmarkError(f"no event reached gold: {text[-500:]}")
    landed, builds, (p50, p95) = said
    return Figures(int(landed.replace(",", "")), int(builds), float(p50), float(p95))


if __name__ == "__main__":
    run(main)
