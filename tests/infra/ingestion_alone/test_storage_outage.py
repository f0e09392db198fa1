"""Storage that refuses: what is delivered again, what becomes a dead letter, and its way home.

The timeouts are shortened; the number of receives is the one that is shipped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from retailpulse.cli import app
from tests.support.infra.ingestion import Ingestion
from tests.support.infra.queues import on_call
from tests.support.infra.waiting import wait_until

SHIPPED: Final[Mapping[str, int]] = json.loads(
    (Path(__file__).parents[3] / "ingestion" / "queue_settings.json").read_text()
)
# In place of those that are shipped. The function tries for three quarters of its time.
TIMEOUT_SECONDS: Final = 3
VISIBILITY_SECONDS: Final = 3
# An hour of outage is as many receives in this time.
OUTAGE_SECONDS: Final = 3600 / SHIPPED["visibility_timeout_seconds"] * VISIBILITY_SECONDS

# A cold start on a machine that is busy with something else.
LANDING_SECONDS: Final = 90


@pytest.fixture(scope="module", autouse=True)
def _shortened(ingestion: Ingestion) -> Iterator[None]:
    """Short timeouts, a function that is warm, and a raw zone that is left as it was."""
    functions, sqs = ingestion.client("lambda"), ingestion.client("sqs")

    def set_timeouts(function: int, visibility: int) -> None:
        functions.update_function_configuration(
            FunctionName=ingestion.function_name, Timeout=function
        )
        sqs.set_queue_attributes(
            QueueUrl=ingestion.queue_url, Attributes={"VisibilityTimeout": str(visibility)}
        )

    set_timeouts(TIMEOUT_SECONDS, VISIBILITY_SECONDS)
    ingestion.put_events({"event_id": "warm", "event_type": "order_created"})
    wait_until("it has landed", lambda: ingestion.landed("warm") != [], LANDING_SECONDS)
    yield
    set_timeouts(SHIPPED["function_timeout_seconds"], SHIPPED["visibility_timeout_seconds"])


@contextmanager
def refusing(ingestion: Ingestion, keys: str) -> Iterator[None]:
    """Let the raw bucket refuse whatever the function puts under keys."""
    s3 = ingestion.client("s3")
    function = ingestion.client("lambda").get_function_configuration(
        FunctionName=ingestion.function_name
    )
    refusal = {
        "Sid": "Refuse",
        "Effect": "Deny",
        "Principal": {"AWS": function["Role"]},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{ingestion.raw_bucket}/{keys}",
    }
    before = _bucket_policy(s3, ingestion.raw_bucket)
    statements = [*before.get("Statement", []), refusal]
    s3.put_bucket_policy(
        Bucket=ingestion.raw_bucket,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    try:
        yield
    finally:
        if before:
            s3.put_bucket_policy(Bucket=ingestion.raw_bucket, Policy=json.dumps(before))
        else:
            s3.delete_bucket_policy(Bucket=ingestion.raw_bucket)


def _bucket_policy(s3: Any, bucket: str) -> dict[str, Any]:
    try:
        policy: dict[str, Any] = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except s3.exceptions.ClientError:
        return {}
    return policy


def test_an_hour_of_outage_makes_no_dead_letter_and_loses_nothing(ingestion: Ingestion) -> None:
    ids = [f"outage-{number:02}" for number in range(30)]
    with refusing(ingestion, "*"):
        ingestion.put_events(*({"event_id": name, "event_type": "order_created"} for name in ids))
        time.sleep(OUTAGE_SECONDS)
        assert ingestion.landed(*ids) == []
        assert ingestion.messages_in(ingestion.queue_url) == len(ids)
        assert ingestion.messages_in(ingestion.dead_letter_queue_urls["ingestion"]) == 0
        times = receives(ingestion, len(ids))
        assert min(times) >= 2
        assert max(times) < SHIPPED["maximum_receive_count"]

    wait_until("all have landed once", lambda: ingestion.landed(*ids) == ids, LANDING_SECONDS)
    wait_until(
        "the queue is empty",
        lambda: ingestion.messages_in(ingestion.queue_url) == 0,
        LANDING_SECONDS,
    )
    assert ingestion.messages_in(ingestion.dead_letter_queue_urls["ingestion"]) == 0


def receives(ingestion: Ingestion, messages: int) -> list[int]:
    """How often each of so many messages in the queue was given out before this look at it."""
    sqs = ingestion.client("sqs")
    given: dict[str, int] = {}

    def all_are_seen() -> bool:
        answer = sqs.receive_message(
            QueueUrl=ingestion.queue_url,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        for message in answer.get("Messages", ()):
            count = int(message["Attributes"]["ApproximateReceiveCount"])
            given.setdefault(message["MessageId"], count - 1)
        return len(given) == messages

    wait_until("all are seen", all_are_seen)
    return list(given.values())


def test_of_a_batch_only_what_could_not_be_stored_is_given_back(ingestion: Ingestion) -> None:
    bodies = {
        "stored": {"event_id": "stored", "event_type": "order_created"},
        "refused": {"event_id": "refused", "event_type": "order_status_changed"},
    }
    records = [
        {"messageId": name, "eventSource": "aws:sqs", "body": json.dumps(body)}
        for name, body in bodies.items()
    ]
    with refusing(ingestion, "events/event_type=order_status_changed/*"):
        answer = ingestion.client("lambda").invoke(
            FunctionName=ingestion.function_name, Payload=json.dumps({"Records": records})
        )
    failures = [{"itemIdentifier": "refused"}]
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": failures}
    assert ingestion.landed(*bodies) == ["stored"]


@pytest.fixture
def on_call_url(ingestion: Ingestion) -> Iterator[str]:
    """The address of a queue that gets every alert."""
    with on_call(ingestion.client, ingestion.topic_arn) as url:
        yield url


def test_what_can_never_be_stored_is_a_dead_letter_with_an_alarm_and_a_way_home(
    ingestion: Ingestion, on_call_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_letters = ingestion.dead_letter_queue_urls["ingestion"]
    receives = SHIPPED["maximum_receive_count"]
    with refusing(ingestion, "events/event_type=order_status_changed/*"):
        sent = time.monotonic()
        ingestion.put_events(
            {"event_id": "never", "event_type": "order_status_changed"},
            {"event_id": "beside", "event_type": "order_created"},
        )
        wait_until("it has landed", lambda: ingestion.landed("beside") != [], LANDING_SECONDS)
        wait_until(
            "it is a dead letter",
            lambda: ingestion.messages_in(dead_letters) == 1,
            3 * receives * VISIBILITY_SECONDS,
        )
        # Each but the last receive was followed by its visibility timeout.
        assert time.monotonic() - sent >= (receives - 1) * VISIBILITY_SECONDS

    # The emulator measures nothing by itself: the depth is told as CloudWatch would be.
    cloudwatch = ingestion.client("cloudwatch")
    name = dead_letters.rpartition("/")[2]
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    (alarm,) = [
        alarm for alarm in alarms if {"Name": "QueueName", "Value": name} in alarm["Dimensions"]
    ]
    cloudwatch.put_metric_data(
        Namespace=alarm["Namespace"],
        MetricData=[
            {
                "MetricName": alarm["MetricName"],
                "Dimensions": alarm["Dimensions"],
                "Value": ingestion.messages_in(dead_letters),
            }
        ],
    )
    alert = _alert_of(ingestion, on_call_url, alarm["AlarmName"])
    assert alert["NewStateValue"] == "ALARM"
    assert "/dead-letters.md" in alert["AlarmDescription"]

    for variable, value in ingestion.environment.items():
        monkeypatch.setenv(variable, value)
    redriven = CliRunner().invoke(app, ["redrive", "--queue", name])
    assert redriven.exit_code == 0, redriven.output
    assert "1 messages came home; 0 remain" in redriven.output
    wait_until("it has landed", lambda: ingestion.landed("never") != [], LANDING_SECONDS)

    redriven = CliRunner().invoke(app, ["redrive", "--queue", name])
    assert "0 messages came home; 0 remain" in redriven.output
    wait_until(
        "the queue is empty",
        lambda: ingestion.messages_in(ingestion.queue_url) == 0,
        LANDING_SECONDS,
    )
    assert ingestion.landed("never", "beside") == ["beside", "never"]


def _alert_of(ingestion: Ingestion, on_call_url: str, alarm_name: str) -> dict[str, Any]:
    """Return what on-call was sent about an alarm."""
    sqs = ingestion.client("sqs")
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        answer = sqs.receive_message(QueueUrl=on_call_url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            alert = json.loads(json.loads(message["Body"])["Message"])
            if alert["AlarmName"] == alarm_name:
                found.append(alert)
        return bool(found)

    wait_until(f"there is an alert of {alarm_name}", is_there, 60)
    return found[0]
