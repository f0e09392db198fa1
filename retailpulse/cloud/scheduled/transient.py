"""Which failures pass by themselves, told by what their messages hold.

dbt keeps a failure's text only (dbt-athena's `exception_handler` turns each exception into a
`DbtRuntimeError` of its text), so neither Athena's error type nor its `Retryable` can be asked for.
What dbt-athena itself tries again is here too: it gives up after a few tries, which may be before
what it met has passed.
"""

from __future__ import annotations

from typing import Final

TRANSIENT_MESSAGES: Final = (
    # AWS's throttling, and its services' own failures; the first three are what dbt-athena takes
    # for passing (API_REQUEST_ERROR_NAMES).
    "TooManyRequestsException",
    "ThrottlingException",
    "InternalServerException",
    "Rate exceeded",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "InternalServiceException",
    # S3 answers 503 while it makes room for a prefix that has become busy.
    "SlowDown",
    "Please reduce your request rate",
    # Somebody else committed to the table in between; dbt-athena tries such a statement three times
    # more (github.com/dbt-labs/dbt-athena/pull/655). Glue says it of its own tables.
    "ICEBERG_COMMIT_ERROR",
    "ConcurrentModificationException",
    # Trino's reading and writing of files, its catalog, the loss of a worker. Trino itself takes
    # the failures of what is outside of it (ErrorType.EXTERNAL), its own (INTERNAL_ERROR) and
    # CLUSTER_OUT_OF_MEMORY for worth another try (io.trino.execution.scheduler.
    # PipelinedQueryScheduler.isRetryableErrorCode). Left out are those that bad data, damaged
    # metadata or a wrong setting is called as well, such as HIVE_CURSOR_ERROR of a truncated
    # object. ICEBERG_FILESYSTEM_ERROR is also what the creation of a table ends with that is
    # repeated at the same place; a new run of dbt chooses another
    # (github.com/dbt-labs/dbt-adapters/issues/1739).
    "ICEBERG_FILESYSTEM_ERROR",
    "ICEBERG_CANNOT_OPEN_SPLIT",
    "ICEBERG_CURSOR_ERROR",
    "ICEBERG_WRITER_OPEN_ERROR",
    "ICEBERG_WRITER_CLOSE_ERROR",
    "ICEBERG_CATALOG_ERROR",
    "HIVE_CANNOT_OPEN_SPLIT",
    "HIVE_FILESYSTEM_ERROR",
    "HIVE_WRITER_OPEN_ERROR",
    "HIVE_WRITER_CLOSE_ERROR",
    "CLUSTER_OUT_OF_MEMORY",
    "NO_NODES_AVAILABLE",
    "PAGE_TRANSPORT_ERROR",
    "PAGE_TRANSPORT_TIMEOUT",
    "REMOTE_HOST_GONE",
    "REMOTE_TASK_ERROR",
    "REMOTE_TASK_MISMATCH",
    "SERVER_SHUTTING_DOWN",
    "SERVER_STARTING_UP",
    "TOO_MANY_REQUESTS_FAILED",
    # Athena's capacity and its engine (docs.aws.amazon.com/athena/latest/ug/error-reference.html;
    # repost.aws/knowledge-center/athena-query-exhausted advises to try again later). Not
    # GENERIC_INTERNAL_ERROR, which is also what a value that does not fit its type is called.
    "exhausted resources at this scale factor",
    "INTERNAL_ERROR_QUERY_ENGINE",
    "Amazon Athena experienced an internal error",
    # botocore, when the network fails (botocore.exceptions).
    "Could not connect to the endpoint URL",
    "Connection was closed before we received a valid response",
    "Read timeout on endpoint URL",
    "Connect timeout on endpoint URL",
    "Connection reset by peer",
)


def is_transient(message: str) -> bool:
    """Tell whether a failure with this message may be gone at the next attempt."""
    return any(text in message for text in TRANSIENT_MESSAGES)
