"""Readers that never stop while builds and an upkeep go on: no error, no half-built table."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby, islice
from statistics import quantiles

from simulator.deliveries import simulate
from simulator.settings import Settings
from tests.soak.reading import Seen, first_wrong, read_until
from tests.soak.scenario import Outcome, Soak
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse
from tests.support.road.simulated import land
from tests.support.road.watching import QUERIES, Answer, gold_states, gold_totals

READERS = 4
BUILDS = 30
EVENTS_A_BUILD = 300
BUILD_BEFORE_UPKEEP = BUILDS // 2


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Build what readers can read, start them, build and build."""
    lakehouse = Lakehouse(soak.folder / "home")
    settings = Settings(
        seed=soak.rng.randrange(1_000_000),
        events=EVENTS_A_BUILD * (BUILDS + 1),
        orders_per_day=1_500,
    )
    deliveries = simulate(settings)
    totals: list[dict[str, Answer]] = []

    def build(*selection: str) -> None:
        arrived = list(islice(deliveries, EVENTS_A_BUILD))
        land(lakehouse, arrived)
        lakehouse.build(*selection, at=arrived[-1].arrives_at + timedelta(minutes=1))
        totals.append(gold_totals(lakehouse))

    with soak.terminal.step("The first build"):
        build(*BUILD[1:])
    readers: list[Seen] = []
    with (
        soak.terminal.step(f"{BUILDS} builds, {READERS} readers") as step,
        _reading(soak, lakehouse, readers),
    ):
        for number in range(1, BUILDS + 1):
            step.update(f"build {number}")
            build("--selector", "fast")
            if number == BUILD_BEFORE_UPKEEP:
                step.update("upkeep")
                lakehouse.run_operation("upkeep")
    with soak.terminal.step("Comparing with every state that was ever committed"):
        committed = {name: _unrepeated([each[name] for each in totals]) for name in QUERIES}
        yield from _compared(readers, committed, gold_states(lakehouse))


@contextmanager
def _reading(soak: Soak, lakehouse: Lakehouse, readers: list[Seen]) -> Iterator[None]:
    """Let readers read; add what they have seen when they have stopped."""
    stop = soak.folder / "stop"
    with ProcessPoolExecutor(READERS, multiprocessing.get_context("spawn")) as processes:
        reading = [processes.submit(read_until, stop, lakehouse.home) for _ in range(READERS)]
        try:
            yield
        finally:
            stop.touch()
        readers += [each.result() for each in reading]


def _compared(
    readers: list[Seen], committed: dict[str, list[Answer]], states: dict[str, list[Answer]]
) -> Iterator[Outcome]:
    errors = [error for seen in readers for error in seen.errors]
    seconds = [took for seen in readers for took in seen.seconds]
    shares = quantiles(seconds, n=20)
    yield Outcome(
        f"{BUILDS} builds and an upkeep under {READERS} readers",
        len(seconds),
        "no read fails",
        f"{len(errors)} errors{': ' if errors else ''}{'; '.join(errors[:3])}; a poll took "
        f"{shares[9]:.3f} s (p50), {shares[18]:.3f} s (p95), {max(seconds):.3f} s (most)",
        not errors,
    )
    fewest = min(len(seen.answers["fact_orders"]) for seen in readers)
    wrong = [
        f"{name}: {what}"
        for seen in readers
        for name in QUERIES
        if (what := first_wrong(seen.answers[name], committed[name]))
    ]
    yield Outcome(
        "answers that readers got",
        sum(len(answers) for seen in readers for answers in seen.answers.values()),
        "each a finished build's, never an older one after a newer",
        "; ".join(wrong[:3]) if wrong else f"so for all; each saw {fewest} states or more",
        not wrong and fewest > BUILDS / 2,
    )
    unfinished = [name for name in QUERIES if states[name] != [None, *committed[name]]]
    yield Outcome(
        "states that a reader could have met",
        sum(len(each) for each in states.values()),
        "each a finished build's",
        f"others in {', '.join(unfinished)}" if unfinished else "no other was ever committed",
        not unfinished,
    )


def _unrepeated(answers: list[Answer]) -> list[Answer]:
    return [answer for answer, _ in groupby(answers)]
