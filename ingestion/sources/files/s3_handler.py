"""The Lambda function behind the drop bucket's queue: files in, raw objects out.

It hands a file that it cannot finish in time to a message of its own, and never fails for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ingestion.aws_errors import error_code
from ingestion.ingester import Ingester
from ingestion.raw_zone import S3RawZone
from ingestion.sources.files.decoding import DamagedFileError
from ingestion.sources.files.deliveries import Progress
from ingestion.sources.files.delivering import BusyError, Delivered, DroppedFile, Receiver
from ingestion.sources.files.drop_bucket import DropBucket, GoneError, Version
from ingestion.sources.files.feeds import Feed, feeds_of, read_feeds, told_of_no_feed
from ingestion.sources.files.header import HeaderError
from ingestion.sources.files.s3_messages import asks_to_list, body_of, versions_of
from ingestion.sources.s3_state_store import S3StateStore
from ingestion.sources.sqs_handler import LambdaContext, SettingsError
from ingestion.sources.sqs_messages import sqs_records

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_stepfunctions.client import SFNClient

_FEEDS: Final = Path(__file__).parents[2] / "feeds"
_STATES: Final = "files"
# A batch takes a second, and a minute at most where S3 is slow.
_MILLISECONDS_FOR_A_BATCH: Final = 75_000
_LOST_AFTER: Final = timedelta(minutes=30)
_LOOKED_BACK: Final = timedelta(days=3)
_SECONDS_FOR_ANOTHER: Final = 60

_logger = Logger(service="file_drops")
_metrics = Metrics(namespace="RetailPulse", service="file_drops")


@dataclass(frozen=True, slots=True)
class Settings:
    """The function's settings.

    Attributes:
        raw_bucket: The raw zone's bucket, which has the states of files, too.
        drop_bucket: The bucket into which files are dropped.
        queue_url: The function's own queue.
        feeds: The names of the feeds that are followed.
        state_machine_arn: What starts a run of dbt once a file has landed; empty for none.
    """

    raw_bucket: str
    drop_bucket: str
    queue_url: str
    feeds: frozenset[str]
    state_machine_arn: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables.

    Raises:
        SettingsError: One is missing.
    """
    names = ("RAW_BUCKET", "DROP_BUCKET", "QUEUE_URL", "FEEDS")
    if missing := [name for name in names if not environment.get(name)]:
        raise SettingsError(f"{', '.join(missing)} is not set: infra/modules/file_drops sets it")
    raw_bucket, drop_bucket, queue_url, feeds = (environment[name] for name in names)
    return Settings(
        raw_bucket,
        drop_bucket,
        queue_url,
        frozenset(feeds.split(",")),
        environment.get("STATE_MACHINE_ARN", ""),
    )


def handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """Land the files that a batch of the queue's messages tells of.

    Args:
        event: The SQS event.
        context: The invocation.

    Returns:
        The partial batch response: `{"batchItemFailures": [{"itemIdentifier": …}, …]}`.

    Raises:
        NotAnSqsBatchError: The event is no SQS batch.
    """
    _logger.set_correlation_id(context.aws_request_id)
    failed = []
    for record in sqs_records(event):
        try:
            _files().answer(record["body"], context)
        except Exception:
            _logger.exception("the message failed", extra={"message_id": record["messageId"]})
            failed.append(record["messageId"])
    _metrics.add_metric("FileMessagesFailed", MetricUnit.Count, len(failed))
    _metrics.flush_metrics()
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


