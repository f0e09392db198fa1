"""What the tests of the cloud are given: a deployed stack, however it came to be."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3


@dataclass(frozen=True)
class Stack:
    """A deployed stack and the way to it.

    Attributes:
        environment: The variables that tell a client of AWS of its account.
        bus: The event bus's name.
        queue_url: The ingestion queue's address.
        dead_letter_queue_urls: The dead-letter queues' addresses: `ingestion` and `rule`.
        raw_bucket: The raw zone's bucket.
        function_name: The ingester's name.
        topic_arn: The alerts' topic.
    """

    environment: Mapping[str, str]
    bus: str
    queue_url: str
    dead_letter_queue_urls: Mapping[str, str]
    raw_bucket: str
    function_name: str
    topic_arn: str

    def client(self, service: str) -> Any:
        """Return a boto3 client of the account."""
        session: Any = boto3.Session(
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
        )
        return session.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            verify=self.environment.get("AWS_CA_BUNDLE", True),
        )

    def put_events(self, *details: Mapping[str, Any]) -> None:
        """Send events to the bus, as a producer does."""
        events = self.client("events")
        for first in range(0, len(details), 10):
            answer = events.put_events(
                Entries=[
                    {
                        "Source": "retailpulse",
                        "DetailType": str(detail.get("event_type", "none")),
                        "EventBusName": self.bus,
                        "Detail": json.dumps(detail),
                    }
                    for detail in details[first : first + 10]
                ]
            )
            assert answer["FailedEntryCount"] == 0, answer

    def raw_lines(self) -> list[dict[str, Any]]:
        """Return every line of the raw zone, in no order."""
        s3 = self.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.raw_bucket, Prefix="events/"
        )
        lines = []
        for found in (found for page in pages for found in page.get("Contents", [])):
            body = s3.get_object(Bucket=self.raw_bucket, Key=found["Key"])["Body"].read()
            lines += [json.loads(line) for line in gzip.decompress(body).splitlines()]
        return lines

    def landed(self, *event_ids: str) -> list[str]:
        """Return the ids of raw lines, as often as each is there; of these events alone."""
        return sorted(
            line["event_id"] for line in self.raw_lines() if line["event_id"] in event_ids
        )

    def messages_in(self, queue_url: str) -> int:
        """Return how many messages a queue has, those on their way included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)


def wait_until(is_so: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Wait for something.

    Raises:
        AssertionError: It has not happened in time.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.5)
