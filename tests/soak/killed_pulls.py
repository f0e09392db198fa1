"""`retailpulse pull` killed at any moment: the same command again puts everything right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ingestion.sources.databases.settings import LOG, POLL
from tests.soak.kills import Started, kill_after, lifetime, random_moments, start_in
from tests.soak.raw_objects import has_landed, read_raw
from tests.soak.scenario import Outcome, Soak
from tests.support.databases.landed_rows import latest
from tests.support.databases.postgresql_server import Database, new_database
from tests.support.project.copies import copy_project

KILLS = 10
ROWS = 60_000
PAGE_ROWS = 2_000

SOURCE = f"""engine: postgresql
connection: SHOP_DATABASE_URL
page_rows: {PAGE_ROWS}
tables:
  - table: users
    key: id
    cursor: updated_at
"""
CREATE = (
    "create table users (id bigint primary key, name text, city text, "
    "updated_at timestamptz not null default now())",
    "insert into users (id, name, updated_at) select id, 'user ' || id, now() - interval '1 day' "
    f"from generate_series(1, {ROWS}) as id",
    "create index on users (updated_at)",
    "analyze users",
)
PUBLISH = (
    "alter table users replica identity full",
    "create publication retailpulse_shop for table users",
)
# A third of the rows each time, in each of the ways that a row can change.
CHANGES = (
    "update users set name = name || '.', updated_at = now() where id % 9 = {0}",
    "update users set city = city || '.' where id % 9 = {1}",
    "delete from users where id % 9 = {2}",
    f"update users set id = id + {ROWS}, updated_at = now() where id % 9 = {{3}} and id <= {ROWS} "
    f"and id + {ROWS} not in (select id from users)",
    "insert into users (id, name) select id, 'new' from "
    f"generate_series(1, {ROWS}) as id where id % 9 = {{4}} on conflict do nothing",
)


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Kill first loads, then pulls of a table that changes between them, in each mode."""
    for mode in (POLL, LOG):
        project, home = soak.folder / f"project-{mode}", soak.folder / f"lakehouse-{mode}"
        copy_project(project)
        source = f"mode: {mode}\n{SOURCE}"
        (project / "ingestion/sources/shop.yml").write_text(source, encoding="utf-8")
        by_log = mode == LOG
        with new_database(soak.folder / f"postgresql-{mode}", by_log=by_log) as database:
            database.execute(*CREATE)
            if by_log:
                database.execute(*PUBLISH)
            environment = {
                "PYTHONPATH": f"{project}",
                "RETAILPULSE_HOME": f"{home}",
                "SHOP_DATABASE_URL": database.reader,
            }
            pull = partial(
                start_in,
                *(project, environment, soak.folder / f"pull-{mode}.log"),
                *("retailpulse", "pull"),
                # The log tells of all changes by itself.
                *(() if by_log else ("--reconcile",)),
            )
            told = "by the log" if by_log else "with a comparison"
            yield _first_loads(soak, pull, database, home)
            yield _later_pulls(soak, pull, database, home, told)


def _first_loads(soak: Soak, pull: partial[Started], database: Database, home: Path) -> Outcome:
    raw = home / "raw"
    with soak.terminal.step(f"A clean first load of {ROWS:,} rows"):
        first_object, end = lifetime(pull(), lambda _: has_landed(raw))
    kills, wrong, most_twice = 0, list[str](), 0
    for moment in random_moments(soak.rng, KILLS, end - first_object):
        with soak.terminal.step(f"First load killed {moment:.2f} s after its first object") as step:
            shutil.rmtree(home)
            kills += kill_after(pull(), moment, lambda _: has_landed(raw))
            lifetime(pull())
            lines, broken = read_raw(raw)
            twice = lines - ROWS
            most_twice = max(most_twice, twice)
            found = [*broken, *_differing(database, raw)]
            wrong += [f"after {moment:.2f} s: {what}" for what in found]
            step.update(", ".join(found) or f"equal, {twice:,} rows landed twice")
    return Outcome(
        "SIGKILL of a first load",
        kills,
        "the same pull again: each row as the table has it, and a page at most landed twice",
        "; ".join(wrong) or f"all equal, at most {most_twice:,} rows twice",
        not wrong and kills > KILLS / 2 and most_twice <= PAGE_ROWS,
    )


def _later_pulls(
    soak: Soak, pull: partial[Started], database: Database, home: Path, told: str
) -> Outcome:
    kills, wrong = 0, list[str]()
    seconds = 0.0
    for number in range(KILLS + 1):
        with soak.terminal.step(f"Changes, and a pull killed after {seconds:.2f} s") as step:
            parts = soak.rng.sample(range(9), len(CHANGES))
            database.execute(*(change.format(*parts) for change in CHANGES))
            if number:
                kills += kill_after(pull(), seconds)
            _, end = lifetime(pull())
            found = _differing(database, home / "raw")
            wrong += [f"after {seconds:.2f} s: {what}" for what in found]
            step.update(", ".join(found) or "equal")
            seconds = soak.rng.random() * end
    return Outcome(
        f"SIGKILL of a pull {told}",
        kills,
        "the same pull again: each row as the table has it",
        "; ".join(wrong) or "all equal",
        not wrong and kills > KILLS / 2,
    )


def _differing(database: Database, raw: Path) -> list[str]:
    """The rows that are not as the table has them, some of them."""
    rows = {
        key: (name, city)
        for key, name, city in database.rows("select id::text, name, city from users")
    }
    found = {row["id"]: (row["name"], row["city"]) for row in latest(raw).values()}
    wrong = [key for key in rows.keys() | found.keys() if rows.get(key) != found.get(key)]
    return [f"{len(wrong):,} rows differ, such as {wrong[0]}"] if wrong else []
