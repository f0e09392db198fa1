"""`retailpulse redrive` on an emulated SQS: what comes home, how often, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest

from retailpulse.cloud.dead_letters import DEFAULT_QUEUE, DeadLetters, Message, batches
from retailpulse.errors import WorkError
from tests.integration.cli.conftest import Cli
from tests.support.ingestion.emulated_aws import REGION, emulated_aws

HOME = "retailpulse-ingestion"
ATTRIBUTES = {
    "replayed_from": {"DataType": "String", "StringValue": "m0"},
    "ERROR_CODE": {"DataType": "Number", "StringValue": "500"},
    "trace": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulated_aws(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.fixture
def sqs(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of an SQS with an empty ingestion queue and its dead-letter queue."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    client: Any = boto3.client("sqs")
    for url in client.list_queues().get("QueueUrls", []):
        client.delete_queue(QueueUrl=url)
    home = client.create_queue(QueueName=HOME)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=home, AttributeNames=["QueueArn"])["Attributes"]
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [arn["QueueArn"]]}
    client.create_queue(
        QueueName=DEFAULT_QUEUE, Attributes={"RedriveAllowPolicy": json.dumps(allowed)}
    )
    return client


def send(sqs: Any, count: int, queue: str = DEFAULT_QUEUE) -> list[str]:
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    bodies = [f'{{"event_id":"e{number}"}}' for number in range(count)]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=ATTRIBUTES)
    return bodies


def count(sqs: Any, queue: str) -> int:
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def drain(sqs: Any, queue: str) -> list[Message]:
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    messages: list[Message] = []
    while batch := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages"):
        messages += batch
    return messages


def bodies_in(messages: Sequence[Message]) -> list[str]:
    return sorted(message["Body"] for message in messages)


class Sqs:
    """An SQS client that does something else for one of its calls."""

    def __init__(self, client: Any, **calls: Any) -> None:
        self._client = client
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return self._calls.get(name) or getattr(self._client, name)


def test_every_dead_letter_comes_home_once_as_it_was(sqs: Any, empty: Cli) -> None:
    sent = send(sqs, 25)

    written = empty.ok("redrive")

    assert "25 messages came home; 0 remain in retailpulse-ingestion-dead-letters" in written
    assert "0 messages came home; 0 remain" in empty.ok("redrive")
    home = drain(sqs, HOME)
    assert bodies_in(home) == sorted(sent)
    assert all(message["MessageAttributes"] == ATTRIBUTES for message in home)
    assert count(sqs, DEFAULT_QUEUE) == 0


def test_a_dry_run_moves_nothing(sqs: Any, empty: Cli) -> None:
    send(sqs, 3)

    assert "3 of 3 messages would go to retailpulse-ingestion" in empty.ok("redrive", "--dry-run")

    assert (count(sqs, DEFAULT_QUEUE), count(sqs, HOME)) == (3, 0)


def test_the_limit_is_kept(sqs: Any, empty: Cli) -> None:
    send(sqs, 15)

    assert "12 messages came home; 3 remain" in empty.ok("redrive", "--limit", "12")

    assert count(sqs, HOME) == 12


def test_what_fails_anew_meanwhile_is_not_sent_round(sqs: Any) -> None:
    send(sqs, 12)
    letters = DeadLetters(sqs, DEFAULT_QUEUE)

    def send_and_fail(**arguments: Any) -> Any:
        send(sqs, len(arguments["Entries"]))
        return sqs.send_message_batch(**arguments)

    failing = DeadLetters(Sqs(sqs, send_message_batch=send_and_fail), DEFAULT_QUEUE)
    assert failing.send_home(letters.count(), lambda moved: None) == 12
    assert (count(sqs, HOME), count(sqs, DEFAULT_QUEUE)) == (12, 12)


def test_a_run_that_is_killed_repeats_a_batch_at_most_and_loses_nothing(sqs: Any) -> None:
    sent = send(sqs, 25)
    deleted = 0

    def delete_once(**arguments: Any) -> Any:
        nonlocal deleted
        deleted += 1
        if deleted > 1:
            raise KeyboardInterrupt
        return sqs.delete_message_batch(**arguments)

    with pytest.raises(KeyboardInterrupt):
        DeadLetters(Sqs(sqs, delete_message_batch=delete_once), DEFAULT_QUEUE).send_home(
            25, lambda moved: None
        )

    home, dead = bodies_in(drain(sqs, HOME)), count(sqs, DEFAULT_QUEUE)
    assert len(home) == 20
    assert dead == 15
    visible = drain(sqs, DEFAULT_QUEUE)
    assert len(visible) == 5, "the batch on its way is hidden from a second run"
    assert set(home) | set(bodies_in(visible)) == set(sent)


def test_what_the_home_refuses_stays_a_dead_letter(sqs: Any) -> None:
    send(sqs, 3)

    def refuse_one(**arguments: Any) -> Any:
        *taken, refused = arguments["Entries"]
        answer = sqs.send_message_batch(QueueUrl=arguments["QueueUrl"], Entries=taken)
        return {**answer, "Failed": [{"Id": refused["Id"], "Message": "too large"}]}

    letters = DeadLetters(Sqs(sqs, send_message_batch=refuse_one), DEFAULT_QUEUE)
    with pytest.raises(WorkError, match="did not take 1 messages \\(too large\\)"):
        letters.send_home(3, lambda moved: None)

    assert (count(sqs, HOME), count(sqs, DEFAULT_QUEUE)) == (2, 1)


def test_a_queue_that_is_nobodys_dead_letter_queue_is_refused(sqs: Any, empty: Cli) -> None:
    send(sqs, 1, HOME)

    assert "does not say whose dead letters it holds" in empty.refused("redrive", "--queue", HOME)

    assert count(sqs, HOME) == 1


@pytest.mark.usefixtures("sqs")
def test_what_is_missing_is_said(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no queue nobody" in empty.refused("redrive", "--queue", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert "AWS cannot be reached" in empty.refused("redrive", exit_code=1)
    # Else it has the credentials that it found before.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert "there are no AWS credentials" in empty.refused("redrive")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION")
    assert "no AWS region is set" in empty.refused("redrive")

    # It is what the sentence says to set.
    monkeypatch.setenv("AWS_REGION", REGION)
    assert "no AWS region is set" not in empty.refused("redrive")


def test_a_batch_is_no_larger_than_sqs_takes() -> None:
    small = {"Body": "x" * 100_000}
    # 60,000 characters of three bytes each; an attribute's name, type and value count as well.
    wide = {"Body": "€" * 60_000, "MessageAttributes": {"a": {"DataType": "String"}}}
    large = {"Body": "x" * 1_000_000}

    grouped = list(batches([small, small, small, wide, large, small]))

    assert grouped == [[small, small], [small], [wide], [large], [small]]
