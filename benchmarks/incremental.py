"""`python -m benchmarks.incremental`: ten thousand new events on a month and on ten months."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final

from benchmarks.command import BenchmarkError, run
from benchmarks.history import (
    DAYS_PER_MILLION,
    INCREMENT,
    INCREMENTS,
    built,
    clone,
    increments,
    land_by_hour,
    run_at,
)
from benchmarks.measure import Spread
from benchmarks.results import Row, Section, publish
from retailpulse.local.dbt_runs import Dbt
from retailpulse.local.home import HOME_VARIABLE, Home, find_home
from retailpulse.terminal import Terminal

SHORT: Final = 1
LONG: Final = 10
_WARM_UP: Final = 2
_MOST_GROWTH: Final = 1.2
_MOST_SECONDS: Final = 5.0

Seconds = Mapping[str, float]


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    homes = {
        millions: clone(built(millions, terminal), f"incremental-{millions}m")
        for millions in (SHORT, LONG)
    }
    runs: dict[int, list[Seconds]] = {millions: [] for millions in homes}
    with terminal.step("Incremental runs") as step:
        workers = {millions: _Worker(home) for millions, home in homes.items()}
        for turn in range(INCREMENTS):
            for millions, worker in workers.items():
                step.update(f"{turn + 1} of {INCREMENTS}, on {millions} million events")
                seconds = worker.run()
                if turn >= _WARM_UP:
                    runs[millions].append(seconds)
        for worker in workers.values():
            worker.end()
    publish(
        Section(
            "incremental",
            f"Incremental run: {INCREMENT:,} events on {SHORT} and on {LONG} million",
            "make bench-incremental",
            _rows(_spreads(runs[SHORT]), _spreads(runs[LONG])),
            [
                f"`dbt build --selector fast` in a process that has parsed the project, as "
                f"`retailpulse live` keeps it: models, their tests and conservation, on "
                f"{SHORT * DAYS_PER_MILLION} and {LONG * DAYS_PER_MILLION} days of history after "
                f"upkeep. Each run gets the next {INCREMENT:,} events of the business, which "
                "touch orders of weeks; the two take turns.",
                "Baseline is the short history: what grows with history would show as a ratio.",
            ],
        ),
        terminal,
    )


def _spreads(runs: list[Seconds]) -> dict[str, Spread]:
    by_part: defaultdict[str, list[float]] = defaultdict(list)
    for seconds in runs:
        for part, value in seconds.items():
            by_part[part].append(value)
    return {part: Spread(tuple(values)) for part, values in by_part.items()}


def _rows(short: Mapping[str, Spread], long: Mapping[str, Spread]) -> list[Row]:
    def compared(part: str) -> tuple[str, str, float]:
        return long[part].text("s"), short[part].text("s"), long[part].median / short[part].median

    slowest = long["run"].median
    return [
        Row.at_most("the run", *compared("run"), _MOST_GROWTH),
        Row(
            "the run on the long history, without dbt's start-up",
            long["run"].text("s"),
            goal=f"≤ {_MOST_SECONDS:g} s",
            met=slowest <= _MOST_SECONDS,
        ),
        *(
            Row(f"of it {part}", compared(part)[0], compared(part)[1], f"{compared(part)[2]:.2f} ×")
            for part in sorted(long)
            if part != "run"
        ),
    ]


class _Worker:
    """A process that lands and builds, one increment a call: dbt knows one lakehouse a process."""

    def __init__(self, home: Home) -> None:
        context = get_context("spawn")
        self._connection, child = context.Pipe()
        self._process = context.Process(target=_work, args=(child, home), daemon=True)
        self._process.start()
        child.close()

    def run(self) -> Seconds:
        """Land the next increment and build; return the seconds of the build, by part."""
        self._connection.send("run")
        try:
            answer = self._connection.recv()
        except EOFError as error:
            raise BenchmarkError("a run failed: see above") from error
        return dict(answer)

    def end(self) -> None:
        """Let the process end."""
        self._connection.close()
        self._process.join()


def _work(connection: Connection, home: Home) -> None:
    os.environ[HOME_VARIABLE] = str(home.root)
    dbt = Dbt(find_home())
    waiting = increments(home.root)
    while True:
        try:
            connection.recv()
        except EOFError:
            return
        arrivals, waiting = waiting[:INCREMENT], waiting[INCREMENT:]
        for _ in land_by_hour(iter(arrivals), home.raw):
            pass
        dbt.run(
            ["build", "--selector", "fast"],
            variables={"run_at": run_at(arrivals[-1].arrives_at)},
        )
        connection.send(_seconds_of_last_run(home))


def _seconds_of_last_run(home: Home) -> Seconds:
    told = json.loads((home.root / "target" / "run_results.json").read_text(encoding="utf-8"))
    seconds: defaultdict[str, float] = defaultdict(float)
    for result in told["results"]:
        kind, _, name = result["unique_id"].split(".")[:3]
        seconds[name if kind == "model" else f"{kind}s"] += result["execution_time"]
    return {"run": told["elapsed_time"], **seconds}


if __name__ == "__main__":
    run(main)
