"""The files that Athena leaves in a query's output location."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from local_athena.errors import SYSTEM, ApiError, StatementFailed
from local_athena.results import ResultSet, TextRow, is_plain_text
from local_athena.session import Outcome

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def split_location(location: str) -> tuple[str, str]:
    """Split an output location into a bucket and a prefix that is empty or ends with a slash.

    Raises:
        ApiError: It is not s3://bucket[/prefix].
    """
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not bucket:
        raise ApiError(
            "InvalidRequestException",
            "outputLocation is not a valid S3 path.",
            AthenaErrorCode="INVALID_INPUT",
        )
    prefix = prefix.rstrip("/")
    return bucket, f"{prefix}/" if prefix else ""


def file_name(query_execution_id: str, outcome: Outcome) -> str:
    """Name a statement's result file."""
    if outcome.substatement_type in ("INSERT", "CREATE_TABLE_AS_SELECT"):
        return query_execution_id
    return f"{query_execution_id}.{'txt' if is_plain_text(outcome) else 'csv'}"


def file_text(outcome: Outcome, results: ResultSet) -> str | None:
    """Write a statement's result file; None for what writes a table and so has none."""
    if outcome.result.update_count is not None:
        return None
    if is_plain_text(outcome):
        return "\n".join("\t".join(value or "" for value in row) for row in results.rows)
    return "".join(_csv_lines(results))


def _csv_lines(results: ResultSet) -> Iterator[str]:
    """Write lines as Athena does: every value quoted, NULL as nothing at all."""
    header: TextRow = tuple(column.name for column in results.columns)
    for row in (header, *results.rows):
        yield ",".join("" if v is None else f'"{v.replace(chr(34), chr(34) * 2)}"' for v in row)
        yield "\n"


def check_bucket(s3: S3Client, bucket: str) -> None:
    """See to it that there is a bucket for result files.

    Raises:
        ApiError: There is not, or S3 does not answer.
    """
    try:
        s3.head_bucket(Bucket=bucket)
    except (ClientError, BotoCoreError) as error:
        raise ApiError(
            "InvalidRequestException",
            f"Unable to verify/create output bucket {bucket}",
            AthenaErrorCode="INVALID_INPUT",
        ) from error


def put_file(s3: S3Client, bucket: str, key: str, text: str) -> None:
    """Write a result file.

    Raises:
        StatementFailed: S3 did not take it.
    """
    try:
        s3.put_object(
            Bucket=bucket, Key=key, Body=text.encode(), ContentType="application/octet-stream"
        )
    except (ClientError, BotoCoreError) as error:
        raise StatementFailed(
            "S3_ERROR",
            f"The result could not be written to s3://{bucket}/{key}: {error}",
            category=SYSTEM,
            error_type=401,
        ) from error
