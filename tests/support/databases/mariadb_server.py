"""A MariaDB of this machine for tests, from Debian's packages or wherever its programs are."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql

from local_athena.ports import free_ports

# Debian puts servers where the path of a user does not lead.
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
_SECONDS_TO_START = 60.0


class NotInstalledError(RuntimeError):
    """There is no MariaDB on this machine."""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        socket: Where it listens.
        port: Where it listens, too.
        process: The id of its process.
    """

    socket: Path
    port: int
    process: int

    def connection(self, database: str | None = None) -> pymysql.Connection[Any]:
        """Connect as its administrator."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            password="",
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )


@dataclass(frozen=True)
class Database:
    """A database of its own, and an account that may read it.

    Attributes:
        server: The server that it is in.
        name: Its name.
        account: The name of the account that reads.
        password: Its password.
    """

    server: Server
    name: str
    account: str
    password: str

    @property
    def reader(self) -> str:
        """The address for a puller."""
        return (
            f"mysql://{self.account}:{quote(self.password, safe='')}@localhost/{self.name}"
            f"?unix_socket={quote(str(self.server.socket))}"
        )

    def execute(self, *statements: str) -> None:
        """Execute statements, each in a transaction of its own."""
        with self.server.connection(self.name) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str) -> list[Any]:
        """Return the rows of a query."""
        with self.server.connection(self.name) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Run a server in an empty folder.

    Raises:
        NotInstalledError: MariaDB is not installed.
        RuntimeError: It does not start.
    """
    programs = {name: shutil.which(name, path=_PATH) for name in ("mariadbd", "mariadb-install-db")}
    if missing := [name for name, path in programs.items() if path is None]:
        raise NotInstalledError(
            f"{' and '.join(missing)} not found: install MariaDB's server, on Debian and Ubuntu "
            "`apt-get install mariadb-server-core`"
        )
    data = folder / "data"
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [
            str(programs["mariadb-install-db"]),
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *as_root,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    socket, port = folder / "mariadb.sock", free_ports(1)[0]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(programs["mariadbd"]),
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={socket}",
                f"--port={port}",
                "--bind-address=127.0.0.1",
                # The zone of a machine whose clocks are put back.
                "--default-time-zone=SYSTEM",
                "--innodb-flush-log-at-trx-commit=0",
                *as_root,
            ],
            env=os.environ | {"TZ": "Europe/Lisbon"},
            stdout=log,
            stderr=log,
        )
    running = Server(socket, port, process.pid)
    try:
        _wait_for(running, process, folder / "log")
        yield running
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(running: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            running.connection().close()
        except pymysql.OperationalError as error:
            if process.poll() is not None or time.monotonic() > end:
                said = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
                raise RuntimeError(f"MariaDB does not start: {said}") from error
            time.sleep(0.1)
        else:
            return


@contextmanager
def new_database(running: Server) -> Iterator[Database]:
    """Make a database, and an account that may read it and nothing else."""
    name = f"shop_{secrets.token_hex(4)}"
    account = f"reader_{secrets.token_hex(4)}"
    made = Database(running, name, account, f"pass/word:ü@{secrets.token_hex(4)}")
    with running.connection() as connection, connection.cursor() as cursor:
        cursor.execute(f"create database {name} character set utf8mb4")
        cursor.execute(f"create user {account} identified by %s", (made.password,))
        cursor.execute(f"grant select on {name}.* to {account}")
        cursor.execute(f"grant process on *.* to {account}")
    try:
        yield made
    finally:
        with running.connection() as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database {name}")
            cursor.execute(f"drop user {account}")
