"""`python -m benchmarks.many_types`: a fast run with news of one type, of 26 types and of 2."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from benchmarks.command import BenchmarkError, run, work_folder
from benchmarks.measure import Spread
from benchmarks.results import Row, Section, publish
from retailpulse.terminal import Terminal
from tests.support.dbt.fixture_project import known_types_of
from tests.support.many_types import COUNT, DOMAINS, add_many_types, fact, facts_of, remove_others
from tests.support.project.copies import copy_project
from tests.support.road.lakehouse import Lakehouse

FEW: Final = 2
_RUNS: Final = 7
_WARM_UP: Final = 2
_MOST_GROWTH: Final = 1.5
_FIRST_RUN: Final = datetime(2026, 3, 10, tzinfo=UTC)

Seconds = Mapping[str, float]


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    folder = work_folder("many-types")
    taken: dict[int, defaultdict[str, list[float]]] = {}
    with terminal.step("Fast runs") as step:
        workers = {count: _Worker(folder / str(count), count) for count in (FEW, COUNT)}
        for turn in range(_WARM_UP + _RUNS):
            for count, worker in workers.items():
                step.update(f"{turn + 1} of {_WARM_UP + _RUNS}, of {count} types")
                seconds = worker.run()
                if turn >= _WARM_UP:
                    for clock, value in seconds.items():
                        taken.setdefault(count, defaultdict(list))[clock].append(value)
        for worker in workers.values():
            worker.end()
    few, many = (
        {clock: Spread(tuple(values)) for clock, values in taken[count].items()}
        for count in (FEW, COUNT)
    )
    publish(
        Section(
            "many_types",
            f"A fast run with news of one type: of {COUNT} event types, and of {FEW}",
            "make bench-many_types",
            [
                Row.at_most(
                    f"the run, {clock}",
                    many[clock].text("s"),
                    few[clock].text("s"),
                    many[clock].median / few[clock].median,
                    _MOST_GROWTH,
                )
                for clock in many
            ],
            [
                "`dbt build --selector fast` in a process that has parsed the project. Of "
                f"{COUNT} types 22 are facts and 4 rows, in {len(DOMAINS)} domains; {FEW} are "
                "facts, in a domain each. There is no gold of them. Each run finds one event, an "
                "hour after the one before; the two take turns.",
                "Baseline is the few types: what grows with types that have no news would show as "
                "a ratio.",
            ],
        ),
        terminal,
    )


class _Worker:
    """A process that lands an event and builds, once a call: dbt knows one project a process."""

    def __init__(self, folder: Path, count: int) -> None:
        context = get_context("spawn")
        self._connection, child = context.Pipe()
        self._process = context.Process(target=_work, args=(child, folder, count), daemon=True)
        self._process.start()
        child.close()

    def run(self) -> Seconds:
        """Land an event and build; return the seconds of the build, by the clock."""
        try:
            self._connection.send("run")
            answer = self._connection.recv()
        except (EOFError, BrokenPipeError) as error:
            raise BenchmarkError("a run failed: see above") from error
        return dict(answer)

    def end(self) -> None:
        """Let the process end."""
        self._connection.close()
        self._process.join()


def _work(connection: Connection, folder: Path, count: int) -> None:
    folder.mkdir()
    project = folder / "project"
    copy_project(project)
    remove_others(project)
    add_many_types(project, count)
    lakehouse = Lakehouse(folder / "home", project)
    lakehouse.home.mkdir()
    event_type = facts_of(DOMAINS[0])[0]
    at = _FIRST_RUN
    with known_types_of(project):
        while True:
            try:
                connection.recv()
            except EOFError:
                return
            at += timedelta(hours=1)
            event = fact(event_type, f"{at:%d-%H}", f"{at:%Y-%m-%dT%H:00:00Z}")
            lakehouse.land([event], at - timedelta(minutes=1), f"{at:%d-%H}")
            started, worked = time.perf_counter(), time.process_time()
            lakehouse.build("--selector", "fast", at=at)
            connection.send(
                {
                    "processor": time.process_time() - worked,
                    "wall clock": time.perf_counter() - started,
                }
            )


if __name__ == "__main__":
    run(main)
