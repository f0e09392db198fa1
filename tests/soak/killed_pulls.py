"""`retailpulse pull` killed at any moment: the same command again puts everything right."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ingestion.sources.databases.settings import LOG
from tests.soak.kills import Started, kill_after, lifetime, random_moments, start_in
from tests.soak.raw_objects import has_landed, read_raw
from tests.soak.scenario import Outcome, Soak
from tests.support.databases.landed_rows import latest
from tests.support.databases.mariadb_server import new_database as new_mariadb
from tests.support.databases.mariadb_server import server
from tests.support.databases.postgresql_server import new_database
from tests.support.databases.pulling import Database
from tests.support.project.copies import copy_project

KILLS = 10
ROWS = 60_000
PAGE_ROWS = 2_000

SOURCE = f"""connection: SHOP_DATABASE_URL
page_rows: {PAGE_ROWS}
tables:
  - table: users
    key: id
    cursor: updated_at
"""


@dataclass(frozen=True)
class Kind:
    """A way in which the table is followed.

    Attributes:
        name: What it is called in files.
        settings: What the source's file says of it.
        create: The statements that make the table and fill it.
        changes: What is done to a third of its rows each time, in each of the ways that a row can
            change: a ninth of the ids each, `{0}` to `{4}`.
        query: The table's rows: id, name and city as texts.
        is_told: Whether the database tells of all changes by itself.
    """

    name: str
    settings: str
    create: tuple[str, ...]
    changes: tuple[str, ...]
    query: str
    is_told: bool = False


_CREATE_IN_POSTGRESQL = (
    "create table users (id bigint primary key, name text, city text, "
    "updated_at timestamptz not null default now())",
    "insert into users (id, name, updated_at) select id, 'user ' || id, now() - interval '1 day' "
    f"from generate_series(1, {ROWS}) as id",
    "create index on users (updated_at)",
    "analyze users",
)
_CHANGES_IN_POSTGRESQL = (
    "update users set name = name || '.', updated_at = now() where id % 9 = {0}",
    "update users set city = city || '.' where id % 9 = {1}",
    "delete from users where id % 9 = {2}",
    f"update users set id = id + {ROWS}, updated_at = now() where id % 9 = {{3}} and id <= {ROWS} "
    f"and id + {ROWS} not in (select id from users)",
    "insert into users (id, name) select id, 'new' from "
    f"generate_series(1, {ROWS}) as id where id % 9 = {{4}} on conflict do nothing",
)
_QUERY_OF_POSTGRESQL = "select id::text, name, city from users"
POLLED = Kind(
    "poll",
    "engine: postgresql",
    _CREATE_IN_POSTGRESQL,
    _CHANGES_IN_POSTGRESQL,
    _QUERY_OF_POSTGRESQL,
)
LOGGED = Kind(
    "log",
    f"engine: postgresql\nmode: {LOG}",
    (
        *_CREATE_IN_POSTGRESQL,
        "alter table users replica identity full",
        "create publication retailpulse_shop for table users",
    ),
    _CHANGES_IN_POSTGRESQL,
    _QUERY_OF_POSTGRESQL,
    is_told=True,
)
MARIADB = Kind(
    "mariadb",
    "engine: mysql",
    (
        "create table users (id bigint primary key, name varchar(200), city varchar(200), "
        "updated_at timestamp(6) not null default now(6), index (updated_at))",
        "insert into users (id, name, updated_at) select seq, concat('user ', seq), "
        f"now() - interval 1 day from seq_1_to_{ROWS}",
        "analyze table users",
    ),
    (
        "update users set name = concat(name, '.'), updated_at = now(6) where id % 9 = {0}",
        "update users set city = concat(coalesce(city, ''), '.') where id % 9 = {1}",
        "delete from users where id % 9 = {2}",
        f"update ignore users set id = id + {ROWS}, updated_at = now(6) where id % 9 = {{3}} "
        f"and id <= {ROWS}",
        "insert ignore into users (id, name) select seq, 'new' from "
        f"seq_1_to_{ROWS} where seq % 9 = {{4}}",
    ),
    "select cast(id as char), name, city from users",
)


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Kill first loads, then pulls of a table that changes between them, in each way."""
    for kind in (POLLED, LOGGED):
        with new_database(soak.folder / f"postgresql-{kind.name}", by_log=kind.is_told) as database:
            yield from _killed(soak, kind, database)
    with server(soak.folder / "mariadb") as running, new_mariadb(running) as database:
        yield from _killed(soak, MARIADB, database)


