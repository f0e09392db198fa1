"""A race of writers at full speed against a puller, and what has to be right behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.databases.engines import connect, connect_log
from ingestion.sources.databases.log_pull import LogPulled, pull_log
from ingestion.sources.databases.pull import Pulled, pull
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.settings import Source
from ingestion.sources.state_store import FolderStateStore
from tests.support.databases.landed_rows import latest
from tests.support.databases.pulling import Database
from tests.support.databases.writers import ROWS, Race, Writing, writers

# What makes it a race, however long that takes a busy machine.
PULLS = 5


@dataclass(frozen=True)
class Size:
    """How large a race is.

    Attributes:
        rows: How many rows the table has.
        seconds: How long the writers write at least.
        changes: How many rows they write at least.
        seconds_at_most: After how long it ends though they have written fewer.
    """

    rows: int = ROWS
    seconds: float = 8
    changes: int = 5_000
    seconds_at_most: float = 90


def run_race(
    folder: Path,
    database: Database,
    source: Source,
    connected: Callable[[], Writing],
    size: Size = Size(),
) -> int:
    """Let a puller race, and see that no touched row is stale behind it.

    And that after a comparison no row is.

    Args:
        folder: An empty folder.
        database: The database, in which the writers' table is.
        source: The source, whose one table that is.
        connected: Gives a writer's session.
        size: How large it is.

    Returns:
        How many rows the writers have written.
    """
    [table] = source.tables
    with connect(source, database.reader) as session:
        session.check()
        states = FolderStateStore(folder / "pulled")
        puller = Puller(source, session, Ingester(FolderRawZone(folder / "raw")), states)
        with writers(connected, seed=11, rows=size.rows) as race:
            # The first load is in the race, too, and comparisons are.
            started, pulled = time.monotonic(), list[Pulled]()
            while _goes_on(started, size, race, len(pulled)):
                pulled.append(pull(puller, table, compare=len(pulled) % 3 == 0))
        pull(puller, table)
        rows = {
            str(key): str(version) for key, version in database.rows("select id, version from race")
        }
        found = _versions(folder)
        seen = {key for key in rows if int(key) not in race.unseen and int(key) <= size.rows}
        _must_be(
            {key: version for key, version in found.items() if key in seen},
            {key: rows[key] for key in seen},
            "touched rows behind one more pull",
        )
        pulled.append(pull(puller, table, compare=True))

    _must_be(_versions(folder), rows, "rows behind a comparison")
    compared = [each.reconciled.rows for each in pulled if each.reconciled]
    assert sum(compared) > 0, "no comparison found anything"
    assert race.total() > size.changes, f"{race.total():,} changes are no race"
    assert len(pulled) > PULLS, f"{len(pulled)} pulls are no race"
    return race.total()


def run_race_by_log(
    folder: Path,
    database: Database,
    source: Source,
    connected: Callable[[], Writing],
    size: Size = Size(seconds=5),
) -> tuple[datetime, int]:
    """Let a puller by the log race, and see that no row at all is stale behind it, or left over.

    And that comparisons, of which there are many meanwhile, have found nothing to do.

    Args:
        folder: An empty folder.
        database: The database, in which the writers' table is.
        source: The source, whose one table that is.
        connected: Gives a writer's session.
        size: How large it is.

    Returns:
        The database's time behind the first pull, and how many rows the writers have written.
    """
    with connect_log(source, database.reader) as (session, log):
        states = FolderStateStore(folder / "pulled")
        puller = Puller(source, session, Ingester(FolderRawZone(folder / "raw")), states)
        pulls: list[LogPulled] = []
        with writers(connected, seed=11, rows=size.rows) as race:
            # The slot waits for all transactions that are open then.
            pulls.append(pull_log(puller, log))
            [(loaded_at,)] = database.rows("select clock_timestamp()")
            started = time.monotonic()
            while _goes_on(started, size, race, len(pulls)):
                pulls.append(pull_log(puller, log, compare=len(pulls) % 3 == 0))
        pulls.append(pull_log(puller, log))
        rows = {
            str(key): str(version) for key, version in database.rows("select id, version from race")
        }
        _must_be(_versions(folder), rows, "rows behind one more pull")
        pulls.append(pull_log(puller, log, compare=True))

    compared = [found for pulled in pulls if (found := pulled.tables[0].reconciled)]
    told = sum(found.rows for found in compared)
    assert told == 0, f"comparisons landed {told:,} rows"
    assert len(compared) > 2, f"{len(compared)} comparisons are too few"
    assert race.total() > size.changes, f"{race.total():,} changes are no race"
    assert len(pulls) > PULLS, f"{len(pulls)} pulls are no race"
    assert not any(pulled.refused for pulled in pulls)
    assert isinstance(loaded_at, datetime)
    return loaded_at, race.total()


def _must_be(found: dict[str, str], expected: dict[str, str], what: str) -> None:
    """Say how many rows are not as they must be: all of a large race cannot be shown."""
    wrong = {
        key: (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }
    some = dict(list(wrong.items())[:5])
    assert not wrong, f"{len(wrong):,} {what} are wrong, as (found, expected) {some}"


def _goes_on(started: float, size: Size, race: Race, pulls: int) -> bool:
    elapsed = time.monotonic() - started
    is_race = race.total() > size.changes and pulls > PULLS
    return elapsed < (size.seconds if is_race else size.seconds_at_most)


def _versions(folder: Path) -> dict[str, str]:
    return {row["id"]: row["version"] for row in latest(folder / "raw").values()}
