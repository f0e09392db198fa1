from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases.postgresql_server import Database, new_database
from tests.support.databases.pulling import CREATE_USERS, INDEX, SHOP, Home
from tests.support.databases.pulling_log import USERS_IN_FULL, LogHome, by_log, publish


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that all workers share."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    return folder / "postgresql"


@pytest.fixture(scope="session")
def postgresql_server_with_log(postgresql_server: Path) -> Path:
    """The folder of a server whose log holds rows, which all workers share."""
    return postgresql_server.with_name("postgresql-with-log")


@pytest.fixture
def logged(postgresql_server_with_log: Path) -> Iterator[Database]:
    """A database whose log can be read."""
    with new_database(postgresql_server_with_log, by_log=True) as database:
        yield database


@pytest.fixture
def database(postgresql_server: Path) -> Iterator[Database]:
    with new_database(postgresql_server) as database:
        yield database


@pytest.fixture
def home(tmp_path: Path, database: Database) -> Home:
    database.execute(CREATE_USERS, INDEX)
    return Home(tmp_path, database)


@pytest.fixture
def log_home(tmp_path: Path, logged: Database) -> LogHome:
    """Users in a database whose log tells of them."""
    home = LogHome(tmp_path, logged, by_log(SHOP))
    logged.execute(*USERS_IN_FULL, publish(home.source, "users"))
    return home
