"""The Lambda function: SQS events in, partial batch responses out."""

import io
import json
import logging
from typing import Any

import pytest

from ingestion.envelope import Replay
from ingestion.ingester import Ingester
from ingestion.raw_zone import StorageError
from ingestion.sources import sqs_handler
from ingestion.sources.sqs_handler import SettingsError, handler, read_settings
from ingestion.sources.sqs_messages import batch_age_seconds, messages_from_sqs

ORDER = '{"event_id":"e1","event_type":"order_created","amount":1.10}'
EVENT = (
    '{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"order_created",'
    '"source":"shop","account":"111122223333","time":"2026-01-14T20:00:01Z",'
    '"region":"eu-west-1","resources":[],"detail":' + ORDER + "}"
)


class Context:
    """What Lambda gives."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def get_remaining_time_in_millis(self) -> int:
        return 3_000


class MemoryZone:
    """Keeps objects; refuses keys with a given text."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refused: str | None = None

    def put(self, key: str, body: bytes) -> None:
        if self.refused is not None and self.refused in key:
            raise StorageError("SlowDown")
        self.objects[key] = body


def record(number: int, body: str | None, **changes: Any) -> dict[str, Any]:
    sqs_record = {
        "messageId": f"059f36b4-87a3-44ab-83d2-{number:012}",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:events",
        "awsRegion": "eu-west-1",
        **changes,
    }
    return {key: value for key, value in sqs_record.items() if value is not None}


