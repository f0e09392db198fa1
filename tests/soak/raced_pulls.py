"""A million changes by writers at full speed, and a puller in the middle of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ingestion.sources.databases.settings import LOG, Source, Table
from tests.soak.scenario import Outcome, Soak
from tests.support.databases.mariadb_server import new_database as new_mariadb
from tests.support.databases.mariadb_server import server
from tests.support.databases.postgresql_server import new_database
from tests.support.databases.pulling_log import publish
from tests.support.databases.race import Size, run_race, run_race_by_log
from tests.support.databases.writers import OVERLAP_SECONDS, Mariadb, Postgresql

SIZE = Size(rows=1_200_000, seconds=0, changes=1_000_000, seconds_at_most=900)


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Race on PostgreSQL by polling and by its log, and on MariaDB."""
    yield _raced(soak, "PostgreSQL, by polling", _by_polling)
    yield _raced(soak, "PostgreSQL, by its log", _by_log)
    yield _raced(soak, "MariaDB, by polling", _on_mariadb)


def _raced(soak: Soak, what: str, race: Callable[[Soak], int]) -> Outcome:
    with soak.terminal.step(f"Writers at full speed: {what}"):
        changes, seen = 0, "none stale, none left over"
        try:
            changes = race(soak)
        except AssertionError as error:
            seen = f"{error}"
    return Outcome(
        f"writers: {what}",
        changes,
        "no touched row stale behind one more pull, and none at all behind a comparison",
        seen,
        changes > 0,
    )


def _by_polling(soak: Soak) -> int:
    table = Table("public", "race", ("id",), "updated_at", "shop_race")
    with new_database(soak.folder / "postgresql") as database:
        database.execute(*Postgresql.create(SIZE.rows))
        return run_race(
            soak.folder / "polled",
            database,
            _source("postgresql", table),
            partial(Postgresql, database.owner),
            SIZE,
        )


def _by_log(soak: Soak) -> int:
    table = Table("public", "race", ("id",), "", "shop_race")
    source = Source("shop", "postgresql", "SHOP_DATABASE_URL", (table,), mode=LOG)
    with new_database(soak.folder / "postgresql-log", by_log=True) as database:
        database.execute(
            *Postgresql.create(SIZE.rows),
            "alter table race replica identity full",
            publish(source, "race"),
        )
        connected = partial(Postgresql, database.owner)
        _, changes = run_race_by_log(soak.folder / "logged", database, source, connected, SIZE)
    return changes


def _on_mariadb(soak: Soak) -> int:
    table = Table("", "race", ("id",), "updated_at", "shop_race")
    with server(soak.folder / "mariadb") as running, new_mariadb(running) as database:
        database.execute(*Mariadb.create(SIZE.rows))
        return run_race(
            soak.folder / "of-mariadb",
            database,
            _source("mysql", table),
            lambda: Mariadb(running.connection(database.name)),
            SIZE,
        )


def _source(engine: str, table: Table) -> Source:
    return Source("shop", engine, "SHOP_DATABASE_URL", (table,), overlap_seconds=OVERLAP_SECONDS)
