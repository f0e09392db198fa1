"""`dbt build` killed at any moment of its life: the next run gives what a clean one gives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Literal

from simulator.deliveries import simulate
from simulator.settings import Faults, Settings
from tests.soak.kills import Started, differing, kill_after, lifetime, random_moments, start
from tests.soak.scenario import Outcome, Soak
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse, vars_flag
from tests.support.road.simulated import land

KILLS = 20
# A build that ended before its kill is not counted, and another is killed instead.
PARTS = 30
EVENTS_A_PART = 400

# By the last line that dbt wrote; the first that matches.
STAGES = {
    "on-run-end": re.compile(r"\b(hook|Finished|Completed|Done)\b"),
    "silver": re.compile(r"(START|created) sql .* retailpulse_silver\."),
    "gold": re.compile(r"(START|created) sql .* retailpulse\."),
    "tests": re.compile(r"\b(test|PASS|exposure|seed)\b"),
    "start-up": re.compile(""),
}
FULL, FAST = ("build",), ("build", "--selector", "fast")


@dataclass(frozen=True, slots=True)
class Moment:
    """So many seconds since a build's start, or since its first node's."""

    since: Literal["start", "first node"]
    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s after its {self.since}"


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Give two lakehouses the same events; of one, kill the first build of each part."""
    clean, killed = Lakehouse(soak.folder / "clean"), Lakehouse(soak.folder / "killed")
    settings = Settings(
        seed=soak.rng.randrange(1_000_000),
        events=EVENTS_A_PART * PARTS,
        orders_per_day=1_500,
        faults=Faults(**dict.fromkeys(Faults().rates(), 0.02)),
        cloudevents_share=0.3,
    )
    deliveries = simulate(settings)
    moments: dict[tuple[str, ...], list[Moment]] = {}
    kills, wrong = Counter[str](), Counter[str]()
    for number in range(PARTS):
        if kills.total() == KILLS:
            break
        arrived = list(islice(deliveries, EVENTS_A_PART))
        at = arrived[-1].arrives_at + timedelta(minutes=1)
        for lakehouse in (clean, killed):
            land(lakehouse, arrived)
        # The first builds all there is.
        command = (FULL, FAST)[number % 2]
        selection = BUILD[1:] if command == FULL else FAST[1:]
        with soak.terminal.step(f"Clean build {number + 1}, dbt {' '.join(command)}"):
            if command in moments:
                clean.build(*selection, at=at)
            else:
                moments[command] = _moments(soak.rng, clean, (*command, *vars_flag(at)))
        moment = moments[command].pop()
        with soak.terminal.step(f"Build killed {moment}") as step:
            build = start(killed, "dbt", "--no-use-colors", *command, *vars_flag(at))
            was_killed = _kill(build, moment)
            stage, line = _stage(build.output)
            step.update(f"{stage}: {line}" if was_killed else "it had ended")
        if was_killed:
            kills[stage] += 1
        else:
            assert build.process.returncode == 0, build.output
            moments[command].append(replace(moment, seconds=moment.seconds * soak.rng.random()))
        with soak.terminal.step("The next run, compared") as step:
            killed.build(*selection, at=at + timedelta(minutes=1))
            differences = differing(clean.contents(), killed.contents())
            wrong[stage] += was_killed and bool(differences)
            step.update(f"differs in {', '.join(differences)}" if differences else "equal")
    for stage in reversed(STAGES):
        if kills[stage]:
            yield Outcome(
                f"SIGKILL of dbt build: {stage}",
                kills[stage],
                "the next run gives silver and gold of a clean one, cell for cell",
                f"{kills[stage] - wrong[stage]} equal, {wrong[stage]} different",
                not wrong[stage],
            )
    with soak.terminal.step("dbt build with all tests, after all kills"):
        failures = killed.dbt(*FULL, *vars_flag(at + timedelta(hours=1)))
    yield Outcome(
        "all of these kills",
        kills.total(),
        f"{KILLS} kills, and all tests pass in the end, conservation among them",
        "; ".join(failures) or "all pass",
        not failures and kills.total() == KILLS,
    )


def _moments(rng: Random, lakehouse: Lakehouse, arguments: tuple[str, ...]) -> list[Moment]:
    """Build cleanly; return as many moments as kills of such a build, from its start to its end."""
    first_node, end = lifetime(start(lakehouse, "dbt", *arguments), _is_working)
    kills = KILLS // 2
    start_up = [Moment("start", seconds) for seconds in random_moments(rng, 1, first_node)]
    at_work = random_moments(rng, kills - len(start_up), end - first_node)
    moments = start_up + [Moment("first node", seconds) for seconds in at_work]
    rng.shuffle(moments)
    return moments


def _kill(build: Started, moment: Moment) -> bool:
    if moment.since == "start":
        return kill_after(build, moment.seconds)
    return kill_after(build, moment.seconds, _is_working)


def _is_working(build: Started) -> bool:
    return "START" in build.output


def _stage(output: str) -> tuple[str, str]:
    """Where a build was, by its output, and the last line of that."""
    line = (output.strip().splitlines() or [""])[-1]
    return next(stage for stage, pattern in STAGES.items() if pattern.search(line)), line