def identifiers(response: dict[str, Any]) -> list[str]:
    assert list(response) == ["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> MemoryZone:
    memory = MemoryZone()
    ingester = Ingester(memory, sleep=lambda seconds: None)
    monkeypatch.setattr(sqs_handler, "_ingester", lambda: ingester)
    # Time passes with every question, so that retries end.
    left = iter(range(3_000, -1_000_000, -100))
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda self: next(left))
    return memory


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the function logs."""
    stream = io.StringIO()
    for log_handler in logging.getLogger("ingester").handlers:
        monkeypatch.setattr(log_handler, "stream", stream)
    return stream


def metrics_in(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads(capsys.readouterr().out)
    return metrics


def test_batch_lands_and_is_measured(
    zone: MemoryZone, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    event = {"Records": [record(1, EVENT), record(2, ORDER), record(3, "{}"), record(4, "[")]}
    assert handler(event, Context()) == {"batchItemFailures": []}
    assert len(zone.objects) == 2
    metrics = metrics_in(capsys)
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "RetailPulse"
    assert metrics["EventsLanded"] == [4.0]
    assert metrics["EventsUnknown"] == [1.0]
    assert metrics["EventsMalformed"] == [1.0]
    assert metrics["EventsFailed"] == [0.0]
    assert metrics["BytesWritten"] == [float(sum(map(len, zone.objects.values())))]
    assert metrics["BatchAgeSeconds"][0] > 200_000_000
    logged = json.loads(log.getvalue())
    assert logged["correlation_id"] == Context.aws_request_id
    assert any(logged["batch_id"] in key for key in zone.objects)
    assert logged["landed"] == 4


def test_only_messages_whose_object_failed_are_reported(
    zone: MemoryZone, capsys: pytest.CaptureFixture[str]
) -> None:
    zone.refused = "order_created"
    records = [record(1, EVENT), record(2, "{}"), record(3, ORDER), record(4, None)]
    response = handler({"Records": records}, Context())
    assert identifiers(response) == [records[0]["messageId"], records[2]["messageId"]]
    metrics = metrics_in(capsys)
    assert (metrics["EventsLanded"], metrics["EventsMalformed"]) == ([2.0], [1.0])
    assert metrics["EventsFailed"] == [2.0]


def test_records_that_do_not_say_when_they_were_sent_land(
    zone: MemoryZone, capsys: pytest.CaptureFixture[str]
) -> None:
    event = {"Records": [record(1, ORDER, attributes=None)]}
    assert handler(event, Context()) == {"batchItemFailures": []}
    assert "BatchAgeSeconds" not in metrics_in(capsys)


@pytest.mark.parametrize(
    "changes",
    [{"body": 5}, {"body": {"a": 1}}, {"messageAttributes": [1]}, {"messageAttributes": 1}],
)
def test_of_records_that_are_not_as_sqs_makes_them_just_those_are_reported(
    changes: dict[str, Any],
    zone: MemoryZone,
    log: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    records = [record(1, ORDER), record(2, "{}"), record(3, ORDER)]
    records[1] |= changes
    assert identifiers(handler({"Records": records}, Context())) == [records[1]["messageId"]]
    metrics = metrics_in(capsys)
    assert (metrics["EventsLanded"], metrics["EventsFailed"]) == ([2.0], [1.0])
    assert records[1]["messageId"] in log.getvalue()


def test_an_array_of_events_is_reported_once_if_any_of_them_failed(
    zone: MemoryZone, capsys: pytest.CaptureFixture[str]
) -> None:
    zone.refused = "order_created"
    array = f'[{ORDER}, {{"event_type": "order_status_changed", "event_id": "e2"}}, {ORDER}]'
    records = [record(1, "{}"), record(2, array), record(3, "{}")]
    assert identifiers(handler({"Records": records}, Context())) == [records[1]["messageId"]]
    metrics = metrics_in(capsys)
    assert (metrics["EventsLanded"], metrics["EventsFailed"]) == ([3.0], [2.0])

    zone.refused = None
    assert handler({"Records": records}, Context()) == {"batchItemFailures": []}


def test_batch_that_fails_as_a_whole_is_reported_whole(
    zone: MemoryZone,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(self: Ingester, *arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Ingester, "land", fail)
    records = [record(1, ORDER), record(2, "secret")]
    assert identifiers(handler({"Records": records}, Context())) == [
        r["messageId"] for r in records
    ]
    logged = json.loads(log.getvalue())
    assert (logged["level"], logged["records"]) == ("ERROR", 2)
    assert metrics_in(capsys)["EventsFailed"] == [2.0]
    assert "secret" not in log.getvalue()


def test_missing_setting_fails_the_batch_and_says_so(
    monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    sqs_handler._ingester.cache_clear()
    monkeypatch.delenv("RAW_BUCKET", raising=False)
    assert len(identifiers(handler({"Records": [record(1, ORDER)]}, Context()))) == 1
    assert "RAW_BUCKET is not set" in log.getvalue()


def test_settings() -> None:
    settings = read_settings({"RAW_BUCKET": "b"})
    assert (settings.raw_bucket, settings.raw_prefix) == ("b", "")
    assert read_settings({"RAW_BUCKET": "b", "RAW_PREFIX": "raw"}).raw_prefix == "raw"
    for environment in ({}, {"RAW_BUCKET": ""}, {"RAW_PREFIX": "raw"}):
        with pytest.raises(SettingsError, match="RAW_BUCKET"):
            read_settings(environment)


def test_metrics_that_cannot_be_written_fail_nothing(zone: MemoryZone, log: io.StringIO) -> None:
    attributes = {"SentTimestamp": "yesterday"}
    event = {"Records": [record(1, ORDER, attributes=attributes)]}
    assert handler(event, Context()) == {"batchItemFailures": []}
    assert len(zone.objects) == 1
    assert "could not be reported on" in log.getvalue()


def test_payloads_are_never_logged(
    zone: MemoryZone, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    zone.refused = "order_created"
    secret = '{"event_type":"order_created","card":"secret"}'
    handler({"Records": [record(1, secret), record(2, "secret")]}, Context())
    assert "batch landed" in log.getvalue()
    assert "secret" not in log.getvalue() + capsys.readouterr().out


def test_record_without_a_body_is_an_empty_text(zone: MemoryZone) -> None:
    handler({"Records": [record(1, None)]}, Context())
    (message,) = messages_from_sqs([record(1, None)]).messages
    assert message.body == b""
    (key,) = zone.objects
    assert key.startswith("events/event_type=unknown/")


def test_lone_surrogates_in_a_body_become_bytes_that_are_not_utf8(zone: MemoryZone) -> None:
    body = '{"a":"\ud800"}'
    (message,) = messages_from_sqs([record(1, body)]).messages
    assert message.body == b'{"a":"\xed\xa0\x80"}'
    assert handler({"Records": [record(1, body)]}, Context()) == {"batchItemFailures": []}


def attributes(**values: str) -> dict[str, Any]:
    return {
        name: {
            "stringValue": value,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        }
        for name, value in values.items()
    }


def test_message_attributes_make_a_replay() -> None:
    replayed = attributes(
        replayed_from="m0", replay_source="shop", replay_event_id="e0", replay_event_name="x"
    )
    (message,) = messages_from_sqs([record(1, ORDER, messageAttributes=replayed)]).messages
    assert message.replay == Replay("m0", source="shop", event_id="e0", event_name="x")


def test_replay_needs_only_where_it_comes_from() -> None:
    records = [
        record(1, ORDER, messageAttributes=attributes(replayed_from="m0")),
        record(2, ORDER, messageAttributes=attributes(replay_source="shop", other="x")),
        record(3, ORDER, messageAttributes=None),
    ]
    assert [message.replay for message in messages_from_sqs(records).messages] == [
        Replay("m0"),
        None,
        None,
    ]


def test_age_is_of_the_oldest_record() -> None:
    records = [
        record(1, ORDER, attributes={"SentTimestamp": "2000"}),
        record(2, ORDER, attributes={"SentTimestamp": "1500"}),
        record(3, ORDER, attributes={}),
        record(4, ORDER, attributes=None),
    ]
    assert batch_age_seconds(records, 10.0) == 8.5
    assert batch_age_seconds(records, 1.0) == 0.0
    assert batch_age_seconds(records[2:], 10.0) is None
