from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.sources.databases.settings import Source, Table
from tests.support.databases.mariadb_server import Database, Server, new_database, server
from tests.support.databases.pulling import Home

USERS = Table("", "users", ("id",), "updated_at", "shop_users")


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("mariadb")) as running:
        yield running


@pytest.fixture
def database(mariadb: Server) -> Iterator[Database]:
    with new_database(mariadb) as database:
        yield database


@pytest.fixture
def home(tmp_path: Path, database: Database) -> Home:
    database.execute(
        "create table users (id bigint primary key, name text, city varchar(40), "
        "updated_at timestamp(6) not null default now(6), index (updated_at))"
    )
    source = Source("shop", "mysql", "SHOP_DATABASE_URL", (USERS,), page_rows=100)
    return Home(tmp_path, database, source)
