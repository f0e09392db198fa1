"""Writers at full speed against a puller: after one more pull no row that they touched is stale."""

from __future__ import annotations

import time
from pathlib import Path

from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.databases.postgresql import connect
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.state_store import FolderStateStore
from tests.support.databases.postgresql_server import Database, latest
from tests.support.databases.writers import CREATE, OVERLAP_SECONDS, ROWS, writers

SECONDS = 8
RACE = Table("public", "race", ("id",), "updated_at", "shop_race")
SHOP = Source("shop", "postgresql", "SHOP_DATABASE_URL", (RACE,), overlap_seconds=OVERLAP_SECONDS)


def test_no_touched_row_is_stale_and_after_a_comparison_none_at_all(
    tmp_path: Path, database: Database
) -> None:
    database.execute(*CREATE)
    with connect(database.reader, "shop", "SHOP_DATABASE_URL") as session:
        session.check()
        states = FolderStateStore(tmp_path / "pulled")
        puller = Puller(SHOP, session, Ingester(FolderRawZone(tmp_path / "raw")), states)
        with writers(database.owner, seed=11) as race:
            # The first load is in the race, too, and comparisons are.
            end = time.monotonic() + SECONDS
            pulls = 0
            while time.monotonic() < end:
                pull(puller, RACE, compare=pulls % 3 == 0)
                pulls += 1
        pull(puller, RACE)
        rows = dict(database.rows("select id::text, version::text from race"))
        found = versions(tmp_path)
        seen = {key for key in rows if int(key) not in race.unseen and int(key) <= ROWS}
        assert {key: found.get(key) for key in seen} == {key: rows[key] for key in seen}

        compared = pull(puller, RACE, compare=True).reconciled

    assert versions(tmp_path) == rows
    assert compared is not None
    assert compared.rows > 0
    assert race.total() > 5_000
    assert pulls > 5


def versions(home: Path) -> dict[str, str]:
    return {row["id"]: row["version"] for row in latest(home / "raw").values()}
