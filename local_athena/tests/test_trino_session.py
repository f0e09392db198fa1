"""A session's conversation with Trino, of which a fake plays the server's part."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest

from local_athena import trino_session
from local_athena.errors import SYSTEM, USER, StatementFailed
from local_athena.session import Column
from local_athena.statement_run import StatementCancelled, StatementRun
from local_athena.tests.support.serving import served
from local_athena.trino_session import TrinoSession

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

Page = Mapping[str, Any]
COLUMNS = [{"name": "n", "type": "bigint", "typeSignature": {"rawType": "bigint"}}]


def _read(scanned_bytes: int, **more: Any) -> Page:
    return {"stats": {"state": "RUNNING", "physicalInputBytes": scanned_bytes}, **more}


class FakeTrino:
    """A server that answers one statement with the pages it is given."""

    def __init__(self, run: StatementRun) -> None:
        self.pages: list[Page] = []
        self.statements: list[tuple[str, Mapping[str, str]]] = []
        self.cancelled = False
        self.run = run
        # The page with which somebody stops the statement.
        self.stop_at: int | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        url = f"http://{environ['HTTP_HOST']}"
        start_response("200 OK", [("Content-Type", "application/json")])
        if environ["REQUEST_METHOD"] == "DELETE":
            self.cancelled = True
            return []
        if environ["REQUEST_METHOD"] == "POST":
            text = environ["wsgi.input"].read().decode()
            headers = {k: v for k, v in environ.items() if k.startswith("HTTP_X_TRINO")}
            self.statements.append((text, headers))
            number, page = 0, _read(0)
        else:
            number = int(environ["PATH_INFO"].rpartition("/")[2])
            page = self.pages[number - 1]
        if number == self.stop_at:
            self.run.stop("Query cancelled by user")
        answer = {"id": "q", "infoUri": url, **page}
        if number < len(self.pages):
            answer["nextUri"] = f"{url}/page/{number + 1}"
        return [json.dumps(answer).encode()]


@pytest.fixture
def run() -> StatementRun:
    return StatementRun(scan_limit=1_000)


@pytest.fixture
def trino(run: StatementRun) -> FakeTrino:
    return FakeTrino(run)


@pytest.fixture
def session(trino: FakeTrino, run: StatementRun) -> Iterator[TrinoSession]:
    with served(trino) as url:
        yield TrinoSession(
            url, "sales", "s3://r/t/", cast("GlueClient", None), cast("S3Client", None), run
        )


def test_pages_are_put_together(trino: FakeTrino, session: TrinoSession, run: StatementRun) -> None:
    trino.pages = [
        _read(10),
        _read(20, columns=COLUMNS, data=[[1], [None]]),
        _read(30, columns=COLUMNS),
        _read(40, columns=COLUMNS, data=[["2"]]),
    ]

    result = session.trino("select n")

    assert result.columns == [Column("n", "bigint")]
    assert result.rows == [[1], [None], ["2"]]
    assert (result.update_count, result.scanned_bytes) == (None, 40)
    [translation] = run.translations
    assert (translation.sql, translation.scanned_bytes) == ("select n", 40)


def test_a_statement_is_executed_in_its_session(trino: FakeTrino, session: TrinoSession) -> None:
    trino.pages = [_read(0)]

    session.trino("select 'é'", catalog="hive", properties={"hive.compression_codec": "NONE"})

    [(text, headers)] = trino.statements
    assert text == "select 'é'"
    assert headers["HTTP_X_TRINO_CATALOG"] == "hive"
    assert headers["HTTP_X_TRINO_SCHEMA"] == "sales"
    assert headers["HTTP_X_TRINO_TIME_ZONE"] == "UTC"
    assert headers["HTTP_X_TRINO_SESSION"] == "hive.compression_codec=NONE"
    assert "PARAMETRIC_DATETIME" in headers["HTTP_X_TRINO_CLIENT_CAPABILITIES"]


def test_no_proxy_stands_between(
    trino: FakeTrino, session: TrinoSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    trino.pages = [_read(0)]

    session.trino("select 1")

    assert len(trino.statements) == 1


def test_a_write_has_a_count_and_no_rows(trino: FakeTrino, session: TrinoSession) -> None:
    trino.pages = [
        _read(5, columns=COLUMNS, data=[[3]], updateType="INSERT", updateCount=3),
        _read(5, columns=COLUMNS, updateType="INSERT", updateCount=3),
    ]

    result = session.trino("insert")

    assert (result.update_count, list(result.columns), list(result.rows)) == (3, [], [])


@pytest.mark.parametrize(
    ("name", "kind", "category", "error_type"),
    [
        ("TABLE_NOT_FOUND", "USER_ERROR", USER, 1301),
        ("COLUMN_NOT_FOUND", "USER_ERROR", USER, 1006),
        ("SOME_OTHER", "USER_ERROR", USER, 1000),
        ("ICEBERG_COMMIT_ERROR", "EXTERNAL", SYSTEM, 233),
        ("EXCEEDED_LOCAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES", SYSTEM, 200),
        ("GENERIC_INTERNAL_ERROR", "INTERNAL_ERROR", SYSTEM, 200),
    ],
)
def test_an_error_is_athenas(
    trino: FakeTrino,
    session: TrinoSession,
    run: StatementRun,
    name: str,
    kind: str,
    category: int,
    error_type: int,
) -> None:
    error = {"errorName": name, "errorType": kind, "message": "line 1:1: why", "errorCode": 1}
    trino.pages = [_read(0), _read(7, error=error)]

    with pytest.raises(StatementFailed) as caught:
        session.trino("select")

    failure = caught.value
    assert (failure.name, failure.message) == (name, "line 1:1: why")
    assert (failure.category, failure.error_type) == (category, error_type)
    assert len(run.translations) == 1


def test_a_statement_that_is_stopped_is_cancelled_on_trino(
    trino: FakeTrino, session: TrinoSession, run: StatementRun
) -> None:
    trino.pages = [_read(10), _read(20), _read(30)]
    trino.stop_at = 2

    with pytest.raises(StatementCancelled, match="Query cancelled by user"):
        session.trino("select")

    assert trino.cancelled
    assert run.scanned_bytes == 20


def test_nothing_is_sent_once_the_statement_is_stopped(
    trino: FakeTrino, session: TrinoSession, run: StatementRun
) -> None:
    run.stop("Query cancelled by user")

    with pytest.raises(StatementCancelled):
        session.trino("select")

    assert trino.statements == []


def test_a_statement_that_reads_too_much_is_cancelled_on_trino(
    trino: FakeTrino, session: TrinoSession
) -> None:
    trino.pages = [_read(1_000), _read(1_001), _read(5_000)]

    with pytest.raises(StatementCancelled, match="Bytes scanned limit was exceeded"):
        session.trino("select")

    assert trino.cancelled


def test_a_result_that_memory_does_not_hold_is_a_failure(
    trino: FakeTrino, session: TrinoSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trino_session, "MAX_RESULT_BYTES", 1_000)
    trino.pages = [_read(0, columns=COLUMNS, data=[[1]] * 500), _read(0)]

    with pytest.raises(StatementFailed, match="RESULT_TOO_LARGE"):
        session.trino("select")

    assert trino.cancelled


def test_a_statement_is_stopped_even_if_trino_is_gone(
    trino: FakeTrino, session: TrinoSession
) -> None:
    trino.pages = [_read(0), _read(20, nextUri="http://127.0.0.1:9/page/3")]
    trino.stop_at = 2

    with pytest.raises(StatementCancelled, match="Query cancelled by user"):
        session.trino("select")


def test_a_trino_that_is_not_there_is_a_failure_of_the_system(run: StatementRun) -> None:
    session = TrinoSession(
        "http://127.0.0.1:9",
        "db",
        "s3://r/t/",
        cast("GlueClient", None),
        cast("S3Client", None),
        run,
    )

    with pytest.raises(StatementFailed, match="TRINO_UNREACHABLE") as caught:
        session.trino("select 1")

    assert caught.value.category == SYSTEM
