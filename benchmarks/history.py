"""`python -m benchmarks.history`: a business's deliveries in a raw zone, hour of arrival by hour.

A history of N million events is 30 N days long: more history is more days, never busier ones. In a
busy business's, each day has a million.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import shutil
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.command import PROJECT, kept_folder, run
from benchmarks.measure import RSS_UNIT, Child, run_child, run_dbt
from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from retailpulse.local.home import Home
from retailpulse.local.landing import Landing
from retailpulse.terminal import Terminal
from simulator.deliveries import simulate
from simulator.life_cycle import EVENTS_PER_ORDER
from simulator.messages import SOURCE
from simulator.settings import Settings

DAYS_PER_MILLION: Final = 30
INCREMENT: Final = 10_000
INCREMENTS: Final = 8

# Deliveries after a history. The most are needed on days of a million: two hours of them.
_KEPT: Final = 100_000

# The simulator's ids of orders, events and customers, as JSON text has them.
_ID: Final = re.compile(rb'"(?:[oex]-[0-9a-f]{8}-\d{9}|c\d{5})"')

_INCREMENTS_FILE: Final = "increments.msgpack"

# What a lakehouse was built by, and the hash of it in the lakehouse's folder.
_BUILT_BY: Final = ("dbt_project.yml", "macros", "models", "seeds", "ingestion/contracts")
_BUILT_BY_FILE: Final = "built-by"


class Ids(StrEnum):
    """What the ids of a business are like.

    Attributes:
        RISING: They rise with time, as a shop's numbers do.
        RANDOM: They are UUIDs of version 4, of orders, events and customers.
    """

    RISING = "rising"
    RANDOM = "random"


class Arrival(msgspec.Struct, frozen=True):
    """A delivery that waits to be landed."""

    body: bytes
    arrives_at: datetime
    ordinal: int


def main() -> None:
    """Simulate and land; keep the deliveries after that; say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("millions", type=int, help="how many million events")
    parser.add_argument("folder", type=Path, help="the folder for raw/ and what comes after it")
    parser.add_argument("--busy", action="store_true", help="let each day have a million")
    parser.add_argument("--ids", type=Ids, default=Ids.RISING, help="rising or random")
    arguments = parser.parse_args()
    count = arguments.millions * 1_000_000
    days_per_million = 1 if arguments.busy else DAYS_PER_MILLION
    settings = Settings(
        # As every event is delivered at least once, these are enough deliveries.
        events=count + _KEPT,
        orders_per_day=1_000_000 / days_per_million / EVENTS_PER_ORDER,
        # A run's cost follows how many domains have news, and the goals are for one.
        orders_only=True,
    )
    body_of = with_random_ids if arguments.ids is Ids.RANDOM else _as_it_is
    deliveries = (
        Arrival(body_of(each.body), each.arrives_at, each.ordinal) for each in simulate(settings)
    )
    terminal = Terminal()
    started = time.perf_counter()
    early_memory = 0
    with terminal.step("Simulating and ingesting") as step:
        for landed in land_by_hour(islice(deliveries, count), arguments.folder / "raw"):
            step.update(f"{landed:,} of {count:,} events")
            if not early_memory and landed >= count / 10:
                early_memory = _peak_memory()
    print(f"seconds {time.perf_counter() - started}")  # noqa: T201 - read by the benchmark
    print(f"early_memory {early_memory}")  # noqa: T201
    print(f"memory {_peak_memory()}")  # noqa: T201
    waiting = msgspec.msgpack.encode(list(islice(deliveries, _KEPT)))
    (arguments.folder / _INCREMENTS_FILE).write_bytes(waiting)


def land_by_hour(arrivals: Iterator[Arrival], raw: Path) -> Iterator[int]:
    """Land deliveries as batches of an hour each, received when the last of it arrives.

    Yields:
        How many have landed, after each hour.
    """
    landed = 0
    for _, hour in groupby(
        arrivals, key=lambda arrival: arrival.arrives_at.replace(minute=0, second=0, microsecond=0)
    ):
        batch = list(hour)
        land_together(batch, raw)
        landed += len(batch)
        yield landed


def land_together(batch: Sequence[Arrival], raw: Path) -> None:
    """Land deliveries as one batch, received when the last of it arrives."""
    received_at = batch[-1].arrives_at
    landing = Landing(Ingester(FolderRawZone(raw), clock=partial(_same, received_at)))
    landing.land([Message(each.body, f"history#{each.ordinal:012d}", SOURCE) for each in batch])


