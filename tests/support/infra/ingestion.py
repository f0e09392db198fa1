"""The deployed ingestion as a test sees it, however it came to be."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.infra.queues import messages_in


@dataclass(frozen=True)
class Ingestion:
    """What a test needs of what Terraform made.

    Attributes:
        client: Makes a boto3 client of a service, as the account's root.
        environment: The variables that tell a command of the account.
        bus: The event bus's name.
        queue_url: The ingestion queue's address.
        dead_letter_queue_urls: The dead-letter queues' addresses: `ingestion` and `rule`.
        refused_calls_queue_url: The address of the queue of what the function refused.
        raw_bucket: The raw zone's bucket.
        function_name: The ingester's name.
        topic_arn: The alerts' topic.
        drop_bucket: The bucket into which files are dropped.
        drop_queue_url: The address of its queue.
    """

    client: Callable[[str], Any]
    environment: Mapping[str, str]
    bus: str
    queue_url: str
    dead_letter_queue_urls: Mapping[str, str]
    refused_calls_queue_url: str
    raw_bucket: str
    function_name: str
    topic_arn: str
    drop_bucket: str
    drop_queue_url: str

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
        return messages_in(self.client("sqs"), queue_url)
