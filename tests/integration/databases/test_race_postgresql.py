"""Writers at full speed against a puller: after one more pull no row that they touched is stale."""

from __future__ import annotations

import time
from pathlib import Path

from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.databases.postgresql import connect
from ingestion.sources.databases.pull import Puller
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.state_store import FolderStateStore
from tests.support.databases.postgresql_server import Database, latest
from tests.support.databases.writers import CREATE, OVERLAP_SECONDS, writers

SECONDS = 8
RACE = Table("public", "race", ("id",), "updated_at", "shop_race")
SHOP = Source("shop", "postgresql", "SHOP_DATABASE_URL", (RACE,), overlap_seconds=OVERLAP_SECONDS)


def test_no_touched_row_is_stale(tmp_path: Path, database: Database) -> None:
    database.execute(*CREATE)
    rows = 0
    with connect(database.reader, "shop", "SHOP_DATABASE_URL") as session:
        session.check()
        states = FolderStateStore(tmp_path / "pulled")
        puller = Puller(SHOP, session, Ingester(FolderRawZone(tmp_path / "raw")), states)
        with writers(database.owner, seed=11) as race:
            # The first load is in the race, too.
            end = time.monotonic() + SECONDS
            pulls = 0
            while time.monotonic() < end:
                rows += puller.pull(RACE).rows
                pulls += 1
        puller.pull(RACE)

    found = latest(tmp_path / "raw")
    stale = [
        (key, version)
        for key, version in database.rows("select id::text, version::text from race")
        if found[(key,)]["version"] != version
    ]
    assert stale == []
    assert race.total() > 5_000
    assert pulls > 5