def _killed(soak: Soak, kind: Kind, database: Database) -> Iterator[Outcome]:
    project, home = soak.folder / f"project-{kind.name}", soak.folder / f"lakehouse-{kind.name}"
    copy_project(project)
    source = f"{kind.settings}\n{SOURCE}"
    (project / "ingestion/sources/shop.yml").write_text(source, encoding="utf-8")
    database.execute(*kind.create)
    environment = {
        "PYTHONPATH": f"{project}",
        "RETAILPULSE_HOME": f"{home}",
        "SHOP_DATABASE_URL": database.reader,
    }
    pull = partial(
        start_in,
        *(project, environment, soak.folder / f"pull-{kind.name}.log"),
        *("retailpulse", "pull", "shop"),
        *(() if kind.is_told else ("--reconcile",)),
    )
    shop = _Shop(soak, kind, database, pull, home / "raw")
    yield shop.first_loads()
    yield shop.later_pulls()


@dataclass(frozen=True)
class _Shop:
    soak: Soak
    kind: Kind
    database: Database
    pull: Callable[[], Started]
    raw: Path

    def first_loads(self) -> Outcome:
        soak, raw = self.soak, self.raw
        with soak.terminal.step(f"{self.kind.name}: a clean first load of {ROWS:,} rows"):
            first_object, end = lifetime(self.pull(), self._has_landed)
        kills, wrong, most_twice = 0, list[str](), 0
        for moment in random_moments(soak.rng, KILLS, end - first_object):
            with soak.terminal.step(f"Killed {moment:.2f} s after its first object") as step:
                shutil.rmtree(raw.parent)
                kills += kill_after(self.pull(), moment, self._has_landed)
                lifetime(self.pull())
                lines, broken = read_raw(raw)
                twice = lines - ROWS
                most_twice = max(most_twice, twice)
                found = [*broken, *self._differing()]
                wrong += [f"after {moment:.2f} s: {what}" for what in found]
                step.update(", ".join(found) or f"equal, {twice:,} rows landed twice")
        return Outcome(
            f"SIGKILL of a first load ({self.kind.name})",
            kills,
            "the same pull again: each row as the table has it, and a page at most landed twice",
            "; ".join(wrong) or f"all equal, at most {most_twice:,} rows twice",
            not wrong and kills > KILLS / 2 and most_twice <= PAGE_ROWS,
        )

    def later_pulls(self) -> Outcome:
        soak = self.soak
        kills, wrong = 0, list[str]()
        seconds = 0.0
        for number in range(KILLS + 1):
            with soak.terminal.step(f"Changes, and a pull killed after {seconds:.2f} s") as step:
                parts = soak.rng.sample(range(9), len(self.kind.changes))
                self.database.execute(*(change.format(*parts) for change in self.kind.changes))
                if number:
                    kills += kill_after(self.pull(), seconds)
                _, end = lifetime(self.pull())
                found = self._differing()
                wrong += [f"after {seconds:.2f} s: {what}" for what in found]
                step.update(", ".join(found) or "equal")
                seconds = soak.rng.random() * end
        return Outcome(
            f"SIGKILL of a later pull ({self.kind.name})",
            kills,
            "the same pull again: each row as the table has it",
            "; ".join(wrong) or "all equal",
            not wrong and kills > KILLS / 2,
        )

    def _has_landed(self, _: Started) -> bool:
        return has_landed(self.raw)

    def _differing(self) -> list[str]:
        """The rows that are not as the table has them, some of them."""
        rows = {key: (name, city) for key, name, city in self.database.rows(self.kind.query)}
        found = {row["id"]: (row["name"], row["city"]) for row in latest(self.raw).values()}
        wrong = [key for key in rows.keys() | found.keys() if rows.get(key) != found.get(key)]
        return [f"{len(wrong):,} rows differ, such as {wrong[0]}"] if wrong else []
