"""A race of writers at full speed against a puller, and what has to be right behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.databases.engines import connect, connect_log
from ingestion.sources.databases.log_pull import LogPulled, pull_log
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.settings import Source
from ingestion.sources.databases.state_store import FolderStateStore
from tests.support.databases.landed_rows import latest
from tests.support.databases.pulling import Database
from tests.support.databases.writers import ROWS, Race, Writing, writers

SECONDS = 8
SECONDS_BY_LOG = 5
# What makes it a race. A busy machine takes longer for that.
CHANGES = 5_000
PULLS = 5
SECONDS_AT_MOST = 90


def run_race(
    folder: Path, database: Database, source: Source, connected: Callable[[], Writing]
) -> None:
    """Let a puller race, and see that no touched row is stale behind it.

    And that after a comparison no row is.

    Args:
        folder: An empty folder.
        database: The database, in which the writers' table is.
        source: The source, whose one table that is.
        connected: Gives a writer's session.
    """
    [table] = source.tables
    with connect(source, database.reader) as session:
        session.check()
        states = FolderStateStore(folder / "pulled")
        puller = Puller(source, session, Ingester(FolderRawZone(folder / "raw")), states)
        with writers(connected, seed=11) as race:
            # The first load is in the race, too, and comparisons are.
            started, pulls = time.monotonic(), 0
            while _goes_on(started, SECONDS, race, pulls):
                pull(puller, table, compare=pulls % 3 == 0)
                pulls += 1
        pull(puller, table)
        rows = {
            str(key): str(version) for key, version in database.rows("select id, version from race")
        }
        found = _versions(folder)
        seen = {key for key in rows if int(key) not in race.unseen and int(key) <= ROWS}
        assert {key: found.get(key) for key in seen} == {key: rows[key] for key in seen}

        compared = pull(puller, table, compare=True).reconciled

    assert _versions(folder) == rows
    assert compared is not None
    assert compared.rows > 0
    assert race.total() > CHANGES
    assert pulls > PULLS


def run_race_by_log(
    folder: Path, database: Database, source: Source, connected: Callable[[], Writing]
) -> datetime:
    """Let a puller by the log race, and see that no row at all is stale behind it, or left over.

    And that comparisons, of which there are many meanwhile, have found nothing to do.

    Args:
        folder: An empty folder.
        database: The database, in which the writers' table is.
        source: The source, whose one table that is.
        connected: Gives a writer's session.

    Returns:
        The database's time behind the first pull.
    """
    with connect_log(source, database.reader) as (session, log):
        states = FolderStateStore(folder / "pulled")
        puller = Puller(source, session, Ingester(FolderRawZone(folder / "raw")), states)
        pulls: list[LogPulled] = []
        with writers(connected, seed=11) as race:
            # The slot waits for all transactions that are open then.
            pulls.append(pull_log(puller, log))
            [(loaded_at,)] = database.rows("select clock_timestamp()")
            started = time.monotonic()
            while _goes_on(started, SECONDS_BY_LOG, race, len(pulls)):
                pulls.append(pull_log(puller, log, compare=len(pulls) % 3 == 0))
        pulls.append(pull_log(puller, log))
        rows = {
            str(key): str(version) for key, version in database.rows("select id, version from race")
        }
        assert _versions(folder) == rows

        pulls.append(pull_log(puller, log, compare=True))

    compared = [found for pulled in pulls if (found := pulled.tables[0].reconciled)]
    assert sum(found.rows for found in compared) == 0
    assert len(compared) > 2
    assert race.total() > CHANGES
    assert len(pulls) > PULLS
    assert not any(pulled.refused for pulled in pulls)
    assert isinstance(loaded_at, datetime)
    return loaded_at


def _goes_on(started: float, seconds: float, race: Race, pulls: int) -> bool:
    elapsed = time.monotonic() - started
    is_race = race.total() > CHANGES and pulls > PULLS
    return elapsed < (seconds if is_race else SECONDS_AT_MOST)


def _versions(folder: Path) -> dict[str, str]:
    return {row["id"]: row["version"] for row in latest(folder / "raw").values()}
