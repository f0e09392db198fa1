"""Writers at full speed against a puller of PostgreSQL's log: every version, in its order."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ingestion.sources.databases.settings import Source, Table
from tests.support.databases.landed_rows import landed
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulling_log import by_log, publish
from tests.support.databases.race import run_race_by_log
from tests.support.databases.writers import ROWS, Postgresql

RACE = Table("public", "race", ("id",), "", "shop_race")
SHOP = Source("shop", "postgresql", "SHOP_DATABASE_URL", (RACE,), page_rows=2_000)
INSTANTS = 1_000

# What the writers did, by their own account: a transaction's commit has a time that the server
# keeps.
ACCOUNT = (
    "create table account (nth bigint generated always as identity, xid xid, id bigint, "
    "version bigint)",
    """create function keep_account() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' or tg_op = 'UPDATE' and new.id <> old.id then
            insert into account (xid, id) values (pg_current_xact_id()::xid, old.id);
        end if;
        if tg_op <> 'DELETE' then
            insert into account (xid, id, version)
            values (pg_current_xact_id()::xid, new.id, new.version);
        end if;
        return null;
    end $$""",
    "create trigger account after insert or update or delete on race "
    "for each row execute function keep_account()",
)

# Of each row, since when it has which version, in order; None where it is gone.
Versions = dict[str, list[tuple[datetime, str | None]]]


def test_no_row_is_stale_none_is_left_over_and_history_is_exact(
    tmp_path: Path, logged: Database
) -> None:
    source = by_log(SHOP)
    logged.execute(
        *Postgresql.create(),
        "alter table race replica identity full",
        publish(source, "race"),
        *ACCOUNT,
    )

    loaded_at, _ = run_race_by_log(tmp_path, logged, source, partial(Postgresql, logged.owner))

    told, done = _told(tmp_path / "raw"), _done(logged)
    end = max(versions[-1][0] for versions in done.values())
    some = random.Random(7)
    often = [row for row, versions in done.items() if len(versions) > 3]
    for _ in range(INSTANTS):
        row = some.choice(some.choice((sorted(done), often)))
        # And at the very moments at which versions begin.
        moments = [since for since, _ in done[row] if since > loaded_at]
        at = some.choice([*moments, loaded_at + (end - loaded_at) * some.random()])
        assert _in_force(told.get(row, []), at) == _in_force(done[row], at), (row, at)
    assert often


def _told(raw: Path) -> Versions:
    told: Versions = defaultdict(list)
    for event in landed(raw):
        version = event["data"].get("version") if event["op"] == "upsert" else None
        told[event["data"]["id"]].append((datetime.fromisoformat(event["time"]), version))
    return told


def _done(database: Database) -> Versions:
    done: Versions = {}
    for row, version, at in database.rows(
        "select id, version::text, pg_xact_commit_timestamp(xid) from account order by 3, nth"
    ):
        before = "0" if row <= ROWS else None
        done.setdefault(str(row), [(datetime.min.replace(tzinfo=UTC), before)])
        done[str(row)].append((at, version))
    return done


def _in_force(versions: list[tuple[datetime, str | None]], at: datetime) -> str | None:
    """The version that a row had at an instant; None if there was none."""
    return next((version for since, version in reversed(versions) if since <= at), None)
