"""The S3 raw zone and the Lambda function against an emulated S3."""

import gzip
import json
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import ObjectExists, S3RawZone, StorageError
from ingestion.sources import sqs_handler
from ingestion.sources.sqs_handler import handler

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

KEY = "events/event_type=order_created/dt=2026-01-14/hour=20/b1.ndjson.gz"
ORDER = '{"event_id":"e1", "event_type":"order_created","amount":1.10,"n":1234567890123456789}'


def objects(s3: "S3Client", bucket: str) -> dict[str, bytes]:
    listing = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {
        item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        for item in listing
    }


def test_put_never_overwrites(s3: "S3Client", bucket: str) -> None:
    zone = S3RawZone(s3, bucket, "raw")
    zone.put(KEY, b"one")
    for body in (b"one", b"two"):
        with pytest.raises(ObjectExists):
            zone.put(KEY, body)
    assert objects(s3, bucket) == {f"raw/{KEY}": b"one"}


def test_missing_bucket_is_a_storage_error(s3: "S3Client") -> None:
    with pytest.raises(StorageError, match="NoSuchBucket"):
        S3RawZone(s3, "no-such-bucket").put(KEY, b"one")


def test_server_that_is_gone_is_a_storage_error(s3: "S3Client", bucket: str) -> None:
    gone = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )
    with pytest.raises(StorageError):
        S3RawZone(gone, bucket).put(KEY, b"one")


def test_oversized_body_lies_beside_its_line(s3: "S3Client", bucket: str) -> None:
    body = b"x" * 1_100_000
    ingester = Ingester(S3RawZone(s3, bucket))
    for _ in range(2):
        landed = ingester.land([Message(body, "m1")], lambda: 60.0)
        assert landed.failed_message_ids == ()
    stored = objects(s3, bucket)
    lines = [gzip.decompress(stored.pop(key)) for key in list(stored) if key.startswith("events/")]
    assert len(lines) == 2
    assert stored == {json.loads(lines[0])["payload"]["oversized_object"]: body}


class Context:
    """What Lambda gives."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def test_function_lands_a_batch_by_its_environment(
    s3: "S3Client", bucket: str, aws_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {
        "AWS_ENDPOINT_URL": aws_endpoint,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "RAW_BUCKET": bucket,
        "RAW_PREFIX": "raw/",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sqs_handler._ingester.cache_clear()
    records = [
        {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": body}
        for number, body in enumerate([ORDER, "{}", "["])
    ]
    try:
        assert handler({"Records": records}, Context()) == {"batchItemFailures": []}
    finally:
        sqs_handler._ingester.cache_clear()
    lines = {key.split("/")[2]: gzip.decompress(body) for key, body in objects(s3, bucket).items()}
    assert lines.keys() == {"event_type=order_created", "event_type=unknown"}
    assert ORDER.encode() in lines["event_type=order_created"]
    assert lines["event_type=unknown"].count(b"\n") == 2
