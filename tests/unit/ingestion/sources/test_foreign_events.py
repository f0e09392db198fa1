"""What is no batch of the function's queue is refused, loudly, before anything is stored.

The events have the forms of AWS's samples (github.com/aws/aws-lambda-go, events/testdata), of which
all 102 that are not of SQS were refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.sources import sqs_handler
from ingestion.sources.sqs_handler import handler
from ingestion.sources.sqs_messages import NotAnSqsBatchError, sqs_records

SQS: dict[str, Any] = {"messageId": "m1", "eventSource": "aws:sqs", "body": "{}"}
BUCKET = {"bucket": {"name": "b"}, "object": {"key": "secret.csv"}}
SNS = {"Type": "Notification", "MessageId": "n1", "Message": "secret"}
PROXY = {"path": "/", "httpMethod": "POST", "headers": {}, "body": '{"secret": 1}'}


def records(*found: object) -> dict[str, Any]:
    return {"Records": list(found)}


FOREIGN: list[tuple[object, str]] = [
    (None, "nothing (null)"),
    ([], "a value of type list"),
    ([SQS], "a value of type list"),
    ("secret", "a value of type str"),
    (7, "a value of type int"),
    (True, "a value of type bool"),
    ({}, "an empty object"),
    ({"Records": None}, "an object whose Records are of type NoneType"),
    ({"Records": {}}, "an object whose Records are of type dict"),
    ({"Records": "secret"}, "an object whose Records are of type str"),
    (records(), "a batch without records"),
    (records(None), "a batch of records of type NoneType"),
    (records([SQS]), "a batch of records of type list"),
    (records(SQS | {"messageId": None}), "a batch of SQS with a record without a messageId"),
    (records(SQS | {"messageId": ""}), "a batch of SQS with a record without a messageId"),
    (records(SQS, {"eventSource": "aws:sqs"}), "a batch of SQS with a record without a messageId"),
    (records({"messageId": "m1", "body": "{}"}), "a batch of records of no eventSource"),
    (records({"eventSource": "aws:s3", "s3": BUCKET}), "a batch of records of aws:s3"),
    (records({"EventSource": "aws:sns", "Sns": SNS}), "a batch of records of aws:sns"),
    (records({"eventSource": "aws:kinesis", "kinesis": {"data": "e30="}}), "of aws:kinesis"),
    (records({"eventSource": "aws:dynamodb", "dynamodb": {}}), "of aws:dynamodb"),
    (records({"eventSource": "aws:ses", "ses": {}}), "of aws:ses"),
    (records({"eventSource": "aws:codecommit", "codecommit": {}}), "of aws:codecommit"),
    (records({"cf": {"request": {}}}), "a batch of records of no eventSource"),
    (records(SQS, {"eventSource": "aws:s3", "s3": BUCKET}), "of aws:s3, aws:sqs"),
    (records(SQS, None), "a batch of records of aws:sqs, type NoneType"),
    (
        {"version": "0", "detail-type": "order_created", "source": "shop", "detail": {"secret": 1}},
        "an EventBridge event",
    ),
    ({"eventSource": "aws:kafka", "records": {"t-0": []}}, "members eventSource, records"),
    ({"eventSource": "aws:mq", "messages": []}, "members eventSource, messages"),
    ({"deliveryStreamArn": "arn", "records": []}, "members deliveryStreamArn, records"),
    ({"awslogs": {"data": "H4sI"}}, "an object with the members awslogs"),
    (PROXY, "an object with the members body, headers, httpMethod, path"),
    ({"requestContext": {"elb": {}}, **PROXY}, "members body, headers, httpMethod, path, requ"),
    ({"triggerSource": "PreSignUp", "request": {}}, "members request, triggerSource"),
    ({"RequestType": "Create", "StackId": "arn"}, "members RequestType, StackId"),
    ({"tasks": [], "job": {"id": "1"}, "invocationId": "1"}, "members invocationId, job, tasks"),
    ({"event_type": "order_created", "event_id": "e1"}, "members event_id, event_type"),
    ({str(number): 0 for number in range(9)}, "members 0, 1, 2, 3, 4, …:"),
    ({"x" * 1_000: 0}, f"members {'x' * 40} came"),
]


class Context:
    aws_request_id = "r1"

    def get_remaining_time_in_millis(self) -> int:
        return 3_000


@pytest.mark.parametrize(("event", "said"), FOREIGN)
def test_it_is_refused_and_said_what_came(
    event: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqs_handler, "_ingester", lambda: pytest.fail("something was to land"))
    with pytest.raises(NotAnSqsBatchError) as refused:
        handler(event, Context())
    text = str(refused.value)
    assert said.removesuffix(":") in text
    assert "lands batches of the ingestion queue" in text
    # By its form and never by its values.
    assert "secret" not in text.lower()


def test_a_batch_of_the_queue_is_taken_as_it_is() -> None:
    batch = records(SQS, SQS | {"messageId": "m2", "somethingNew": 1})
    assert sqs_records(batch) == batch["Records"]
