"""What calls the function and is not its queue: an error, and kept where nobody waits for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from retailpulse.cli import app
from tests.support.infra.ingestion import Ingestion
from tests.support.infra.waiting import wait_until

# A rule with the function for its target sends this.
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "order_created",
    "source": "shop",
    "account": "111122223333",
    "time": "2026-01-14T20:00:01Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {"event_id": "refused-1", "event_type": "order_created"},
}


def test_whoever_waits_for_the_answer_has_the_error(ingestion: Ingestion) -> None:
    answer = ingestion.client("lambda").invoke(
        FunctionName=ingestion.function_name, Payload=json.dumps(EVENT)
    )
    assert answer["FunctionError"]
    assert "an EventBridge event came" in json.loads(answer["Payload"].read())["errorMessage"]
    assert ingestion.landed("refused-1") == []


def test_of_an_asynchronous_call_the_event_is_kept_and_comes_home_by_hand_alone(
    ingestion: Ingestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs, url = ingestion.client("sqs"), ingestion.refused_calls_queue_url
    ingestion.client("lambda").invoke(
        FunctionName=ingestion.function_name, InvocationType="Event", Payload=json.dumps(EVENT)
    )
    wait_until("it is kept", lambda: ingestion.messages_in(url) == 1)
    (kept,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    record = json.loads(kept["Body"])
    assert record["requestPayload"] == EVENT
    assert "an EventBridge event came" in record["responsePayload"]["errorMessage"]

    for variable, value in ingestion.environment.items():
        monkeypatch.setenv(variable, value)
    redriven = CliRunner().invoke(app, ["redrive", "--queue", url.rpartition("/")[2]])
    assert redriven.exit_code != 0
    assert ingestion.messages_in(url) == 1
    assert ingestion.landed("refused-1") == []

    # As docs/runbooks/refused-calls.md has it.
    sqs.send_message(QueueUrl=ingestion.queue_url, MessageBody=json.dumps(record["requestPayload"]))
    wait_until("it has landed", lambda: ingestion.landed("refused-1") != [])
    sqs.purge_queue(QueueUrl=url)
    assert ingestion.landed("refused-1") == ["refused-1"]
