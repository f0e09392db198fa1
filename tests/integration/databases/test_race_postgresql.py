"""Writers at full speed against a puller of PostgreSQL."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ingestion.sources.databases.settings import Source, Table
from tests.support.databases.postgresql_server import Database
from tests.support.databases.race import run_race
from tests.support.databases.writers import OVERLAP_SECONDS, Postgresql

RACE = Table("public", "race", ("id",), "updated_at", "shop_race")
SHOP = Source("shop", "postgresql", "SHOP_DATABASE_URL", (RACE,), overlap_seconds=OVERLAP_SECONDS)


def test_no_touched_row_is_stale_and_after_a_comparison_none_at_all(
    tmp_path: Path, database: Database
) -> None:
    database.execute(*Postgresql.create())

    run_race(tmp_path, database, SHOP, partial(Postgresql, database.owner))
