"""Measuring: runs repeated and alternated, their spread, and what a child process took."""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.command import PROJECT, BenchmarkError, tool

_Result = TypeVar("_Result")

# ru_maxrss counts kibibytes on Linux, bytes on macOS (getrusage(2) of each).
RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024

_SHOWN_OUTPUT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one measurement repeated, all in one unit."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a spread has one value at least")

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def minimum(self) -> float:
        """The least value."""
        return min(self.values)

    @property
    def maximum(self) -> float:
        """The greatest value."""
        return max(self.values)

    def per(self, count: float) -> Spread:
        """Return the rates of `count` things in each of these times: events/s from seconds."""
        return Spread(tuple(count / value for value in self.values))

    def text(self, unit: str) -> str:
        """Return the median, the range and the number of runs: `4.1 s (3.9–4.4, 5 runs)`."""
        median = f"{number(self.median)} {unit}"
        if len(self.values) == 1:
            return f"{median} (1 run)"
        least, greatest = number(self.minimum), number(self.maximum)
        return f"{median} ({least}–{greatest}, {len(self.values)} runs)"


def number(value: float) -> str:
    """Return a number as people read it: at least two digits, thousands with commas."""
    magnitude = abs(value)
    if magnitude >= 100:
        return f"{value:,.0f}"
    if magnitude >= 1 or magnitude == 0:
        return f"{value:.1f}"
    return f"{value:.2g}"


def seconds_of(
    run: Callable[[], _Result], clock: Callable[[], float] = time.perf_counter
) -> tuple[float, _Result]:
    """Return how long a call took, in seconds by the clock, and what it returned."""
    started = clock()
    result = run()
    return clock() - started, result


def repeat(
    run: Callable[[], object],
    times: int = 5,
    *,
    warm_up: int = 0,
    prepare: Callable[[], object] = lambda: None,
    progress: Callable[[str], None] = lambda _: None,
) -> Spread:
    """Return the seconds that each run took.

    Args:
        run: What is measured.
        times: How often.
        warm_up: How many runs come before, unmeasured.
        prepare: Called before each run, unmeasured.
        progress: Told which run it is.
    """
    return alternate(
        {"run": run},
        times,
        warm_up=warm_up,
        prepare=lambda _: prepare(),
        progress=progress,
    )["run"]


def alternate(
    runs: Mapping[str, Callable[[], object]],
    times: int = 5,
    *,
    warm_up: int = 0,
    prepare: Callable[[str], object] = lambda _: None,
    progress: Callable[[str], None] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Spread]:
    """Return the seconds that each of several things took, by its name.

    They run in turn, again and again: what else goes on in the machine meets all of them.

    Args:
        runs: What is compared, by name.
        times: How often each is measured.
        warm_up: How many rounds come before, unmeasured.
        prepare: Called with the name before each run, unmeasured.
        progress: Told which run it is.
        clock: Gives seconds: `time.thread_time` for what needs a processor and nothing else.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(warm_up + times):
        for name, run in runs.items():
            measured = turn - warm_up
            progress(f"{name}, {f'{measured + 1} of {times}' if measured >= 0 else 'warming up'}")
            prepare(name)
            took, _ = seconds_of(run, clock)
            if measured >= 0:
                seconds[name].append(took)
    return {name: Spread(tuple(values)) for name, values in seconds.items()}


@dataclass(frozen=True, slots=True)
class Child:
    """What a process that ended well took.

    Attributes:
        seconds: Wall-clock time from its start to its end.
        cpu_seconds: Time on processors, its children's included.
        peak_rss_bytes: The most memory that it, or one of its children, held. Linux begins to
            count before the new program is loaded: never less than what the caller holds.
        output: What it wrote, standard error included.
    """

    seconds: float
    cpu_seconds: float
    peak_rss_bytes: int
    output: str


def run_child(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Child:
    """Run a process to its end.

    Args:
        command: The program and its arguments.
        log: The file for what it writes.
        environment: Variables on top of this process's own.
        folder: Where it runs.

    Raises:
        BenchmarkError: It failed; the sentence has the end of what it wrote.
    """
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - commands of this project
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=folder,
        )
        try:
            # Only wait4 tells what this one child used.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(errors="replace")
    if process.returncode != 0:
        name = Path(command[0]).name
        raise BenchmarkError(
            f"{name} failed with {process.returncode} (all of it: {log}): {text[-_SHOWN_OUTPUT:]}"
        )
    return Child(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * RSS_UNIT, text)


def own_peak_bytes() -> int:
    """Return the most memory that this process has held, that of who started it left out.

    Linux's `VmHWM` begins with the program (proc_pid_status(5)); `ru_maxrss` begins before it.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
    [kibibytes] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kibibytes) * 1024


def run_dbt(home: Path, log: Path, *command: str) -> Child:
    """Run dbt on a lakehouse as a new process, which keeps its files there; see `run_child`."""
    return run_child(
        [tool("dbt"), *command],
        log,
        environment={
            "RETAILPULSE_HOME": str(home),
            "RETAILPULSE_TARGET": "duckdb",
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(home / "target"),
            "DBT_LOG_PATH": str(home / "logs"),
        },
        folder=PROJECT,
    )


def told(child: Child, name: str) -> float:
    """Return the number on the line `<name> <number>` of what a process wrote.

    Raises:
        BenchmarkError: There is no such line.
    """
    found = re.search(rf"^{name} ([0-9.]+)$", child.output, re.MULTILINE)
    if found is None:
        raise BenchmarkError(f"a process does not say its {name}: {child.output[-_SHOWN_OUTPUT:]}")
    return float(found[1])
