"""Two hundred runs in one process, as `retailpulse live` makes them: nothing grows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from retailpulse.commands.live_state import read_gold
from retailpulse.local.dbt_runs import Dbt
from retailpulse.local.home import HOME_VARIABLE, find_home
from retailpulse.local.lakehouse import open_lakehouse
from simulator.deliveries import Delivery, stream
from simulator.settings import LiveSettings
from simulator.truth import Truth
from tests.soak.resources import Cost, Size, measured, size_of, typical
from tests.soak.scenario import Outcome, Soak
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse
from tests.support.road.simulated import gold, gold_of, land

RUNS = 200
UPKEEP_EVERY = 25
EVENTS_A_RUN = 250
# Eight minutes a run, and a day's history of orders that live for a third of it: what a run touches
# is spread over the days before from the first run on, and late events come from as far.
EVENTS_A_SECOND = 0.5
LIFE_CYCLE = timedelta(hours=8)
HISTORY_EVENTS = 40_000
# So that files go at once: the runs take minutes, not the day that snapshots are kept by default.
KEEP_HOURS = 0

MOST_GROWTH = 1.3


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Build a history, then what is new, again and again."""
    lakehouse = Lakehouse(soak.folder / "home")
    os.environ[HOME_VARIABLE] = str(lakehouse.home)
    home = find_home()
    dbt = Dbt(home)
    settings = LiveSettings(
        seed=soak.rng.randrange(1_000_000),
        events_per_second=EVENTS_A_SECOND,
        life_cycle=LIFE_CYCLE,
    )
    deliveries, truth = stream(settings), Truth()

    def arrive(count: int) -> list[Delivery]:
        arrived = list(islice(deliveries, count))
        for delivery in arrived:
            truth.add(delivery)
        land(lakehouse, arrived, batch_size=10_000)
        return arrived

    def build(arrived: list[Delivery], *command: str) -> None:
        at = arrived[-1].arrives_at + timedelta(minutes=1)
        dbt.run(command, variables={"run_at": f"{at:%Y-%m-%d %H:%M:%S.%f}"})

    with soak.terminal.step(f"A history of {HISTORY_EVENTS:,} events") as step:
        history = arrive(HISTORY_EVENTS)
        step.update("building")
        build(history, *BUILD)
    costs: list[Cost] = []
    sizes: list[Size] = []
    late = 0
    with soak.terminal.step(f"{RUNS} runs of {EVENTS_A_RUN} events") as step:
        for number in range(1, RUNS + 1):
            arrived = arrive(EVENTS_A_RUN)
            late += sum(delivery.fault == "late" for delivery in arrived)

            def run(arrived: list[Delivery] = arrived) -> None:
                build(arrived, "build", "--selector", "fast")
                with open_lakehouse(home) as connection:
                    read_gold(connection, history[0].arrives_at.replace(tzinfo=None), None)

            costs.append(measured(run))
            if number % UPKEEP_EVERY == 0:
                step.update(f"upkeep after run {number}")
                dbt.run(["run-operation", "upkeep", "--args", f"{{keep_hours: {KEEP_HOURS}}}"])
                sizes.append(size_of(lakehouse.home))
            size = sizes[-1] if sizes else size_of(lakehouse.home)
            step.update(
                f"{number}: {costs[-1].seconds:.1f} s, {costs[-1].cpu_seconds:.1f} s of CPU, "
                f"{costs[-1].memory_mb:.0f} MB, {size.files} files, {size.catalog_rows:,} rows"
            )
    first, last = typical(costs[UPKEEP_EVERY : 2 * UPKEEP_EVERY]), typical(costs[-UPKEEP_EVERY:])
    yield from _grown(first, last, sizes)
    with soak.terminal.step("Comparing with the truth"):
        is_true = gold(lakehouse) == gold_of(truth)
    yield Outcome(
        f"all of these runs, {late} late events among theirs",
        RUNS,
        "gold equals the simulator's truth",
        "equal" if is_true else "gold is wrong",
        is_true and late > 0,
    )


def _grown(first: Cost, last: Cost, sizes: list[Size]) -> Iterator[Outcome]:
    yield Outcome(
        "runs in a row in one process: time",
        RUNS,
        f"the last {UPKEEP_EVERY} take as long as those after the first upkeep",
        f"median {first.seconds:.2f} s, at last {last.seconds:.2f} s; "
        f"of CPU {first.cpu_seconds:.2f} s, at last {last.cpu_seconds:.2f} s",
        # By the clock it depends on what else runs: 6 s at first and 22 s at last, once.
        last.cpu_seconds <= MOST_GROWTH * first.cpu_seconds,
    )
    yield Outcome(
        "runs in a row in one process: memory",
        RUNS,
        "does not grow",
        f"median {first.memory_mb:.0f} MB, at last {last.memory_mb:.0f} MB",
        last.memory_mb <= MOST_GROWTH * first.memory_mb,
    )
    early, late = sizes[0], sizes[-1]
    yield Outcome(
        f"upkeep every {UPKEEP_EVERY} runs, snapshots kept for {KEEP_HOURS} hours",
        len(sizes),
        "one file a partition is left, and a catalog that does not grow",
        f"{early.files} files in {early.folders} partitions and {early.catalog_rows:,} catalog "
        f"rows, at last {late.files} in {late.folders} and {late.catalog_rows:,}",
        late.files / late.folders <= MOST_GROWTH * early.files / early.folders
        and late.catalog_rows / late.files <= MOST_GROWTH * early.catalog_rows / early.files,
    )
