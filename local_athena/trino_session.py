"""A statement's session on a real Trino."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests
from trino.client import ClientSession, TrinoRequest, TrinoStatus
from trino.exceptions import HttpError, TrinoConnectionError, TrinoQueryError

from local_athena.errors import SYSTEM, StatementFailed
from local_athena.session import ICEBERG_CATALOG, Column, TrinoResult
from local_athena.statement_run import StatementCancelled, StatementRun, Translation, too_large
from local_athena.trino_errors import statement_failed

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

# What a result may take on the wire; as Python objects it takes several times as much.
MAX_RESULT_BYTES: Final = 64 * 2**20
_UNREACHABLE: Final = (TrinoConnectionError, HttpError, OSError)


class TrinoSession:
    """A session.Session on Trino's HTTP protocol, for one Athena statement and one thread.

    The `trino` package speaks the protocol; the loop over a result's pages is here, because each
    page is where a statement can be stopped and where what it has read so far is told. Trino holds
    a request for a page open for up to a second, so that is how long stopping takes.
    """

    def __init__(
        self,
        url: str,
        database: str,
        tables_location: str,
        glue: GlueClient,
        s3: S3Client,
        run: StatementRun,
    ) -> None:
        """Describe a session; nothing is sent.

        Args:
            url: Trino's address, such as http://127.0.0.1:8085.
            database: What a table without a database is sought in.
            tables_location: Where a Hive table goes that names no location.
            glue: For what Athena does in Glue and Trino does not.
            s3: Likewise.
            run: What this session reports to, and is stopped by.
        """
        self.database = database
        self.tables_location = tables_location
        self.glue = glue
        self.s3 = s3
        self._run = run
        address = urlsplit(url)
        if address.hostname is None or address.port is None:
            raise ValueError(f"Trino's address needs a host and a port: {url}")
        self._host, self._port = address.hostname, address.port

    def trino(
        self,
        sql: str,
        *,
        catalog: str = ICEBERG_CATALOG,
        properties: Mapping[str, str] | None = None,
    ) -> TrinoResult:
        """Execute one statement: see session.Session."""
        self._run.go_on()
        request = TrinoRequest(
            self._host,
            self._port,
            # The package says PARAMETRIC_DATETIME by itself, without which Trino says timestamp(3)
            # for every precision.
            ClientSession(
                user="athena",
                source="local_athena",
                catalog=catalog,
                schema=self.database,
                properties=dict(properties or {}),
                timezone="UTC",
            ),
            http_scheme="http",
            http_session=http_session(),
        )
        started = time.monotonic()
        pages = _Pages()
        try:
            # A request is sent again when its answer is lost. That executes nothing twice: Trino
            # begins with a statement when its first page is asked for, and keeps a page until the
            # next one is.
            status = pages.add(request, request.post(sql))
            while status.next_uri is not None:
                try:
                    self._run.reading(pages.scanned_bytes)
                    if pages.result_bytes > MAX_RESULT_BYTES:
                        raise too_large(MAX_RESULT_BYTES)
                except (StatementCancelled, StatementFailed):
                    # The statement has ended as it has, whether or not Trino hears of it.
                    with suppress(*_UNREACHABLE):
                        request.delete(status.next_uri)
                    raise
                status = pages.add(request, request.get(status.next_uri))
        except TrinoQueryError as error:
            raise statement_failed(
                error.error_name or "GENERIC_INTERNAL_ERROR",
                error.error_type or "INTERNAL_ERROR",
                error.message,
            ) from error
        except _UNREACHABLE as error:
            raise StatementFailed(
                "TRINO_UNREACHABLE", str(error), category=SYSTEM, error_type=100
            ) from error
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            self._run.ended(Translation(sql, milliseconds, pages.scanned_bytes))
        return pages.result()


def http_session() -> requests.Session:
    """A session that goes to Trino itself, whatever proxy the environment names."""
    session = requests.Session()
    session.trust_env = False
    return session


class _Pages:
    """The pages of a statement's result so far."""

    def __init__(self) -> None:
        self.scanned_bytes = 0
        self.result_bytes = 0
        self._columns: list[dict[str, Any]] = []
        self._rows: list[Any] = []
        self._update_type: str | None = None
        self._update_count: int | None = None

    def add(self, request: TrinoRequest, response: Any) -> TrinoStatus:
        """Read a page.

        Raises:
            TrinoQueryError: The statement failed.
        """
        status = request.process(response)
        self.scanned_bytes = int(status.stats.get("physicalInputBytes", 0))
        self.result_bytes += len(response.content)
        self._columns = status.columns or self._columns
        self._rows.extend(status.rows)
        self._update_type = status.update_type
        self._update_count = status.update_count
        return status

    def result(self) -> TrinoResult:
        if self._update_type is not None:
            # Its rows are the count again, or `true`.
            return TrinoResult(update_count=self._update_count, scanned_bytes=self.scanned_bytes)
        return TrinoResult(
            columns=[Column(column["name"], column["type"]) for column in self._columns],
            rows=self._rows,
            scanned_bytes=self.scanned_bytes,
        )
