"""From the bus through rule, queue and the packaged function to the raw zone; with its own role."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.infra.ingestion import Ingestion
from tests.support.infra.waiting import wait_until

LANDING_SECONDS = 60

# Runs what it is told as the role that it was given.
PROBE = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    call = getattr(boto3.client(event["service"]), event["call"])
    try:
        call(**event["arguments"])
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
"""


def test_an_event_goes_from_the_bus_to_the_raw_zone(ingestion: Ingestion) -> None:
    detail = {"event_id": "road-1", "event_type": "order_created", "amount": 1.10}
    ingestion.put_events(detail)

    wait_until("it has landed", lambda: ingestion.landed("road-1") != [], LANDING_SECONDS)

    (line,) = [line for line in ingestion.raw_lines() if line["event_id"] == "road-1"]
    assert line["payload"] == detail
    assert (line["source"], line["event_type"]) == ("retailpulse", "order_created")
    assert ingestion.messages_in(ingestion.queue_url) == 0


def test_an_event_that_the_archive_replays_comes_in_again(ingestion: Ingestion) -> None:
    events = ingestion.client("events")
    bus = events.describe_event_bus(Name=ingestion.bus)["Arn"]
    (archive,) = events.list_archives(EventSourceArn=bus)["Archives"]
    arn = events.describe_archive(ArchiveName=archive["ArchiveName"])["ArchiveArn"]
    started = time.time()
    ingestion.put_events({"event_id": "replayed-1", "event_type": "order_created"})
    wait_until("it has landed", lambda: ingestion.landed("replayed-1") != [], LANDING_SECONDS)

    events.start_replay(
        ReplayName="again",
        EventSourceArn=arn,
        EventStartTime=started - 1,
        EventEndTime=time.time() + 1,
        Destination={"Arn": bus},
    )

    twice = ["replayed-1", "replayed-1"]
    wait_until(
        "it has landed again", lambda: ingestion.landed("replayed-1") == twice, LANDING_SECONDS
    )


@pytest.fixture(scope="module")
def as_the_ingester(ingestion: Ingestion) -> Iterator[Callable[..., str]]:
    """Makes a call with the ingester's role; gives the error's code, or `done`."""
    functions = ingestion.client("lambda")
    ingester = functions.get_function_configuration(FunctionName=ingestion.function_name)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", PROBE)
    functions.create_function(
        FunctionName="probe",
        Role=ingester["Role"],
        Runtime=ingester["Runtime"],
        Handler="probe.handler",
        Timeout=60,
        Code={"ZipFile": code.getvalue()},
    )

    def call(service: str, name: str, **arguments: str) -> str:
        event = {"service": service, "call": name, "arguments": arguments}
        answer = functions.invoke(FunctionName="probe", Payload=json.dumps(event))
        result = json.loads(answer["Payload"].read())
        assert isinstance(result, str), result
        return result

    yield call
    functions.delete_function(FunctionName="probe")


@pytest.mark.parametrize("key", ["events/probe", "oversized/probe"])
def test_the_function_may_write_where_it_writes(
    ingestion: Ingestion, as_the_ingester: Callable[..., str], key: str
) -> None:
    written = as_the_ingester("s3", "put_object", Bucket=ingestion.raw_bucket, Key=key, Body="")
    ingestion.client("s3").delete_object(Bucket=ingestion.raw_bucket, Key=key)
    assert written == "done"


def test_the_function_may_send_where_its_refused_calls_are_kept(
    ingestion: Ingestion, as_the_ingester: Callable[..., str]
) -> None:
    url = ingestion.refused_calls_queue_url
    assert as_the_ingester("sqs", "send_message", QueueUrl=url, MessageBody="probe") == "done"
    ingestion.client("sqs").purge_queue(QueueUrl=url)


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("s3", "put_object", {"Bucket": "{raw_bucket}", "Key": "elsewhere/probe", "Body": ""}),
        ("s3", "put_object", {"Bucket": "{raw_bucket}", "Key": "eventsprobe", "Body": ""}),
        ("s3", "get_object", {"Bucket": "{raw_bucket}", "Key": "events/probe"}),
        ("s3", "delete_object", {"Bucket": "{raw_bucket}", "Key": "events/probe"}),
        ("s3", "list_objects_v2", {"Bucket": "{raw_bucket}"}),
        ("sqs", "send_message", {"QueueUrl": "{queue_url}", "MessageBody": "probe"}),
        ("lambda", "get_function", {"FunctionName": "{function_name}"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_function_is_denied_everything_else(
    ingestion: Ingestion,
    as_the_ingester: Callable[..., str],
    service: str,
    call: str,
    arguments: dict[str, Any],
) -> None:
    filled = {name: value.format(**vars(ingestion)) for name, value in arguments.items()}
    assert as_the_ingester(service, call, **filled) in (
        "AccessDenied",
        "AccessDeniedException",
    )
