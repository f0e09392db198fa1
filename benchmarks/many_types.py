"""`python -m benchmarks.many_types`: a fast run with news of one type, of 26 types and of 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.command import run, tool, work_folder
from benchmarks.measure import Child, Spread, run_child
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


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    folder = work_folder("many-types")
    runs: dict[int, list[Child]] = {FEW: [], COUNT: []}
    with terminal.step("Fast runs") as step:
        lakehouses = {count: _lakehouse(folder / str(count), count) for count in runs}
        for turn in range(_WARM_UP + _RUNS):
            for count, lakehouse in lakehouses.items():
                step.update(f"{turn + 1} of {_WARM_UP + _RUNS}, of {count} types")
                child = _run(lakehouse)
                if turn >= _WARM_UP:
                    runs[count].append(child)
    publish(
        Section(
            "many_types",
            f"A fast run with news of one type: of {COUNT} event types, and of {FEW}",
            "make bench-many_types",
            [
                _row("processor", {n: [c.cpu_seconds for c in runs[n]] for n in runs}),
                _row("wall clock", {n: [c.seconds for c in runs[n]] for n in runs}),
            ],
            [
                f"The command `dbt build --selector fast`. Of {COUNT} types 22 are facts and 4 "
                f"rows, in {len(DOMAINS)} domains; {FEW} are facts, in a domain each. There is no "
                "gold of them. Each run finds one event; the two take turns.",
                "Baseline is the few types: what grows with types that have no news would show as "
                "a ratio.",
            ],
        ),
        terminal,
    )


def _row(clock: str, seconds: Mapping[int, Sequence[float]]) -> Row:
    many, few = (Spread(tuple(seconds[count])) for count in (COUNT, FEW))
    return Row.at_most(
        f"the run, {clock}", many.text("s"), few.text("s"), many.median / few.median, _MOST_GROWTH
    )


def _lakehouse(folder: Path, count: int) -> Lakehouse:
    """An empty lakehouse of a copy of the project that knows so many types, and none of its own."""
    folder.mkdir()
    project = folder / "project"
    copy_project(project)
    remove_others(project)
    add_many_types(project, count)
    lakehouse = Lakehouse(folder / "home", project)
    lakehouse.home.mkdir()
    return lakehouse


def _run(lakehouse: Lakehouse) -> Child:
    """Land an event and build."""
    now = datetime.now(UTC)
    event = fact(facts_of(DOMAINS[0])[0], f"{now:%H%M%S%f}", f"{now:%Y-%m-%dT%H:%M:%SZ}")
    with known_types_of(lakehouse.project):
        lakehouse.land([event], now, f"{now:%H%M%S%f}")
    return run_child(
        [tool("dbt"), "build", "--selector", "fast"],
        lakehouse.home / "dbt.log",
        environment=lakehouse.environment | {"PYTHONPATH": str(lakehouse.project)},
        folder=lakehouse.project,
    )


if __name__ == "__main__":
    run(main)
