"""`python -m tests.soak [scenario ...] [--seed N]`: everything that can go wrong, for a while."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.table import Table

from retailpulse.terminal import Terminal
from tests.soak.runner import SCENARIOS, run
from tests.soak.scenario import Outcome


def main(arguments: Sequence[str]) -> int:
    """Run scenarios, each in a process of its own, show their outcomes; 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=", ".join(SCENARIOS))
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    given = parser.parse_args(arguments)
    if unknown := set(given.scenarios) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")

    terminal = Terminal()
    terminal.say(f"Soak test: repeat it with --seed {given.seed}")
    outcomes: dict[str, list[Outcome]] = {}
    started = time.monotonic()
    for name in given.scenarios or SCENARIOS:
        began = time.monotonic()
        outcomes[name] = _in_own_process(name, given.seed)
        terminal.say(f"{name} took {time.monotonic() - began:.0f} s\n")
    terminal.show(_table(outcomes))
    terminal.say(f"{(time.monotonic() - started) / 60:.1f} minutes, seed {given.seed}")
    return 0 if all(o.is_ok for found in outcomes.values() for o in found) else 1


def _in_own_process(name: str, seed: int) -> list[Outcome]:
    """Run a scenario where it can take nothing with it: not the memory, not the other scenarios."""
    spawning = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix=f"soak-{name}-") as folder,
        ProcessPoolExecutor(1, spawning) as process,
    ):
        try:
            return process.submit(run, name, seed, Path(folder)).result()
        except Exception as error:
            return [Outcome(name, 0, "the scenario runs to its end", repr(error), is_ok=False)]


def _table(outcomes: dict[str, list[Outcome]]) -> Table:
    table = Table("scenario", "fault", "times", "expected", "seen", "outcome", title="Soak test")
    for name, found in outcomes.items():
        for outcome in found:
            is_first = outcome is found[0]
            table.add_row(
                name if is_first else "",
                outcome.fault,
                f"{outcome.times:,}",
                outcome.expected,
                outcome.seen,
                "ok" if outcome.is_ok else "FAILED",
            )
        table.add_section()
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
