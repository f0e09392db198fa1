"""The function behind the drop bucket, on an emulated S3 and SQS: files in, raw objects out."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import boto3
import pytest

from ingestion.sources.errors import TransientError
from ingestion.sources.files import delivering, s3_handler
from ingestion.sources.files.drop_bucket import DropBucket, GoneError, Version
from ingestion.sources.files.s3_handler import handler
from ingestion.sources.files.s3_messages import LIST_BODY, body_of
from ingestion.sources.s3_state_store import S3StateStore
from ingestion.sources.state_store import Stored
from simulator.grocery.files import CART_FILE, write_deliveries
from tests.support.ingestion.emulated_aws import new_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

HEADER = b"order_num,order_id,user_id,order_timestamp,total_amount,date\n"
ROW = b"%d,o%d,u1,2026-01-14 10:00:00,1.50,2026-01-14\n"


class Context:
    """What Lambda gives: so many milliseconds, and less with every question."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def __init__(self, milliseconds: int = 10_000_000, step: int = 1) -> None:
        self.left = milliseconds
        self.step = step

    def get_remaining_time_in_millis(self) -> int:
        self.left -= self.step
        return self.left


class Drops:
    """A drop bucket, its queue, and the function, whose messages the tests carry."""

    def __init__(self, s3: S3Client, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s3 = s3
        self.raw, self.bucket = new_bucket(s3), new_bucket(s3)
        s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        self.sqs = boto3.client("sqs")
        self.queue = self.sqs.create_queue(QueueName=f"drops-{uuid.uuid4().hex}")["QueueUrl"]
        for name, value in {
            "RAW_BUCKET": self.raw,
            "DROP_BUCKET": self.bucket,
            "QUEUE_URL": self.queue,
            "FEEDS": "grocery_orders,grocery_cart_abandonments",
        }.items():
            monkeypatch.setenv(name, value)

    def put(self, name: str, body: bytes) -> Version:
        key = f"drop/{name}"
        answer = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return Version(key, answer["VersionId"])

    def answer(self, *bodies: str, context: Context | None = None) -> list[str]:
        records = [
            {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": body}
            for number, body in enumerate(bodies)
        ]
        response = handler({"Records": records}, context or Context())
        return [each["itemIdentifier"] for each in response["batchItemFailures"]]

    def messages(self) -> list[str]:
        """Take the messages that the function sent itself."""
        found = []
        while got := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            found += [message["Body"] for message in got]
            for message in got:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def tags(self, version: Version) -> dict[str, str]:
        answer = self.s3.get_object_tagging(
            Bucket=self.bucket, Key=version.key, VersionId=version.version_id
        )
        tags = {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}
        tags.pop("retailpulse-version", None)
        return tags

    def lines(self) -> list[dict[str, Any]]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.raw, Prefix="events/")
        found = []
        for each in (each for page in pages for each in page.get("Contents", [])):
            body = self.s3.get_object(Bucket=self.raw, Key=each["Key"])["Body"].read()
            found += [json.loads(line) for line in gzip.decompress(body).splitlines()]
        return sorted(found, key=lambda line: line["message_id"])

    def documents(self, prefix: str) -> list[dict[str, Any]]:
        """What the function has told below a prefix of the drop bucket."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [
            json.loads(self.s3.get_object(Bucket=self.bucket, Key=each["Key"])["Body"].read())
            for each in listed
        ]


def notification(version: Version, event: str = "ObjectCreated:Put") -> str:
    stored = {"key": quote_plus(version.key, safe="/"), "versionId": version.version_id}
    return json.dumps({"Records": [{"eventName": event, "s3": {"object": stored}}]})


@pytest.fixture
def drops(s3: S3Client, aws_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drops]:
    s3_handler._files.cache_clear()
    # Nobody waits for what is delayed.
    monkeypatch.setattr(s3_handler, "_SECONDS_FOR_ANOTHER", 0)
    yield Drops(s3, aws_endpoint, monkeypatch)
    s3_handler._files.cache_clear()


def test_a_file_lands_and_is_told_of(drops: Drops, tmp_path: Path) -> None:
    write_deliveries(tmp_path, 1, datetime(2026, 1, 1, tzinfo=UTC), 10)
    version = drops.put(f"from the shop/{CART_FILE}", (tmp_path / CART_FILE).read_bytes())
    odd = drops.put("from é &+?=/orders.csv.gz", gzip.compress(HEADER + ROW % (1, 1)))

    assert drops.answer(notification(version), notification(odd), notification(version)) == []

    rows = [line for line in drops.lines() if line["payload_encoding"] == "json"]
    assert len({line["event_id"] for line in rows}) == len(rows)
    carts = [line for line in rows if line["source"] == "grocery_cart_abandonments"]
    assert len(carts) >= 1_000
    assert {line["payload"]["file"] for line in rows} == {
        f"from the shop/{CART_FILE}",
        "from é &+?=/orders.csv.gz",
    }
    assert drops.tags(version) == drops.tags(odd) == {"retailpulse": "landed"}
    manifests = {manifest["feed"]: manifest for manifest in drops.documents("manifests/")}
    assert manifests["grocery_orders"]["rows"] == 1
    assert manifests["grocery_cart_abandonments"]["rows"] == len(carts)
    assert manifests["grocery_cart_abandonments"]["file"] == f"from the shop/{CART_FILE}"
    assert drops.messages() == []


def test_what_it_cannot_finish_it_hands_over(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "MOST_ROWS", 10)
    version = drops.put("orders.csv", HEADER + b"".join(ROW % (n, n) for n in range(95)))
    bodies, attempts = [notification(version)], 0
    while bodies and attempts < 9:
        # Time for three batches, or for one in any case.
        assert drops.answer(*bodies, context=Context(75_003)) == []
        bodies, attempts = drops.messages(), attempts + 1
    assert attempts == 4
    assert [line["payload"]["data"]["order_id"] for line in drops.lines()] == [
        f"o{n}" for n in range(95)
    ]
    [manifest] = drops.documents("manifests/")
    assert manifest["rows"] == 95


def test_of_one_second_the_later_version_counts(drops: Drops) -> None:
    bodies = [HEADER + ROW % (n, 1) for n in range(5)]
    versions = [drops.put("orders.csv", body) for body in bodies]
    # S3 promises no order of notifications.
    for version in (versions[2], versions[4], versions[0], versions[3], versions[1]):
        assert drops.answer(notification(version)) == []
    latest = max(drops.lines(), key=lambda line: line["payload"]["sequence"])
    assert latest["payload"]["data"]["order_num"] == 4
    assert len(drops.lines()) == 5


def test_a_file_that_cannot_be_read_is_reported(drops: Drops) -> None:
    unknown = drops.put("../../orders of ☃.xlsx", b"PK")
    headless = drops.put("orders.csv", b"order_id\no1\n")
    torn = drops.put("orders_2.csv.gz", gzip.compress(HEADER + ROW % (1, 1))[:-9])
    for version in (unknown, headless, torn):
        assert drops.answer(notification(version)) == []
        assert drops.tags(version) == {"retailpulse": "rejected"}
    reports = {report["file"]: report["why"] for report in drops.documents("rejected/")}
    assert "there are cart_abandonment*.csv" in reports["../../orders of ☃.xlsx"]
    assert "the header has no column order_num" in reports["orders.csv"]
    assert "it cannot be unpacked to its end" in reports["orders_2.csv.gz"]
    keys = drops.s3.list_objects_v2(Bucket=drops.bucket, Prefix="rejected/")["Contents"]
    assert all(".." not in each["Key"] and each["Key"].isascii() for each in keys)
    assert drops.documents("manifests/") == []


def test_a_lost_notification_is_found(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_handler, "_LOST_AFTER", timedelta(minutes=-1))
    landed = drops.put("orders.csv", HEADER + ROW % (1, 1))
    assert drops.answer(notification(landed)) == []
    lost = [drops.put("orders.csv", HEADER + ROW % (n, 1)) for n in (2, 3)]
    drops.s3.put_object(Bucket=drops.bucket, Key="drop/folder/")

    assert drops.answer(LIST_BODY) == []

    found = drops.messages()
    assert sorted(found) == sorted(body_of(version) for version in lost)
    assert drops.answer(*found) == []
    assert drops.answer(LIST_BODY) == []
    assert drops.messages() == []
    assert len(drops.lines()) == 3


def test_a_look_ends_before_its_time_does(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_handler, "_LOST_AFTER", timedelta(minutes=-1))
    lost = [drops.put(f"orders_{n}.csv", HEADER + ROW % (n, n)) for n in range(3)]
    # Time for one file.
    assert drops.answer(LIST_BODY, context=Context(75_002)) == []
    assert drops.messages() == [body_of(lost[0])]
    assert drops.answer(LIST_BODY) == []
    assert drops.messages() == [body_of(version) for version in lost[1:]]


def test_what_is_no_message_goes_back(drops: Drops) -> None:
    test_event = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
    bodies = [test_event, "not json", "[]", "{}", '{"key": 5, "version_id": "v"}']
    assert drops.answer(*bodies) == ["m1", "m2", "m3", "m4"]


def test_a_version_that_was_deleted_is_no_failure(drops: Drops) -> None:
    version = drops.put("orders.csv", HEADER + ROW % (1, 1))
    drops.s3.delete_object(Bucket=drops.bucket, Key=version.key, VersionId=version.version_id)
    assert drops.answer(notification(version)) == []
    with pytest.raises(GoneError):
        DropBucket(drops.s3, drops.bucket).delivery(version)


def test_what_raw_does_not_take_is_tried_again(
    drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = drops.put("orders.csv", HEADER + ROW % (1, 1))
    raw = drops.raw
    monkeypatch.setenv("RAW_BUCKET", "no-such-bucket")
    monkeypatch.setattr(delivering, "_SECONDS_FOR_A_BATCH", 0.1)
    assert drops.answer(notification(version)) == ["m0"]
    assert drops.tags(version) == {}
    monkeypatch.setenv("RAW_BUCKET", raw)
    s3_handler._files.cache_clear()
    assert drops.answer(notification(version)) == []
    assert len(drops.lines()) == 1


def test_reading_that_breaks_off_is_told(drops: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    version = drops.put("orders.csv", HEADER + ROW % (1, 1))
    file = DropBucket(drops.s3, drops.bucket).delivery(version)
    drops.s3.delete_object(Bucket=drops.bucket, Key=version.key, VersionId=version.version_id)
    with pytest.raises((GoneError, TransientError)):
        file.open(0)
    assert drops.answer(notification(version)) == []


def test_a_file_that_has_landed_starts_a_run_a_minute(
    drops: Drops, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    states: Any = boto3.client("stepfunctions")
    machine = states.create_state_machine(
        name=f"dbt-{uuid.uuid4().hex}",
        definition='{"StartAt": "Run", "States": {"Run": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::000000000000:role/any",
    )["stateMachineArn"]
    monkeypatch.setenv("STATE_MACHINE_ARN", machine)
    for number in range(3):
        assert drops.answer(notification(drops.put("orders.csv", HEADER + ROW % (number, 1)))) == []
    started = states.list_executions(stateMachineArn=machine)["executions"]
    assert 1 <= len(started) <= 2, "by the minute"
    described = states.describe_execution(executionArn=started[0]["executionArn"])
    assert json.loads(described["input"]) == {"kind": "fast"}
    # The second of a minute is none too few.
    assert "no run could be started" not in caplog.text


def test_a_run_that_cannot_be_started_fails_no_file(
    drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:none"
    monkeypatch.setenv("STATE_MACHINE_ARN", machine)
    version = drops.put("orders.csv", HEADER + ROW % (1, 1))
    assert drops.answer(notification(version)) == []
    assert drops.tags(version) == {"retailpulse": "landed"}


def test_a_file_that_comes_back_is_a_revert_whichever_is_told_of_first(drops: Drops) -> None:
    old, new = HEADER + ROW % (1, 1), HEADER + ROW % (2, 1)
    first, second, third = (drops.put("orders.csv", body) for body in (old, new, old))
    for version in (first, third, second):
        assert drops.answer(notification(version)) == []
    # The third was left out for repeating the first, and is told of again.
    again = drops.messages()
    assert again == [body_of(third)]
    assert drops.answer(*again) == []
    assert drops.messages() == []
    latest = max(drops.lines(), key=lambda line: line["payload"]["sequence"])
    assert latest["payload"]["data"]["order_num"] == 1
    assert len(drops.lines()) == 3


def test_two_at_once_land_both_and_none_fails(
    drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (drops.put("orders.csv", HEADER + ROW % (n, 1)) for n in (1, 2))
    write = S3StateStore.write
    disturbed: list[bool] = []

    def disturb(store: S3StateStore, name: str, body: bytes, tag: str | None) -> Stored:
        if not disturbed:
            disturbed.append(True)
            assert drops.answer(notification(second)) == []
        return write(store, name, body, tag)

    monkeypatch.setattr(S3StateStore, "write", disturb)
    assert drops.answer(notification(first)) == []
    assert drops.tags(first) == {}
    assert drops.answer(*drops.messages()) == []
    assert drops.tags(first) == drops.tags(second) == {"retailpulse": "landed"}
    assert len(drops.lines()) == 2


def test_a_copy_of_a_landed_file_is_no_landed_file(
    drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_handler, "_LOST_AFTER", timedelta(minutes=-1))
    original = drops.put("orders.csv", HEADER + ROW % (1, 1))
    drops.s3.put_object_tagging(
        Bucket=drops.bucket,
        Key=original.key,
        Tagging={"TagSet": [{"Key": "from", "Value": "a partner"}]},
    )
    assert drops.answer(notification(original)) == []
    assert drops.tags(original) == {"from": "a partner", "retailpulse": "landed"}
    tags = drops.s3.get_object_tagging(Bucket=drops.bucket, Key=original.key)["TagSet"]
    # As CopyObject does by itself.
    copied = drops.put("orders_2.csv", HEADER + ROW % (2, 2))
    drops.s3.put_object_tagging(Bucket=drops.bucket, Key=copied.key, Tagging={"TagSet": tags})

    assert drops.answer(LIST_BODY) == []

    assert drops.messages() == [body_of(copied)]
    # Once alone.
    assert drops.answer(LIST_BODY) == []
    assert drops.messages() == []


def test_what_programs_write_first_is_no_file(drops: Drops) -> None:
    assert drops.answer(notification(drops.put("a partner/.orders.csv", b"half"))) == []
    assert drops.lines() == []
    assert drops.documents("rejected/") == []
