"""`python -m tests.soak_athena [part ...] [--seed N]`: on a local Athena, for a while.

days      the eventful days, with the rows of all databases
mistakes  every seeded mistake is seen, at the step that must see it
partitions
          steps that write to more than 100 partitions each, of arrival days too
kills     ten runs killed at random, each made good by the next
pairs     five times two runs at once, each made good by the next
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from local_athena import LocalAthena
from retailpulse.terminal import Terminal
from tests.soak.scenario import Outcome
from tests.support.athena.contents import Contents, differences, told
from tests.support.athena.disturbances import ARRIVALS as DAYS
from tests.support.athena.disturbances import RUNS, Disturbed, SideBySide
from tests.support.athena.engines import AthenaEngine, EmbeddedEngine
from tests.support.athena.history import ARRIVALS, MANY_ARRIVALS, eventful_days, many_partitions
from tests.support.athena.mutations import MUTATIONS, first_difference
from tests.support.athena.recorded import recorded_eventful_days
from tests.support.project.followed import DATABASES, SOURCES, project_following

KILLS: Final = 10
PAIRS: Final = 5


@dataclass(frozen=True)
class Soak:
    """What a part works with.

    Attributes:
        athena: Where it runs.
        folder: Its own, empty.
        seed: Of all that is random in it.
    """

    athena: LocalAthena
    folder: Path
    seed: int


def days(soak: Soak) -> Iterator[Outcome]:
    """Compare both engines after each step of the eventful days, with the rows of all sources."""
    expected = recorded_eventful_days(soak.seed, SOURCES).after
    project = project_following(soak.folder / "project", *SOURCES)
    athena = AthenaEngine(soak.folder / "athena", soak.athena, ARRIVALS, project)
    athena.reset()
    for step in eventful_days(athena, soak.seed):
        yield _compared(step, expected[step], athena.everything())


def mistakes(soak: Soak) -> Iterator[Outcome]:
    """Make every mistake in turn, each in a copy of its own: the days change the project, too."""
    expected = recorded_eventful_days(soak.seed, DATABASES).after
    for number, mutation in enumerate(MUTATIONS):
        project = project_following(soak.folder / f"project-{number}", *DATABASES)
        athena = AthenaEngine(soak.folder / "athena", soak.athena, ARRIVALS, project)
        athena.reset()
        seen = first_difference(athena, expected, soak.seed, mutation)
        yield Outcome(
            mutation.name,
            1,
            f"seen after {mutation.seen_in}",
            f"{seen[0]}: {seen[1]}" if seen else "not seen",
            seen is not None and mutation.is_seen_by(*seen),
        )


def partitions(soak: Soak) -> Iterator[Outcome]:
    """Compare both engines after each step of a history of more partitions than Athena writes."""
    embedded = EmbeddedEngine(soak.folder / "duckdb")
    athena = AthenaEngine(soak.folder / "athena", soak.athena, MANY_ARRIVALS)
    athena.reset()
    steps = zip(
        many_partitions(embedded, soak.seed), many_partitions(athena, soak.seed), strict=True
    )
    for step, _ in steps:
        yield _compared(step, embedded.everything(), athena.everything())


def kills(soak: Soak) -> Iterator[Outcome]:
    """Kill one run after the other, first builds among them."""
    runs = islice(_disturbed(soak, SideBySide.kill_a_run), KILLS)
    for number, disturbed in enumerate(runs):
        yield _outcome(f"kill {number + 1}", disturbed)


def pairs(soak: Soak) -> Iterator[Outcome]:
    """Start run after run twice.

    Not first builds: a seed's temporary table has one name, by which both can fail.
    """
    runs = islice(_disturbed(soak, SideBySide.run_two_at_once, undisturbed=1), PAIRS)
    for number, disturbed in enumerate(runs):
        yield _outcome(f"two runs at once {number + 1}", disturbed)


def _disturbed(
    soak: Soak, disturb: Callable[[SideBySide], Disturbed], undisturbed: int = 0
) -> Iterator[Disturbed]:
    """Disturb the runs of one history after the other, but the first ones of each, for ever."""
    rng = random.Random(soak.seed)
    embedded = EmbeddedEngine(soak.folder / "duckdb")
    athena = AthenaEngine(soak.folder / "athena", soak.athena, DAYS)
    while True:
        embedded.home.mkdir(exist_ok=True)
        embedded.reset()
        athena.reset()
        history = SideBySide(embedded, athena, rng)
        for _ in range(undisturbed):
            history.go_on()
        for _ in range(undisturbed, RUNS):
            yield disturb(history)


def _compared(step: str, expected: Contents, actual: Contents) -> Outcome:
    found = differences(expected, actual)
    return Outcome(step, 1, "both engines hold the same", told(step, found), not found)


def _outcome(name: str, disturbed: Disturbed) -> Outcome:
    expected = "after the next run all is as without it"
    seen = "; ".join([disturbed.told, *disturbed.found[:3]])
    return Outcome(name, 1, expected, seen, not disturbed.found)


PARTS: Final = {
    "days": days,
    "mistakes": mistakes,
    "partitions": partitions,
    "kills": kills,
    "pairs": pairs,
}


def main(arguments: Sequence[str]) -> int:
    """Run parts on one local Athena, show their outcomes; 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak_athena", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    given = parser.parse_args(arguments)
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")

    terminal = Terminal()
    terminal.say(f"Soak test on Athena: repeat it with --seed {given.seed}")
    outcomes = []
    with (
        tempfile.TemporaryDirectory(prefix="soak-athena-") as name,
        LocalAthena(Path(name) / "local-athena") as athena,
    ):
        for part in given.parts or PARTS:
            folder = Path(name) / part
            folder.mkdir()
            for outcome in PARTS[part](Soak(athena, folder, given.seed)):
                outcomes.append(outcome)
                verdict = "ok" if outcome.is_ok else "FAILED"
                terminal.say(f"  {verdict}: {outcome.fault}: {outcome.seen}")
    wrong = [outcome for outcome in outcomes if not outcome.is_ok]
    terminal.say(f"{len(outcomes)} checks, {len(wrong)} failed, seed {given.seed}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
