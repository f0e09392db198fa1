"""Which database a source is: a session with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from ingestion.sources.databases import mysql, postgresql
from ingestion.sources.databases.database import Database
from ingestion.sources.databases.log import Log
from ingestion.sources.databases.settings import Source


def connect(source: Source, address: str) -> AbstractContextManager[Database]:
    """Connect to the database of a source.

    Args:
        source: The source.
        address: Its address; may hold a password.

    Raises:
        SourceError: There is no such server.
    """
    if source.engine == "mysql":
        return mysql.connect(address, source.name, source.connection)
    return postgresql.connect(address, source.name, source.connection)


@contextmanager
def connect_log(source: Source, address: str) -> Iterator[tuple[Database, Log]]:
    """Connect to the database of a PostgreSQL source, and to its log, in one session.

    Args:
        source: The source.
        address: Its address; may hold a password.

    Raises:
        SourceError: There is no such server.
    """
    with postgresql.connect(address, source.name, source.connection) as database:
        yield database, database.log_of(source)
