"""The Lambda function behind the queue: SQS batch in, raw objects out, failures reported."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from ingestion.ingester import Ingester, Landed
from ingestion.raw_zone import S3RawZone
from ingestion.sources.sqs_messages import batch_age_seconds, messages_from_sqs, sqs_records

CONNECT_TIMEOUT_SECONDS: Final = 2
READ_TIMEOUT_SECONDS: Final = 5

_logger = Logger(service="ingester")
_metrics = Metrics(namespace="RetailPulse", service="ingester")


class SettingsError(Exception):
    """The function's environment lacks something."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The function's settings.

    Attributes:
        raw_bucket: The raw zone's bucket.
        raw_prefix: The raw zone's root in the bucket; empty for the bucket itself.
    """

    raw_bucket: str
    raw_prefix: str


class LambdaContext(Protocol):
    """What the function uses of its context."""

    @property
    def aws_request_id(self) -> str:
        """The id of this invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the invocation is stopped."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables.

    Raises:
        SettingsError: `RAW_BUCKET` is missing.
    """
    raw_bucket = environment.get("RAW_BUCKET", "")
    if not raw_bucket:
        raise SettingsError(
            "RAW_BUCKET is not set: give the function the name of the raw zone's bucket"
        )
    return Settings(raw_bucket, environment.get("RAW_PREFIX", ""))


def handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """Land an SQS batch.

    Args:
        event: The SQS event; docs/events.md says what a record's body may be.
        context: The invocation.

    Returns:
        The partial batch response: `{"batchItemFailures": [{"itemIdentifier": …}, …]}`.

    Raises:
        NotAnSqsBatchError: The event is no SQS batch. Lambda counts an error, a batch goes back
            to its queue whole, and what was called asynchronously goes to the on-failure
            destination.
    """
    _logger.set_correlation_id(context.aws_request_id)
    records = sqs_records(event)
    try:
        batch = messages_from_sqs(records)
        landed = _ingester().land(
            batch.messages, lambda: context.get_remaining_time_in_millis() / 1000
        )
    except Exception:
        _logger.exception("the batch failed as a whole", extra={"records": len(records)})
        _metrics.add_metric("EventsFailed", MetricUnit.Count, len(records))
        _metrics.flush_metrics()
        return _response(record["messageId"] for record in records)
    try:
        _report(landed, batch.unreadable, batch_age_seconds(records, time.time()))
    except Exception:
        # What is stored is acknowledged all the same.
        _logger.exception("the batch could not be reported on")
    return _response(batch.failed_records(landed.failed_message_ids))


@cache
def _ingester() -> Ingester:
    settings = read_settings(os.environ)
    copy_config_to_registered_loggers(_logger, include={"ingestion.ingester"})
    # An attempt ends within the ingester's safety margin, and the ingester retries.
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 1},
    )
    client = boto3.client("s3", config=config)
    return Ingester(S3RawZone(client, settings.raw_bucket, settings.raw_prefix))


def _response(failed_message_ids: Iterable[str]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": failed} for failed in failed_message_ids]}


def _report(landed: Landed, unreadable: Sequence[str], age_seconds: float | None) -> None:
    if unreadable:
        _logger.error("records are not as SQS makes them", extra={"message_ids": unreadable})
    failed = len(unreadable) + len(landed.failed_message_ids)
    counts = {
        "EventsLanded": landed.landed,
        "EventsUnknown": landed.unknown,
        "EventsMalformed": landed.malformed,
        "EventsFailed": failed,
    }
    for name, count in counts.items():
        _metrics.add_metric(name, MetricUnit.Count, count)
    _metrics.add_metric("BytesWritten", MetricUnit.Bytes, landed.bytes_written)
    if age_seconds is not None:
        _metrics.add_metric("BatchAgeSeconds", MetricUnit.Seconds, age_seconds)
    _metrics.flush_metrics()
    _logger.info(
        "batch landed",
        extra={
            "batch_id": landed.batch_id,
            "landed": landed.landed,
            "unknown": landed.unknown,
            "malformed": landed.malformed,
            "oversized": landed.oversized,
            "bytes_written": landed.bytes_written,
            "failed": failed,
        },
    )