def with_random_ids(body: bytes) -> bytes:
    """Return a message with a UUID of version 4 for each id, always the same for the same id."""
    return _ID.sub(_random_id, body)


def _random_id(found: re.Match[bytes]) -> bytes:
    digest = hashlib.blake2b(found[0], digest_size=16).digest()
    return f'"{uuid.UUID(bytes=digest, version=4)}"'.encode()


def _as_it_is(body: bytes) -> bytes:
    return body


def _same(moment: datetime) -> datetime:
    return moment


def increments(folder: Path) -> list[Arrival]:
    """Return the deliveries that come after a history, in their order."""
    return msgspec.msgpack.decode((folder / _INCREMENTS_FILE).read_bytes(), type=list[Arrival])


def grow(millions: int, *, busy: bool = False, ids: Ids = Ids.RISING) -> tuple[Path, Child]:
    """Simulate and ingest a history anew; return its folder and what that took."""
    folder = kept_folder(_name(millions, busy=busy, ids=ids))
    shutil.rmtree(folder)
    folder.mkdir()
    how = ["--ids", ids, *(["--busy"] if busy else [])]
    child = run_child(
        [sys.executable, "-m", "benchmarks.history", str(millions), folder, *how],
        folder / "grow.log",
        folder=PROJECT,
    )
    return folder, child


def _name(millions: int, *, busy: bool, ids: Ids) -> str:
    return f"history-{millions}m{'-busy' if busy else ''}{'-random' if ids is Ids.RANDOM else ''}"


def built(millions: int, terminal: Terminal, *, busy: bool = False, ids: Ids = Ids.RISING) -> Home:
    """Return the lakehouse of a history, built and after upkeep.

    It is made where it is not there, and built anew where other models have built it.
    """
    folder = kept_folder(_name(millions, busy=busy, ids=ids))
    home = Home(PROJECT, folder)
    if not (folder / _INCREMENTS_FILE).is_file():
        with terminal.step(f"Simulating and ingesting {millions} million events (not measured)"):
            grow(millions, busy=busy, ids=ids)
    built_by = folder / _BUILT_BY_FILE
    models = _hash_of_models()
    if not built_by.is_file() or built_by.read_text() != models:
        with terminal.step(f"Building the tables of {millions} million events (not measured)"):
            _build(home)
        built_by.write_text(models)
    return home


def _hash_of_models() -> str:
    digest = hashlib.sha256()
    for name in _BUILT_BY:
        path = PROJECT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.relative_to(PROJECT).as_posix().encode() + b"\0")
                digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()


def _build(home: Home) -> None:
    at = run_at(increments(home.root)[0].arrives_at)
    # A build that was stopped leaves a catalog: only a whole one gets its name.
    fresh = Home(home.project, home.root / "fresh")
    shutil.rmtree(fresh.root, ignore_errors=True)
    fresh.root.mkdir()
    (fresh.root / "raw").symlink_to(home.raw)
    no_tests = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    for command in (
        ["build", *no_tests, "--vars", json.dumps({"run_at": at})],
        ["run-operation", "upkeep", "--args", json.dumps({"keep_hours": 0})],
    ):
        run_dbt(fresh.root, home.root / "build.log", *command)
    shutil.rmtree(home.data, ignore_errors=True)
    fresh.data.rename(home.data)
    fresh.catalog.rename(home.catalog)
    shutil.rmtree(fresh.root)


def run_at(moment: datetime) -> str:
    """Return dbt's variable of that name for a run just after a moment."""
    return f"{moment.astimezone(UTC) + timedelta(seconds=1):%Y-%m-%d %H:%M:%S.%f}"


def clone(home: Home, name: str) -> Home:
    """Return a lakehouse of its own with the same contents: files are written once, so linked."""
    root = kept_folder(name)
    shutil.rmtree(root)
    for folder in ("raw", "data"):
        shutil.copytree(home.root / folder, root / folder, copy_function=os.link)
    shutil.copy(home.catalog, root / home.catalog.name)
    shutil.copy(home.root / _INCREMENTS_FILE, root / _INCREMENTS_FILE)
    return Home(home.project, root)


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT


if __name__ == "__main__":
    run(main)
