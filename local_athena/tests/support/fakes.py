"""A session without Trino: statements are executed by whatever a test scripts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from local_athena.errors import StatementFailed
from local_athena.session import Column, Outcome, Session, TrinoResult
from local_athena.statement_run import StatementRun, Translation

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

MB: Final = 10**6


class FakeS3:
    """Two buckets, and the files that were put."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}

    def head_bucket(self, *, Bucket: str) -> None:  # noqa: N803
        if Bucket not in ("b", "results"):
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadBucket")

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        self.files[f"s3://{Bucket}/{Key}"] = Body.decode()

    @property
    def client(self) -> S3Client:
        return cast("S3Client", self)


class FakeSession:
    """A session whose Trino statements read a megabyte at each step.

    `read 30` reads thirty megabytes; `wait` goes on until it is stopped; `last 30` tells of thirty
    megabytes only when it is at its end; anything else reads nothing.
    """

    glue = cast("GlueClient", None)
    s3 = cast("S3Client", None)

    def __init__(
        self, database: str, tables_location: str, run: StatementRun, started: threading.Event
    ) -> None:
        self.database = database
        self.tables_location = tables_location
        self._run = run
        self._started = started

    def trino(
        self,
        sql: str,
        *,
        catalog: str = "awsdatacatalog",
        properties: Mapping[str, str] | None = None,
    ) -> TrinoResult:
        self._run.go_on()
        self._started.set()
        read = 0
        try:
            what, _, number = sql.partition(" ")
            while what == "wait" or (what == "read" and read < int(number) * MB):
                read += 0 if what == "wait" else MB
                self._run.reading(read)
                time.sleep(0.001)
            if what == "last":
                read = int(number) * MB
        finally:
            self._run.ended(Translation(sql, 1, read))
        return TrinoResult([Column("_col0", "integer")], [[1]], scanned_bytes=read)


Execute = Callable[[str, Session], Outcome]


def execute_each(statement: str, session: Session) -> Outcome:
    """Execute a statement that is several Trino statements with semicolons between.

    `select 1; select 2` is two of them, whose rows come together; `fail` fails as a commit conflict
    does, `break` as a programming error.
    """
    rows: list[Any] = []
    for sql in statement.split("; "):
        if sql == "fail":
            raise StatementFailed("ICEBERG_COMMIT_ERROR", "Someone was first", error_type=233)
        if sql == "break":
            raise KeyError("programming error")
        rows += session.trino(sql).rows
    return Outcome("DML", "SELECT", TrinoResult([Column("_col0", "integer")], rows))
