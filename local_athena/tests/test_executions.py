"""Query executions, with statements that a test scripts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_athena.errors import ApiError
from local_athena.executions import WORKERS, Execution, Executions, Submission
from local_athena.session import Session
from local_athena.statement_log import StatementLog
from local_athena.statement_run import StatementRun
from local_athena.tests.support.fakes import MB, FakeS3, FakeSession, execute_each
from local_athena.tests.support.waiting import STUCK_SECONDS


class Bench:
    """Executions and what they leave."""

    def __init__(self, home: Path, **limits: Any) -> None:
        self.s3 = FakeS3()
        self.started = threading.Event()
        self._log_file = home / "statements.jsonl"
        self._log = StatementLog(self._log_file)
        self.executions = Executions(
            execute_each, self._open_session, self.s3.client, self._log, **limits
        )
        self._tokens = 0

    def start(self, statement: str, *, scan_limit: int | None = None) -> Execution:
        self._tokens += 1
        submission = Submission(statement, None, "db", "primary", ("b", "out/"), scan_limit)
        return self.executions.start(submission, token=str(self._tokens), identity=(statement,))

    def run(self, statement: str, *, scan_limit: int | None = None) -> Execution:
        execution = self.start(statement, scan_limit=scan_limit)
        assert execution.ended.wait(STUCK_SECONDS)
        return execution

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log_file.read_text().splitlines()]

    def close(self) -> None:
        self.executions.close()
        self._log.close()

    def _open_session(self, database: str, tables_location: str, run: StatementRun) -> Session:
        return FakeSession(database, tables_location, run, self.started)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_statement_succeeds_and_leaves_its_results(bench: Bench) -> None:
    execution = bench.run("select 1; select 2")

    assert execution.state == "SUCCEEDED"
    assert bench.executions.results(execution.id).rows == [("1",), ("1",)]
    assert execution.output_file == f"s3://b/out/{execution.id}.csv"
    assert bench.s3.files == {execution.output_file: '"_col0"\n"1"\n"1"\n'}


def test_every_statement_is_logged_with_what_it_became(bench: Bench) -> None:
    execution = bench.run("read 3; read 20")

    [record] = bench.log()
    assert record["query_execution_id"] == execution.id
    assert record["statement"] == "read 3; read 20"
    assert (record["statement_type"], record["substatement_type"]) == ("DML", "SELECT")
    assert record["trino"] == [
        {"sql": "read 3", "milliseconds": 1, "scanned_bytes": 3 * MB},
        {"sql": "read 20", "milliseconds": 1, "scanned_bytes": 20 * MB},
    ]
    assert record["state"] == "SUCCEEDED"
    assert record["error"] is None
    assert record["scanned_bytes"] == record["billed_bytes"] == 23 * MB


def test_a_statement_that_cannot_be_logged_ends_as_any_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def disk_full(log: StatementLog, **record: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(StatementLog, "write", disk_full)

    succeeded, failed = bench.run("select 1"), bench.run("fail")

    assert (succeeded.state, failed.state) == ("SUCCEEDED", "FAILED")
    assert bench.executions.results(succeeded.id).rows == [("1",)]
    assert f"Logging {succeeded.id} failed" in caplog.text
    assert "No space left on device" in caplog.text


def test_a_small_statement_is_billed_ten_megabytes_and_a_failed_one_nothing(bench: Bench) -> None:
    bench.run("read 1")
    bench.run("read 1; fail")

    succeeded, failed = bench.log()
    assert succeeded["billed_bytes"] == 10 * 2**20
    assert failed["billed_bytes"] == 0
    assert failed["error"] == "ICEBERG_COMMIT_ERROR: Someone was first"


def test_a_failure_is_athenas(bench: Bench) -> None:
    execution = bench.run("fail")

    assert execution.state == "FAILED"
    assert execution.reason == "ICEBERG_COMMIT_ERROR: Someone was first"
    assert execution.error is not None
    assert (execution.error["ErrorCategory"], execution.error["ErrorType"]) == (2, 233)
    with pytest.raises(ApiError, match="Final query state: FAILED"):
        bench.executions.results(execution.id)


def test_a_statement_without_a_bucket_for_its_results_is_not_executed(bench: Bench) -> None:
    submission = Submission("select 1", None, "db", "primary", ("nowhere", "out/"))

    with pytest.raises(ApiError, match="Unable to verify/create output bucket nowhere"):
        bench.executions.start(submission, token="t", identity=("select 1",))

    assert bench.executions.ids("primary") == []


def test_a_programming_error_is_a_failure_of_the_system(bench: Bench) -> None:
    execution = bench.run("break")

    assert execution.state == "FAILED"
    assert execution.error is not None
    assert execution.error["ErrorCategory"] == 1


def test_a_running_statement_is_stopped(bench: Bench) -> None:
    execution = bench.start("wait")
    assert bench.started.wait(STUCK_SECONDS)

    bench.executions.stop(execution.id)

    assert execution.ended.wait(STUCK_SECONDS)
    assert (execution.state, execution.reason) == ("CANCELLED", "Query cancelled by user")
    with pytest.raises(ApiError, match="Could not find results"):
        bench.executions.results(execution.id)


def test_a_statement_is_stopped_between_its_trino_statements(bench: Bench) -> None:
    execution = bench.start("wait; select 2")
    assert bench.started.wait(STUCK_SECONDS)

    bench.executions.stop(execution.id)

    assert execution.ended.wait(STUCK_SECONDS)
    assert [translation.sql for translation in execution.run.translations] == ["wait"]


def test_statements_beyond_the_workers_wait_and_can_be_stopped(bench: Bench) -> None:
    running = [bench.start("wait") for _ in range(WORKERS)]
    assert bench.started.wait(STUCK_SECONDS)
    queued = bench.start("select 1")
    assert queued.state == "QUEUED"
    with pytest.raises(ApiError, match="Current state: QUEUED"):
        bench.executions.results(queued.id)

    bench.executions.stop(queued.id)

    assert (queued.state, queued.run.translations) == ("CANCELLED", ())
    for execution in running:
        bench.executions.stop(execution.id)
        assert execution.ended.wait(STUCK_SECONDS)
    assert bench.run("select 1").state == "SUCCEEDED"
    assert queued.state == "CANCELLED"


def test_stopping_what_has_ended_changes_nothing(bench: Bench) -> None:
    execution = bench.run("select 1")

    bench.executions.stop(execution.id)

    assert execution.state == "SUCCEEDED"


@pytest.mark.parametrize("statement", ["read 99", "read 7; read 7", "last 30"])
def test_a_statement_that_reads_too_much_is_cancelled(bench: Bench, statement: str) -> None:
    execution = bench.run(statement, scan_limit=10 * MB)

    assert (execution.state, execution.reason) == (
        "CANCELLED",
        "Bytes scanned limit was exceeded",
    )
    assert bench.log()[0]["billed_bytes"] > 0


def test_the_limit_stops_a_statement_while_it_reads(bench: Bench) -> None:
    execution = bench.run("read 99", scan_limit=10 * MB)

    assert execution.run.scanned_bytes == 11 * MB


def test_a_statement_may_read_as_much_as_the_limit(bench: Bench) -> None:
    assert bench.run("read 10", scan_limit=10 * MB).state == "SUCCEEDED"


def test_the_same_token_and_request_are_the_same_execution(bench: Bench) -> None:
    submission = Submission("select 1", None, "db", "primary", ("b", ""))
    first = bench.executions.start(submission, token="t", identity=("select 1", "db"))
    second = bench.executions.start(submission, token="t", identity=("select 1", "db"))

    assert second.id == first.id
    assert first.ended.wait(STUCK_SECONDS)
    assert len(bench.log()) == 1


def test_a_token_used_for_another_request_is_refused(bench: Bench) -> None:
    submission = Submission("select 1", None, "db", "primary", ("b", ""))
    bench.executions.start(submission, token="t", identity=("select 1", "db"))

    with pytest.raises(ApiError, match="Idempotent parameters do not match"):
        bench.executions.start(submission, token="t", identity=("select 1", "other"))


def test_an_unknown_execution_is_not_found(bench: Bench) -> None:
    with pytest.raises(ApiError, match="QueryExecution nope was not found"):
        bench.executions.get("nope")


def test_executions_are_listed_the_latest_first(bench: Bench) -> None:
    started = [bench.run("select 1").id for _ in range(3)]
    bench.executions.get(started[0])

    assert bench.executions.ids("primary") == started[::-1]
    assert bench.executions.ids("other") == []


def test_the_longest_unused_executions_are_forgotten(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_executions=2, safe_seconds=0)
    first, second = bench.run("select 1"), bench.run("select 1")
    bench.executions.get(first.id)

    third = bench.run("select 1")

    assert set(bench.executions.ids("primary")) == {first.id, third.id}
    with pytest.raises(ApiError, match=f"{second.id} was not found"):
        bench.executions.get(second.id)
    bench.close()


def test_large_results_are_forgotten_first_in_first_out(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_memory=20_000, safe_seconds=0)
    for _ in range(20):
        last = bench.run("; ".join(["select 1"] * 50))

    kept = bench.executions.ids("primary")

    assert last.id in kept
    assert sum(bench.executions.get(each).memory for each in kept) <= 20_000
    bench.close()


def test_what_was_used_a_moment_ago_is_remembered_in_any_case(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_executions=1, max_memory=1, safe_seconds=60)

    started = [bench.run("select 1").id for _ in range(3)]

    assert len(bench.executions.ids("primary")) == len(started)
    bench.close()


def test_closing_stops_what_runs(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    execution = bench.start("wait")
    assert bench.started.wait(STUCK_SECONDS)

    bench.close()

    assert execution.state == "CANCELLED"
