from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as botocore_exceptions
from dbt.adapters.athena.connections import API_REQUEST_ERROR_NAMES

from retailpulse.cloud.scheduled.outcome import MAX_CAUSE, Ended, ErrorName, Failure, failure_of
from retailpulse.cloud.scheduled.transient import is_transient

THROTTLED = (
    "An error occurred (ThrottlingException) when calling the StartQueryExecution operation "
    "(reached max retries: 5): Rate exceeded"
)
COMMIT_ERROR = (
    "ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to the table: orders. If a data "
    "manifest file was generated at 's3://results/f4ea24c3-manifest.csv', you may need to manually "
    "clean the data from locations specified in the manifest."
)

FILESYSTEM_ERROR = (
    "ICEBERG_FILESYSTEM_ERROR: Cannot create a table on a non-empty location: "
    "s3://lakehouse/silver/orders_events/2f4b. This query ran against the retailpulse database"
)


def results(*nodes: tuple[str, str, str | None]) -> dict[str, Any]:
    return {
        "results": [
            {"unique_id": unique_id, "status": status, "message": message}
            for unique_id, status, message in nodes
        ]
    }


FINE = ("model.retailpulse.orders", "success", "OK 1")


def test_a_run_that_succeeds_is_no_failure() -> None:
    warned = (
        "test.retailpulse.orders_events__creations_of_one_order_by_two_sources",
        "warn",
        "Got 1 result",
    )
    assert failure_of(Ended(0, ["Done."]), results(FINE, warned)) is None


def test_a_failed_test_is_named_with_its_message() -> None:
    failed = ("test.retailpulse.key_is_unique.abc123", "fail", "Got 2 results")
    skipped = ("model.retailpulse.fact_orders", "skipped", "Skipping due to fail")
    failure = failure_of(Ended(1, ["a log"]), results(FINE, failed, skipped))
    assert failure == Failure(
        ErrorName.TEST_FAILED, "1 of 3 nodes failed:\n- key_is_unique (fail): Got 2 results"
    )


@pytest.mark.parametrize("message", [THROTTLED, COMMIT_ERROR, FILESYSTEM_ERROR])
def test_what_may_pass_is_transient(message: str) -> None:
    failure = failure_of(Ended(1, []), results(FINE, ("model.r.orders", "error", message)))
    assert failure is not None
    assert failure.error == ErrorName.TRANSIENT
    assert message in failure.cause


def test_one_failure_that_stays_makes_the_run_fail() -> None:
    passing = ("model.retailpulse.orders", "error", THROTTLED)
    staying = ("model.retailpulse.fact_orders", "error", "COLUMN_NOT_FOUND: line 3:9")
    failure = failure_of(Ended(1, []), results(passing, staying))
    assert failure is not None
    assert failure.error == ErrorName.RUN_FAILED


def test_a_failed_test_outweighs_a_transient_failure() -> None:
    passing = ("model.retailpulse.orders", "error", THROTTLED)
    failed = ("test.retailpulse.key_is_unique.abc123", "fail", None)
    failure = failure_of(Ended(1, []), results(passing, failed))
    assert failure is not None
    assert failure.error == ErrorName.TEST_FAILED
    assert "key_is_unique (fail): no message" in failure.cause


def test_a_killed_dbt_tells_the_end_of_its_log() -> None:
    failure = failure_of(Ended(-9, ["1 of 9 START", "2 of 9 START"]), None)
    assert failure == Failure(
        ErrorName.RUN_FAILED, "dbt was killed by signal 9:\n1 of 9 START\n2 of 9 START"
    )


def test_a_dbt_that_cannot_begin_is_judged_by_its_log() -> None:
    wrong = failure_of(Ended(2, ["Compilation Error", "  no such macro"]), None)
    passing = failure_of(Ended(2, ["Encountered an error:", THROTTLED]), None)
    assert wrong is not None
    assert wrong.error == ErrorName.RUN_FAILED
    assert "no such macro" in wrong.cause
    assert passing is not None
    assert passing.error == ErrorName.TRANSIENT


def test_the_error_is_told_and_not_its_stack_trace() -> None:
    lines = ["1 of 2 OK", "00:03:02  Encountered an error:", "no profile", "00:03:02  Traceback "]
    lines[-1] += "(most recent call last):"
    failure = failure_of(Ended(2, [*lines, *(f"  File {n}" for n in range(100))]), None)
    assert failure is not None
    assert failure.cause.splitlines()[1:] == ["00:03:02  Encountered an error:", "no profile"]


@pytest.mark.parametrize(
    ("said", "name"), [("S3 SlowDown", ErrorName.TRANSIENT), ("no such file", ErrorName.RUN_FAILED)]
)
def test_of_an_operation_the_log_says_why_it_failed(said: str, name: ErrorName) -> None:
    operation = results(("macro.retailpulse.upkeep", "error", None))
    log = ["upkeep: orders", "Encountered an error while running operation: Runtime Error", said]
    assert failure_of(Ended(1, log), operation) == Failure(
        name, "\n".join(["1 of 1 nodes failed:", *log[1:]])
    )


def test_a_stopped_dbt_is_tried_again_whatever_its_nodes_say() -> None:
    cancelled = results(("model.retailpulse.orders", "error", "Query was cancelled"))
    failure = failure_of(Ended(1, ["cancel"], stopped_because="SIGTERM"), cancelled)
    assert failure is not None
    assert failure.error == ErrorName.TRANSIENT
    assert "dbt was stopped: SIGTERM" in failure.cause


def test_a_cause_fits_step_functions_and_says_how_many_more() -> None:
    failed = [("model.retailpulse.m", "error", "x" * 40_000)] * 25
    failure = failure_of(Ended(1, []), results(*failed))
    assert failure is not None
    assert len(failure.cause) <= MAX_CAUSE
    assert failure.cause.endswith("- and 15 more")
    long_log = failure_of(Ended(1, ["x" * 4_000] * 40), None)
    assert long_log is not None
    told = long_log.with_line("artifacts: s3://a/")
    assert len(told.cause) == MAX_CAUSE
    assert told.cause.endswith("\nartifacts: s3://a/")


def test_what_dbt_athena_and_botocore_call_passing_is_transient() -> None:
    assert all(is_transient(f"an error ({name})") for name in API_REQUEST_ERROR_NAMES)
    url = "https://athena.eu-central-1.amazonaws.com/"
    for error in (
        botocore_exceptions.EndpointConnectionError(endpoint_url=url),
        botocore_exceptions.ConnectionClosedError(endpoint_url=url),
        botocore_exceptions.ReadTimeoutError(endpoint_url=url),
        botocore_exceptions.ConnectTimeoutError(endpoint_url=url),
    ):
        assert is_transient(str(error))


@pytest.mark.parametrize(
    "message",
    [
        "GENERIC_INTERNAL_ERROR: Value 300 exceeds MAX_BYTE",
        "TYPE_MISMATCH: line 1:8: Cannot apply operator",
        "An error occurred (AccessDeniedException) when calling the GetTable operation",
        "Query exhausted the bytes scanned limit",
        "HIVE_CURSOR_ERROR: Unexpected end of input stream",
        "ICEBERG_BAD_DATA: Corrupted data in Parquet file",
        "ICEBERG_INVALID_METADATA: Failed to load table: orders_events",
        "ICEBERG_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers",
    ],
)
def test_what_stays_is_not_transient(message: str) -> None:
    assert not is_transient(message)
