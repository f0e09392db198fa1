"""`python -m benchmarks.scattered`: what comes scattered over 600 days, by month and by day.

Each delivery has events of every day, as when a shop brings years of history piece by piece: the
worst case for tables that are partitioned by their dates.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.command import run, work_folder
from benchmarks.measure import Child, number, run_dbt
from benchmarks.results import Row, Section, publish
from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from retailpulse.local.landing import Landing, batches
from retailpulse.terminal import Terminal
from simulator.deliveries import simulate
from simulator.life_cycle import EVENTS_PER_ORDER
from simulator.messages import SOURCE
from simulator.settings import Settings

EVENTS: Final = 50_000
DAYS: Final = 600
DELIVERIES: Final = 9

_MOST_FILES: Final = 2_500
_MOST_NAMED: Final = 200
_MOST_GROWTH: Final = 1.4
_MOST_UPKEEP_SECONDS: Final = 15.0
_MOST_MB: Final = 500.0


@dataclass(frozen=True, slots=True)
class _Found:
    """What one lakehouse came to.

    Attributes:
        runs: The run after each delivery, the first build first.
        files: Files of tables before upkeep.
        upkeep: What that took.
        named: Files that the tables name after it.
    """

    runs: list[Child]
    files: int
    upkeep: Child
    named: int


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    folder = work_folder("scattered")
    messages = _messages()
    by_month, by_day = (
        _measure(folder / unit, unit, messages, terminal) for unit in ("month", "day")
    )
    publish(
        Section(
            "scattered",
            f"{EVENTS:,} events over {DAYS} days in {DELIVERIES} deliveries: by month and by day",
            "make bench-scattered",
            _rows(by_month, by_day),
            [
                "`dbt build --selector fast` after each delivery, each of events of all days; then "
                "`dbt run-operation upkeep`. Processor time: the run that a delivery is compared "
                "with is the first that merges.",
                "Baseline is the variable `partition_by: day`, on the same events.",
            ],
        ),
        terminal,
    )


def _rows(ours: _Found, baseline: _Found) -> list[Row]:
    def row(
        figure: str, value: Callable[[_Found], float], unit: str, most: float | None = None
    ) -> Row:
        def text(found: _Found) -> str:
            return f"{number(value(found))}{unit}"

        if most is None:
            return Row(figure, text(ours), text(baseline))
        goal, met = f"≤ {most:,g}{unit}", value(ours) <= most
        return Row(figure, text(ours), text(baseline), goal=goal, met=met)

    return [
        row("files before upkeep", lambda found: found.files, "", _MOST_FILES),
        row("files that tables name after it", lambda found: found.named, "", _MOST_NAMED),
        row("the last run, against the second", _growth, " ×", _MOST_GROWTH),
        row("the last run", lambda found: found.runs[-1].cpu_seconds, " s"),
        row("the first build", lambda found: found.runs[0].cpu_seconds, " s"),
        row("upkeep", lambda found: found.upkeep.cpu_seconds, " s", _MOST_UPKEEP_SECONDS),
        row("upkeep's memory", lambda found: found.upkeep.peak_rss_bytes / 1e6, " MB", _MOST_MB),
    ]


def _growth(found: _Found) -> float:
    return found.runs[-1].cpu_seconds / found.runs[1].cpu_seconds


def _messages() -> list[Message]:
    settings = Settings(
        events=EVENTS,
        orders_only=True,
        orders_per_day=EVENTS / DAYS / EVENTS_PER_ORDER,
        start=datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS + 30),
    )
    return [
        Message(delivery.body, f"scattered#{delivery.ordinal:06d}", SOURCE)
        for delivery in simulate(settings)
    ]


def _measure(home: Path, unit: str, messages: list[Message], terminal: Terminal) -> _Found:
    home.mkdir()
    log = home / "dbt.log"
    runs = []
    with terminal.step(f"Deliveries, by {unit}") as step:
        for place in range(DELIVERIES):
            step.update(f"{place + 1} of {DELIVERIES}")
            landing = Landing(Ingester(FolderRawZone(home / "raw")))
            for batch in batches(iter(messages[place::DELIVERIES])):
                landing.land(batch)
            variables = json.dumps({"partition_by": unit})
            runs.append(run_dbt(home, log, "build", "--selector", "fast", "--vars", variables))
    files = sum(1 for _ in (home / "data").rglob("*.parquet"))
    with terminal.step(f"Upkeep, by {unit}"):
        upkeep = run_dbt(home, log, "run-operation", "upkeep")
    return _Found(runs, files, upkeep, _named_files(home))


def _named_files(home: Path) -> int:
    """How many files the tables are made of now."""
    query = """
        select count(*) from (
            select end_snapshot from ducklake_data_file
            union all
            select end_snapshot from ducklake_delete_file
        ) as files
        where end_snapshot is null
    """
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        (count,) = catalog.execute(query).fetchone()
    return int(count)


if __name__ == "__main__":
    run(main)