@dataclass(frozen=True, slots=True)
class Files:
    """What answering takes.

    Attributes:
        bucket: Where files are dropped.
        feeds: Those that are followed.
        ingester: What lands rows.
        states: Where it is kept how far each file has been read.
        queue: The client of the queue.
        queue_url: The queue.
        start_run: Starts a run of dbt.
    """

    bucket: DropBucket
    feeds: tuple[Feed, ...]
    ingester: Ingester
    states: S3StateStore
    queue: SQSClient
    queue_url: str
    start_run: Callable[[], None]

    def answer(self, body: str, context: LambdaContext) -> None:
        """Do what a message asks for."""
        if asks_to_list(body):
            self._look_for_lost(datetime.now(UTC), lambda: _has_time(context))
            return
        for version in versions_of(body):
            try:
                self._land(version, context)
            except GoneError as error:
                _logger.warning(str(error))

    def _look_for_lost(self, now: datetime, has_time: Callable[[], bool]) -> None:
        for version in self.bucket.delivered(now - _LOOKED_BACK, now - _LOST_AFTER):
            if not has_time():
                _logger.error("there are more files than one look has time for")
                return
            if self.bucket.is_told(version):
                continue
            _logger.warning("a file waits, and is told of once more", extra={"key": version.key})
            # Later than the tag: by then it says what became of the file.
            self._tell(version, seconds=_SECONDS_FOR_ANOTHER)
            self.bucket.told(version)

    def _land(self, version: Version, context: LambdaContext) -> None:
        file = self.bucket.delivery(version)
        found = feeds_of(self.feeds, file.name)
        if len(found) != 1:
            self._reject(version, file, told_of_no_feed(self.feeds, found))
            return
        [feed] = found
        receiver = Receiver(
            self.ingester,
            self.states,
            has_time=lambda: _has_time(context),
            tell_again=lambda version_id: self._tell(Version(version.key, version_id)),
        )
        try:
            delivered = receiver.receive(file, feed)
        except (HeaderError, DamagedFileError) as error:
            self._reject(version, file, str(error))
            return
        except BusyError as error:
            # Another delivery of the file: that must not take one of the message's attempts.
            _logger.info(str(error))
            self._tell(version, seconds=_SECONDS_FOR_ANOTHER)
            return
        if not delivered.is_done:
            self._tell(version)
            _logger.info("goes on in another message", extra=_told(file.name, feed, delivered))
            return
        self.bucket.landed(version, file, feed.name, delivered)
        _logger.info("landed", extra=_told(file.name, feed, delivered))
        if not delivered.is_unchanged:
            _measure(delivered.progress)
            self._start_run()

    def _start_run(self) -> None:
        try:
            self.start_run()
        except (BotoCoreError, ClientError):
            # The schedule starts the next one.
            _logger.exception("no run could be started")

    def _reject(self, version: Version, file: DroppedFile, why: str) -> None:
        report = self.bucket.rejected(version, file, why)
        # Why the report says: a file without a header has a row in its place.
        _logger.error("a file cannot be read", extra={"report": report})
        _metrics.add_metric("FilesRejected", MetricUnit.Count, 1)

    def _tell(self, version: Version, seconds: int = 0) -> None:
        self.queue.send_message(
            QueueUrl=self.queue_url, MessageBody=body_of(version), DelaySeconds=seconds
        )


@cache
def _files() -> Files:
    settings = read_settings(os.environ)
    copy_config_to_registered_loggers(_logger, include={"ingestion.ingester"})
    # What lands rows retries by itself; the others are sent again by the client.
    once = Config(connect_timeout=2, read_timeout=15, retries={"total_max_attempts": 1})
    often = Config(connect_timeout=2, read_timeout=15, retries={"mode": "standard"})
    s3 = boto3.client("s3", config=often)
    feeds = tuple(feed for feed in read_feeds(_FEEDS) if feed.name in settings.feeds)
    return Files(
        bucket=DropBucket(s3, settings.drop_bucket),
        feeds=feeds,
        ingester=Ingester(S3RawZone(boto3.client("s3", config=once), settings.raw_bucket)),
        states=S3StateStore(s3, settings.raw_bucket, _STATES),
        queue=boto3.client("sqs", config=often),
        queue_url=settings.queue_url,
        start_run=partial(_start_run, boto3.client("stepfunctions", config=often), settings),
    )


def _has_time(context: LambdaContext) -> bool:
    return context.get_remaining_time_in_millis() > _MILLISECONDS_FOR_A_BATCH


def _start_run(stepfunctions: SFNClient, settings: Settings) -> None:
    """Start a fast run, one a minute at most; one that finds another at work ends at once.

    An execution of a name that has ended is refused
    (docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
    """
    if not settings.state_machine_arn:
        return
    try:
        stepfunctions.start_execution(
            stateMachineArn=settings.state_machine_arn,
            name=f"file-drops-{datetime.now(UTC):%Y%m%dT%H%MZ}",
            input='{"kind": "fast"}',
        )
    except ClientError as error:
        if error_code(error) != "ExecutionAlreadyExists":
            raise


def _told(name: str, feed: Feed, delivered: Delivered) -> dict[str, Any]:
    return {
        "file": name,
        "feed": feed.name,
        "delivery": delivered.number,
        "is_unchanged": delivered.is_unchanged,
        "rows": delivered.progress.landed,
        "rejected": delivered.progress.rejected,
        "unknown_columns": list(delivered.unknown_columns),
    }


def _measure(progress: Progress) -> None:
    for name, unit, value in (
        ("FilesLanded", MetricUnit.Count, 1),
        ("FileRowsLanded", MetricUnit.Count, progress.landed),
        ("FileLinesRejected", MetricUnit.Count, progress.rejected),
        ("FileBytesWritten", MetricUnit.Bytes, progress.bytes_written),
    ):
        _metrics.add_metric(name, unit, value)
