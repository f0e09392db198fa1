"""Serve Athena and Glue in the foreground: `python -m local_athena.serve --help`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

import boto3
import waitress  # type: ignore[import-untyped]
from botocore.config import Config

from local_athena.athena_api import MAX_WAITING, AthenaApi
from local_athena.executions import Executions
from local_athena.glue import Glue
from local_athena.named_queries import NamedQueries
from local_athena.server import Application
from local_athena.session import Session
from local_athena.statement_log import StatementLog
from local_athena.statement_run import StatementRun
from local_athena.statements import execute
from local_athena.trino_session import TrinoSession
from local_athena.workgroups import WorkGroups

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

# Half of them are never held by a GetQueryExecution that waits: each Glue call of every statement
# takes one, too.
THREADS: Final = 2 * MAX_WAITING
# dbt-athena makes a new client, with connections of its own, for every call to Glue. A process may
# have 1,024 files open, as a rule, and some 250 are the server's own connections: to itself,
# MiniStack and Trino.
CONNECTIONS: Final = 700


def serve(port: int, trino_url: str, aws_url: str, home: Path) -> None:
    """Serve until the process is interrupted or terminated.

    Region and credentials are those that boto3 finds. MiniStack keeps each region and account by
    itself, so they must be Trino's and the clients' too.

    Args:
        port: On 127.0.0.1.
        trino_url: Trino's address, such as http://127.0.0.1:8085. It may start later.
        aws_url: MiniStack's address, for S3 and Glue.
        home: Folder for workgroups.json, named_queries.json and statements.jsonl.
    """
    # Statements change tables by way of this server, which keeps the tables' versions.
    glue: GlueClient = boto3.client(
        "glue", endpoint_url=f"http://127.0.0.1:{port}", config=Config(max_pool_connections=64)
    )
    s3: S3Client = boto3.client(
        "s3",
        endpoint_url=aws_url,
        config=Config(max_pool_connections=64, s3={"addressing_style": "path"}),
    )

    def open_session(database: str, tables_location: str, run: StatementRun) -> Session:
        return TrinoSession(trino_url, database, tables_location, glue, s3, run)

    log = StatementLog(home / "statements.jsonl")
    executions = Executions(execute, open_session, s3, log)
    athena = AthenaApi(
        executions,
        WorkGroups(home / "workgroups.json"),
        NamedQueries(home / "named_queries.json"),
        glue,
    )
    server = waitress.create_server(
        Application(athena, Glue(aws_url)),
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        # Connections of clients that are gone make room for others, but not before the minute after
        # which Trino's client of Glue gives up an idle one by itself.
        channel_timeout=60,
        # select() cannot watch a file whose number is 1,024 or more, and ends the server there.
        asyncore_use_poll=True,
        # Seeds and results are megabytes; nothing goes by way of a file.
        inbuf_overflow=16 * 2**20,
        outbuf_overflow=64 * 2**20,
    )
    signal.signal(signal.SIGTERM, _exit)
    try:
        server.run()
    finally:
        executions.close()
        log.close()


def _exit(signal_number: int, frame: FrameType | None) -> NoReturn:
    """End waitress's loop, which ends at SystemExit."""
    sys.exit(0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local_athena.serve", description=serve.__doc__)
    parser.add_argument("--port", type=int, required=True, help="to serve Athena and Glue on")
    parser.add_argument("--trino", required=True, help="Trino's address")
    parser.add_argument("--aws", required=True, help="MiniStack's address")
    parser.add_argument("--home", type=Path, required=True, help="folder for state and logs")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # It warns of every request that waits for a thread.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(given.port, given.trino, given.aws, given.home)


if __name__ == "__main__":
    main()
