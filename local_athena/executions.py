"""Query executions: started, watched, stopped, and forgotten in the end."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from local_athena.errors import SYSTEM, ApiError, StatementFailed
from local_athena.result_files import check_bucket, file_name, file_text, put_file
from local_athena.results import ResultSet, result_set
from local_athena.session import Outcome, Session
from local_athena.statement_log import StatementLog
from local_athena.statement_run import StatementCancelled, StatementRun

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

QUEUED: Final = "QUEUED"
RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
CANCELLED: Final = "CANCELLED"
ENDED: Final = (SUCCEEDED, FAILED, CANCELLED)

# Statements that are sent to Trino at one time; the others wait in their order, QUEUED. Athena's
# own quota is 20 to 200 by region; a Trino on one machine is busy with fewer.
WORKERS: Final = 16

# What is remembered of executions that have ended. Past either limit the ones that nobody has asked
# for the longest are forgotten, with their results, but none before a client that polls every
# second can have read it.
MAX_EXECUTIONS: Final = 5_000
MAX_MEMORY: Final = 256 * 2**20
SAFE_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Submission:
    """What a client asked for, as its workgroup allowed it."""

    statement: str
    # As the client wrote it; None if it did not.
    catalog: str | None
    # Lower case; `default` if the client named none.
    database: str
    work_group: str
    # Bucket, and prefix that is empty or ends with a slash.
    output: tuple[str, str]
    # Bytes; None for no limit.
    scan_limit: int | None = None


@dataclass
class Execution:
    """A query execution. Only its own worker writes to it, or under the lock of Executions."""

    id: str
    submission: Submission
    run: StatementRun
    submitted_at: float
    state: str = QUEUED
    # StateChangeReason, and AthenaError of what failed.
    reason: str | None = None
    error: dict[str, Any] | None = None
    statement_type: str | None = None
    substatement_type: str | None = None
    output_file: str = ""
    results: ResultSet | None = None
    # Seconds since the epoch.
    started_at: float | None = None
    completed_at: float | None = None
    # Seconds of the monotonic clock.
    used_at: float = field(default_factory=time.monotonic)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def memory(self) -> int:
        """Bytes that are kept of it, about."""
        text = len(self.submission.statement) + sum(len(t.sql) for t in self.run.translations)
        return text + (self.results.memory if self.results else 0)


class Executions:
    """Every execution this server knows."""

    def __init__(
        self,
        execute: Callable[[str, Session], Outcome],
        open_session: Callable[[str, str, StatementRun], Session],
        s3: S3Client,
        log: StatementLog,
        *,
        max_executions: int = MAX_EXECUTIONS,
        max_memory: int = MAX_MEMORY,
        safe_seconds: float = SAFE_SECONDS,
    ) -> None:
        """Start without any.

        Args:
            execute: Executes a statement: local_athena.statements.execute.
            open_session: Makes the session of one statement from a database, the place of Hive
                tables without a location, and its run.
            s3: Where result files are written.
            log: Where every statement is logged.
            max_executions: How many ended executions are remembered.
            max_memory: How many bytes of them.
            safe_seconds: How long after its last use an execution is remembered in any case.
        """
        self._execute = execute
        self._open_session = open_session
        self._s3 = s3
        self._log = log
        self._max_executions = max_executions
        self._max_memory = max_memory
        self._safe_seconds = safe_seconds
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="statement")
        self._lock = threading.Lock()
        # In the order of their last use.
        self._executions: OrderedDict[str, Execution] = OrderedDict()
        self._memory: dict[str, int] = {}
        # Client request token → execution, and what of the request must not differ.
        self._tokens: dict[str, tuple[str, tuple[str | None, ...]]] = {}

    def start(
        self, submission: Submission, *, token: str, identity: tuple[str | None, ...]
    ) -> Execution:
        """Start an execution, or find the one that this request started before.

        Args:
            submission: What to execute.
            token: The client's request token.
            identity: What of the request makes it the same request.

        Raises:
            ApiError: The token was used for another request, or there is no bucket for results.
        """
        # What could leave no results must not take effect first.
        check_bucket(self._s3, submission.output[0])
        with self._lock:
            if token in self._tokens:
                known_id, known_identity = self._tokens[token]
                if known_identity != identity:
                    raise ApiError(
                        "InvalidRequestException",
                        "Idempotent parameters do not match",
                        AthenaErrorCode="IDEMPOTENT_PARAMETER_MISMATCH",
                    )
                return self._executions[known_id]
            execution = Execution(
                id=str(uuid.uuid4()),
                submission=submission,
                run=StatementRun(submission.scan_limit),
                submitted_at=time.time(),
            )
            bucket, prefix = submission.output
            execution.output_file = f"s3://{bucket}/{prefix}{execution.id}.csv"
            self._executions[execution.id] = execution
            self._tokens[token] = execution.id, identity
        self._pool.submit(self._work, execution)
        return execution

    def get(self, query_execution_id: str) -> Execution:
        """Find an execution.

        Raises:
            ApiError: There is none.
        """
        with self._lock:
            execution = self._executions.get(query_execution_id)
            if execution is None:
                raise ApiError(
                    "InvalidRequestException",
                    f"QueryExecution {query_execution_id} was not found",
                    AthenaErrorCode="QUERY_EXECUTION_NOT_FOUND",
                )
            self._executions.move_to_end(query_execution_id)
            execution.used_at = time.monotonic()
            return execution

    def results(self, query_execution_id: str) -> ResultSet:
        """Find what a statement answered.

        Raises:
            ApiError: There is no such execution, or it did not succeed, or not yet.
        """
        execution = self.get(query_execution_id)
        if execution.results is not None:
            return execution.results
        if execution.state == CANCELLED:
            raise ApiError(
                "InvalidRequestException",
                "Could not find results",
                AthenaErrorCode="RESULT_NOT_FOUND",
            )
        if execution.state == FAILED:
            message = "Query did not finish successfully. Final query state: FAILED"
        else:
            message = f"Query has not yet finished. Current state: {execution.state}"
        raise ApiError(
            "InvalidRequestException", message, AthenaErrorCode="INVALID_QUERY_EXECUTION_STATE"
        )

    def ids(self, work_group: str) -> list[str]:
        """The executions of a workgroup, the latest first."""
        with self._lock:
            found = [e for e in self._executions.values() if e.submission.work_group == work_group]
        return [e.id for e in sorted(found, key=lambda e: e.submitted_at, reverse=True)]

    def stop(self, query_execution_id: str) -> None:
        """Stop an execution; one that has ended stays as it is.

        One that is running says so until Trino has been told to cancel its statement, which is at
        the end of the request that waits for a page: a second later at most.

        Raises:
            ApiError: There is no such execution.
        """
        execution = self.get(query_execution_id)
        execution.run.stop("Query cancelled by user")
        with self._lock:
            if execution.state != QUEUED:
                return
            execution.state = RUNNING
        self._end(execution, CANCELLED, reason="Query cancelled by user")

    def close(self) -> None:
        """Stop everything and wait until it has stopped."""
        with self._lock:
            running = [e for e in self._executions.values() if e.state not in ENDED]
        for execution in running:
            self.stop(execution.id)
        self._pool.shutdown()

    def _work(self, execution: Execution) -> None:
        """Execute a statement, on a thread of the pool."""
        with self._lock:
            if execution.state != QUEUED:
                return
            execution.state = RUNNING
        execution.started_at = time.time()
        try:
            self._run(execution)
        except StatementCancelled as cancelled:
            self._end(execution, CANCELLED, reason=str(cancelled))
        except StatementFailed as failure:
            self._fail(execution, failure)
        except Exception as error:
            logger.exception("Executing %s failed", execution.id)
            message = f"{type(error).__name__}: {error}"
            self._fail(
                execution,
                StatementFailed("GENERIC_INTERNAL_ERROR", message, category=SYSTEM, error_type=100),
            )
        else:
            self._end(execution, SUCCEEDED)

    def _fail(self, execution: Execution, failure: StatementFailed) -> None:
        execution.error = {
            "ErrorCategory": failure.category,
            "ErrorType": failure.error_type,
            "Retryable": False,
            "ErrorMessage": str(failure),
        }
        self._end(execution, FAILED, reason=str(failure))

    def _run(self, execution: Execution) -> None:
        """Execute a statement and keep what it came to.

        Raises:
            StatementFailed: It failed.
            StatementCancelled: It was stopped.
        """
        submission, run = execution.submission, execution.run
        run.go_on()
        bucket, prefix = submission.output
        # There Athena puts them, too.
        tables_location = f"s3://{bucket}/{prefix}tables/{execution.id}/"
        session = self._open_session(submission.database, tables_location, run)
        outcome = self._execute(submission.statement, session)
        # What came to its end has succeeded, however late somebody tried to stop it. But the last
        # that Trino tells of what was read comes with the end.
        run.check_scanned()
        execution.statement_type = outcome.statement_type
        execution.substatement_type = outcome.substatement_type
        results = result_set(outcome)
        key = prefix + file_name(execution.id, outcome)
        execution.output_file = f"s3://{bucket}/{key}"
        text = file_text(outcome, results)
        if text is not None:
            put_file(self._s3, bucket, key, text)
        execution.results = results

    def _end(self, execution: Execution, state: str, *, reason: str | None = None) -> None:
        execution.reason = reason
        execution.completed_at = time.time()
        # First the log and then the state: who sees that a statement has ended finds it there.
        try:
            self._write_to_log(execution, state, execution.completed_at)
        except Exception:
            # A statement that is not in the log has still ended: clients wait for it.
            logger.exception("Logging %s failed", execution.id)
        memory = execution.memory
        with self._lock:
            execution.state = state
            execution.used_at = time.monotonic()
            self._memory[execution.id] = memory
            self._forget()
        execution.ended.set()

    def _write_to_log(self, execution: Execution, state: str, completed_at: float) -> None:
        submission = execution.submission
        self._log.write(
            query_execution_id=execution.id,
            submitted_at=execution.submitted_at,
            work_group=submission.work_group,
            database=submission.database,
            statement=submission.statement,
            statement_type=execution.statement_type,
            substatement_type=execution.substatement_type,
            run=execution.run,
            state=state,
            reason=execution.reason,
            milliseconds=round((completed_at - execution.submitted_at) * 1000),
        )

    def _forget(self) -> None:
        """Forget what is too much; the caller holds the lock."""
        safe_from = time.monotonic() - self._safe_seconds
        total = sum(self._memory.values())
        forgotten = set()
        for execution in self._executions.values():
            within = len(self._memory) <= self._max_executions and total <= self._max_memory
            if within or execution.used_at > safe_from:
                break
            if execution.state in ENDED:
                total -= self._memory.pop(execution.id)
                forgotten.add(execution.id)
        for query_execution_id in forgotten:
            del self._executions[query_execution_id]
        if forgotten:
            self._tokens = {t: v for t, v in self._tokens.items() if v[0] not in forgotten}
