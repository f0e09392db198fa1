"""The server as boto3 sees it: every answer is parsed by the client that users have."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from local_athena.athena_api import AthenaApi
from local_athena.executions import Executions
from local_athena.glue import Glue
from local_athena.named_queries import NamedQueries
from local_athena.server import Application
from local_athena.session import Session
from local_athena.statement_log import StatementLog
from local_athena.statement_run import StatementRun
from local_athena.tests.support.fakes import FakeS3, FakeSession, execute_each
from local_athena.tests.support.serving import Front, client, served
from local_athena.tests.support.waiting import STUCK_SECONDS
from local_athena.workgroups import WorkGroups

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_glue import GlueClient

OUTPUT = {"OutputLocation": "s3://results/out/"}
NAMED = {"Name": "one", "Database": "sales", "QueryString": "select 1"}


@dataclass(frozen=True)
class Server:
    """A server and its client."""

    url: str
    athena: AthenaClient
    executions: Executions
    # Set when a statement has reached the fake Trino.
    started: threading.Event

    def start(self, statement: str, **parameters: Any) -> str:
        given: dict[str, Any] = {"ResultConfiguration": OUTPUT, **parameters}
        return self.athena.start_query_execution(QueryString=statement, **given)["QueryExecutionId"]

    def refusal(self, operation: str, **parameters: Any) -> tuple[str, str]:
        """The code and the message of a call that is refused."""
        with pytest.raises(ClientError) as caught:
            getattr(self.athena, operation)(**parameters)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def front() -> Iterator[tuple[Front, str, AthenaClient]]:
    front = Front()
    with served(front) as url:
        yield front, url, client("athena", url)


@pytest.fixture
def server(front: tuple[Front, str, AthenaClient], tmp_path: Path) -> Iterator[Server]:
    started = threading.Event()

    def open_session(database: str, tables_location: str, run: StatementRun) -> Session:
        return FakeSession(database, tables_location, run, started)

    log = StatementLog(tmp_path / "statements.jsonl")
    executions = Executions(execute_each, open_session, FakeS3().client, log)
    nowhere = "http://127.0.0.1:9"
    api = AthenaApi(
        executions,
        WorkGroups(tmp_path / "workgroups.json"),
        NamedQueries(tmp_path / "named_queries.json"),
        # What asks Glue is tested with a Glue: test_glue.
        cast("GlueClient", None),
        poll_seconds=0.2,
    )
    served_by, url, athena = front
    served_by.application = Application(api, Glue(nowhere))
    yield Server(url, athena, executions, started)
    executions.close()
    log.close()


def test_the_server_says_that_it_is_well(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/health") as response:
        assert json.load(response) == {"status": "ok"}


def test_a_query_is_started_watched_and_read(server: Server) -> None:
    before = datetime.now(UTC)
    query_execution_id = server.start(
        "select 1; select 2",
        QueryExecutionContext={"Catalog": "awsdatacatalog", "Database": "Sales"},
    )

    execution = server.athena.get_query_execution(QueryExecutionId=query_execution_id)[
        "QueryExecution"
    ]
    results = server.athena.get_query_results(QueryExecutionId=query_execution_id)

    status = execution["Status"]
    assert status["State"] == "SUCCEEDED"
    # To the millisecond, which is what JSON's timestamps have.
    assert (status["SubmissionDateTime"] - before).total_seconds() > -0.001
    assert status["CompletionDateTime"] >= status["SubmissionDateTime"]
    assert execution["Query"] == "select 1; select 2"
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "SELECT")
    assert execution["WorkGroup"] == "primary"
    assert execution["QueryExecutionContext"] == {"Catalog": "awsdatacatalog", "Database": "sales"}
    assert execution["ResultConfiguration"]["OutputLocation"] == (
        f"s3://results/out/{query_execution_id}.csv"
    )
    assert execution["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    statistics = execution["Statistics"]
    assert statistics["DataScannedInBytes"] == 0
    assert statistics["EngineExecutionTimeInMillis"] == 2
    assert statistics["TotalExecutionTimeInMillis"] >= statistics["QueryQueueTimeInMillis"]
    assert statistics["ServiceProcessingTimeInMillis"] >= 0
    assert results["UpdateCount"] == 0
    rows = [[d["VarCharValue"] for d in row["Data"]] for row in results["ResultSet"]["Rows"]]
    assert rows == [["_col0"], ["1"], ["1"]]


def test_boto3s_paginator_reads_every_page(server: Server) -> None:
    query_execution_id = server.start("; ".join(["select 1"] * 25))
    server.athena.get_query_execution(QueryExecutionId=query_execution_id)

    pages = server.athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=query_execution_id, PaginationConfig={"PageSize": 10}
    )

    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [10, 10, 6]


def test_a_running_query_is_told_as_such_and_stopped(server: Server) -> None:
    query_execution_id = server.start("wait")
    assert server.started.wait(STUCK_SECONDS)

    running = server.athena.get_query_execution(QueryExecutionId=query_execution_id)
    refusal = server.refusal("get_query_results", QueryExecutionId=query_execution_id)
    server.athena.stop_query_execution(QueryExecutionId=query_execution_id)
    stopped = server.athena.get_query_execution(QueryExecutionId=query_execution_id)

    assert running["QueryExecution"]["Status"]["State"] == "RUNNING"
    assert "CompletionDateTime" not in running["QueryExecution"]["Status"]
    assert refusal == (
        "InvalidRequestException",
        "Query has not yet finished. Current state: RUNNING",
    )
    assert stopped["QueryExecution"]["Status"]["State"] == "CANCELLED"
    assert stopped["QueryExecution"]["Status"]["StateChangeReason"] == "Query cancelled by user"


def test_so_many_calls_wait_for_a_query_and_the_others_are_answered_at_once(
    server: Server,
) -> None:
    asked = {"QueryExecutionId": server.start("wait")}
    assert server.started.wait(STUCK_SECONDS)
    api = AthenaApi(
        server.executions,
        cast("WorkGroups", None),
        cast("NamedQueries", None),
        cast("GlueClient", None),
        poll_seconds=30,
        max_waiting=2,
    )
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(api.answer, "GetQueryExecution", asked) for _ in range(4)]
        at_once = list(islice(as_completed(calls, timeout=STUCK_SECONDS), 2))
        server.athena.stop_query_execution(**asked)

    states = {c: c.result()["QueryExecution"]["Status"]["State"] for c in calls}
    assert [states.pop(call) for call in at_once] == ["RUNNING", "RUNNING"]
    assert list(states.values()) == ["CANCELLED", "CANCELLED"]
    # Who has waited lets the next one wait.
    asked = {"QueryExecutionId": server.start("select 1")}
    answer = api.answer("GetQueryExecution", asked)
    assert answer["QueryExecution"]["Status"]["State"] == "SUCCEEDED"


def test_a_failed_query_says_what_dbt_retries_on(server: Server) -> None:
    query_execution_id = server.start("fail")

    execution = server.athena.get_query_execution(QueryExecutionId=query_execution_id)
    status = execution["QueryExecution"]["Status"]

    assert status["State"] == "FAILED"
    assert status["StateChangeReason"] == "ICEBERG_COMMIT_ERROR: Someone was first"
    assert status["AthenaError"] == {
        "ErrorCategory": 2,
        "ErrorType": 233,
        "Retryable": False,
        "ErrorMessage": "ICEBERG_COMMIT_ERROR: Someone was first",
    }


def test_the_reason_comes_with_the_state_and_not_when_waiters_wake(server: Server) -> None:
    query_execution_id = server.start("fail")
    execution = server.executions.get(query_execution_id)
    assert execution.ended.wait(STUCK_SECONDS)
    # As it is between the two.
    execution.ended.clear()

    [described] = server.athena.batch_get_query_execution(QueryExecutionIds=[query_execution_id])[
        "QueryExecutions"
    ]

    status = described["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"] == "ICEBERG_COMMIT_ERROR: Someone was first"
    assert status["AthenaError"]["ErrorType"] == 233
    assert status["CompletionDateTime"] >= status["SubmissionDateTime"]
    assert "TotalExecutionTimeInMillis" in described["Statistics"]


def test_a_client_token_makes_a_request_idempotent(server: Server) -> None:
    token = "t" * 32
    first = server.start("select 1", ClientRequestToken=token)

    assert server.start("select 1", ClientRequestToken=token) == first
    assert server.refusal(
        "start_query_execution",
        QueryString="select 2",
        ResultConfiguration=OUTPUT,
        ClientRequestToken=token,
    ) == ("InvalidRequestException", "Idempotent parameters do not match")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("x" * 262_145, "less than or equal to 262144"),
        ("é" * 131_073, "less than or equal to 262144"),
        (" \n", "The query is empty"),
    ],
)
def test_a_statement_that_is_none_or_too_long_is_refused(
    server: Server, statement: str, message: str
) -> None:
    code, told = server.refusal(
        "start_query_execution", QueryString=statement, ResultConfiguration=OUTPUT
    )

    assert code == "InvalidRequestException"
    assert message in told


def test_the_longest_statement_is_taken(server: Server) -> None:
    query_execution_id = server.start("x" * 262_144)

    execution = server.athena.get_query_execution(QueryExecutionId=query_execution_id)
    assert execution["QueryExecution"]["Status"]["State"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        ("start_query_execution", {"QueryString": "select 1"}, "No output location provided"),
        (
            "start_query_execution",
            {"QueryString": "select 1", "WorkGroup": "nope"},
            "WorkGroup is not found.",
        ),
        (
            "start_query_execution",
            {
                "QueryString": "select 1",
                "ResultConfiguration": OUTPUT,
                "QueryExecutionContext": {"Catalog": "other"},
            },
            "DataCatalog other was not found",
        ),
        (
            "start_query_execution",
            {
                "QueryString": "select 1",
                "ResultConfiguration": {"OutputLocation": "s3://nowhere/out/"},
            },
            "Unable to verify/create output bucket nowhere",
        ),
        ("get_query_execution", {"QueryExecutionId": "nope"}, "QueryExecution nope was not found"),
        ("get_query_results", {"QueryExecutionId": "nope"}, "QueryExecution nope was not found"),
        ("stop_query_execution", {"QueryExecutionId": "nope"}, "QueryExecution nope was not found"),
        ("get_work_group", {"WorkGroup": "nope"}, "WorkGroup is not found."),
        ("list_query_executions", {"MaxResults": 51}, "less than or equal to 50"),
        ("list_work_groups", {"NextToken": "nope"}, "Malformed nextPageToken"),
        ("get_named_query", {"NamedQueryId": "nope"}, "NamedQuery nope does not exist"),
        ("delete_named_query", {"NamedQueryId": "nope"}, "NamedQuery nope does not exist"),
        ("list_named_queries", {"WorkGroup": "nope"}, "WorkGroup is not found."),
        ("create_named_query", {**NAMED, "WorkGroup": "nope"}, "WorkGroup is not found."),
        (
            "create_work_group",
            {
                "Name": "old",
                "Configuration": {
                    "EngineVersion": {"SelectedEngineVersion": "Athena engine version 2"}
                },
            },
            "Athena engine version 2 is not an engine version of this local Athena.",
        ),
        (
            "list_prepared_statements",
            {"WorkGroup": "primary"},
            "ListPreparedStatements is not an operation of this local Athena",
        ),
    ],
)
def test_what_athena_refuses_is_refused(
    server: Server, operation: str, parameters: dict[str, Any], message: str
) -> None:
    code, told = server.refusal(operation, **parameters)

    assert code == "InvalidRequestException"
    assert message in told


@pytest.mark.parametrize(
    ("target", "body", "code", "message"),
    [
        ("AmazonAthena.GetQueryExecution", b"{}", "InvalidRequestException", "QueryExecutionId"),
        (
            "AmazonAthena.GetQueryExecution",
            b'{"QueryExecutionId": 7}',
            "InvalidRequestException",
            "Invalid type for parameter QueryExecutionId",
        ),
        ("AmazonAthena.Nope", b"{}", "InvalidRequestException", "Nope"),
        ("AmazonAthena.GetQueryExecution", b"{", "InvalidRequestException", "GetQueryExecution"),
        ("AmazonAthena.GetQueryExecution", b"[]", "InvalidRequestException", "GetQueryExecution"),
        ("AmazonS3.Nope", b"{}", "UnknownOperationException", "AmazonAthena and AWSGlue"),
    ],
)
def test_what_boto3_would_not_send_is_refused_by_name(
    server: Server, target: str, body: bytes, code: str, message: str
) -> None:
    request = urllib.request.Request(server.url, body, {"X-Amz-Target": target})

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)

    assert caught.value.code == 400
    answer = json.load(caught.value)
    assert answer["__type"] == code
    assert message in answer["Message"]


def test_a_glue_that_cannot_be_reached_is_an_internal_error(server: Server) -> None:
    with pytest.raises(ClientError) as caught:
        client("glue", server.url).get_databases()

    assert caught.value.response["Error"]["Code"] == "InternalServerException"


def test_executions_are_listed_and_described_together(server: Server) -> None:
    started = [server.start("select 1") for _ in range(3)]

    first = server.athena.list_query_executions(MaxResults=2)
    rest = server.athena.list_query_executions(NextToken=first["NextToken"])
    described = server.athena.batch_get_query_execution(QueryExecutionIds=[started[0], "nope"])

    assert first["QueryExecutionIds"] + rest["QueryExecutionIds"] == started[::-1]
    assert [e["QueryExecutionId"] for e in described["QueryExecutions"]] == [started[0]]
    assert described["UnprocessedQueryExecutionIds"] == [
        {
            "QueryExecutionId": "nope",
            "ErrorCode": "QUERY_EXECUTION_NOT_FOUND",
            "ErrorMessage": "QueryExecution nope was not found",
        }
    ]


def test_a_workgroup_lives_and_rules(server: Server) -> None:
    athena = server.athena
    athena.create_work_group(
        Name="bounded",
        Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://results/bounded/"},
            "BytesScannedCutoffPerQuery": 10_000_000,
        },
        Description="About it",
        Tags=[{"Key": "team", "Value": "data"}],
    )

    query_execution_id = server.start("read 99", WorkGroup="bounded")
    execution = athena.get_query_execution(QueryExecutionId=query_execution_id)["QueryExecution"]

    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert execution["ResultConfiguration"]["OutputLocation"].startswith("s3://results/bounded/")
    found = athena.get_work_group(WorkGroup="bounded")["WorkGroup"]
    assert found["State"] == "ENABLED"
    assert found["Configuration"]["EnforceWorkGroupConfiguration"] is True
    assert found["CreationTime"].tzinfo is not None
    assert [w["Name"] for w in athena.list_work_groups()["WorkGroups"]] == ["bounded", "primary"]

    athena.update_work_group(WorkGroup="bounded", State="DISABLED")
    assert (
        "is disabled"
        in server.refusal("start_query_execution", QueryString="select 1", WorkGroup="bounded")[1]
    )

    assert "is not empty" in server.refusal("delete_work_group", WorkGroup="bounded")[1]
    athena.delete_work_group(WorkGroup="bounded", RecursiveDeleteOption=True)
    assert [w["Name"] for w in athena.list_work_groups()["WorkGroups"]] == ["primary"]


def test_a_workgroups_tags_are_kept(server: Server) -> None:
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/primary"
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]

    server.athena.tag_resource(ResourceARN=arn, Tags=tags)  # type: ignore[arg-type]
    server.athena.untag_resource(ResourceARN=arn, TagKeys=["a"])

    kept = server.athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert kept == [{"Key": "b", "Value": "2"}]


def test_a_workgroup_has_the_engine_it_selects(server: Server) -> None:
    selected = "Athena engine version 3"
    engine: Any = {"EngineVersion": {"SelectedEngineVersion": selected}}
    server.athena.create_work_group(Name="pinned", Configuration=engine)
    server.athena.create_work_group(Name="floating")

    def engine_of(name: str) -> Any:
        found = server.athena.get_work_group(WorkGroup=name)["WorkGroup"]
        return found["Configuration"]["EngineVersion"]

    assert engine_of("pinned") == {
        "SelectedEngineVersion": selected,
        "EffectiveEngineVersion": selected,
    }
    assert engine_of("floating")["SelectedEngineVersion"] == "AUTO"
    server.athena.update_work_group(WorkGroup="floating", ConfigurationUpdates=engine)
    assert engine_of("floating") == engine_of("pinned")
    listed = server.athena.list_engine_versions()["EngineVersions"]
    assert [version["SelectedEngineVersion"] for version in listed] == ["AUTO", selected]


def test_a_named_query_lives_in_its_workgroup(server: Server) -> None:
    athena = server.athena
    athena.create_work_group(Name="analysts")
    in_primary = athena.create_named_query(**NAMED)["NamedQueryId"]
    described = {**NAMED, "Description": "About it", "WorkGroup": "analysts"}
    named = athena.create_named_query(**described)["NamedQueryId"]

    found = athena.get_named_query(NamedQueryId=named)["NamedQuery"]
    both = athena.batch_get_named_query(NamedQueryIds=[in_primary, "nope"])

    assert found == {**described, "NamedQueryId": named}
    assert athena.list_named_queries()["NamedQueryIds"] == [in_primary]
    assert athena.list_named_queries(WorkGroup="analysts")["NamedQueryIds"] == [named]
    assert both["NamedQueries"] == [{**NAMED, "NamedQueryId": in_primary, "WorkGroup": "primary"}]
    [missing] = both["UnprocessedNamedQueryIds"]
    assert missing["NamedQueryId"] == "nope"
    assert missing["ErrorMessage"] == "NamedQuery nope does not exist"

    athena.delete_named_query(NamedQueryId=in_primary)
    assert athena.list_named_queries()["NamedQueryIds"] == []

    assert "is not empty" in server.refusal("delete_work_group", WorkGroup="analysts")[1]
    athena.delete_work_group(WorkGroup="analysts", RecursiveDeleteOption=True)
    assert "does not exist" in server.refusal("get_named_query", NamedQueryId=named)[1]


def test_there_is_one_data_catalog(server: Server) -> None:
    assert server.athena.get_data_catalog(Name="awsdatacatalog")["DataCatalog"]["Type"] == "GLUE"
    [summary] = server.athena.list_data_catalogs()["DataCatalogsSummary"]
    assert summary["CatalogName"] == "AwsDataCatalog"
