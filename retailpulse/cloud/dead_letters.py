"""A dead-letter queue, and the way of what lies in it back to its queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from retailpulse.errors import SetupError, WorkError

DEFAULT_QUEUE: Final = "retailpulse-ingestion-dead-letters"

# The most that SQS hands out, takes or deletes in one call.
_BATCH_MESSAGES: Final = 10
# The messages of one call together: 1 MiB today, and this where that is not so yet.
_BATCH_BYTES: Final = 262_144

# Long enough that nobody else is handed a batch that is on its way home.
_HIDDEN_SECONDS: Final = 60
# A receive that waits asks every one of SQS's servers, so that an empty answer is the truth.
_WAIT_SECONDS: Final = 2

Message = Mapping[str, Any]


class DeadLetters:
    """A dead-letter queue, which names its home in its redrive allow policy."""

    def __init__(self, sqs: Any, queue: str) -> None:
        """Find a dead-letter queue and its home.

        Args:
            sqs: A boto3 SQS client.
            queue: The dead-letter queue's name.

        Raises:
            SetupError: The queue is nobody's dead-letter queue, or of several queues.
        """
        self._sqs = sqs
        self._url: str = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self.home = _home(self._attributes("RedriveAllowPolicy"), queue)
        self._home_url: str = sqs.get_queue_url(QueueName=self.home)["QueueUrl"]

    def count(self) -> int:
        """Return how many messages lie there, as well as SQS knows."""
        return int(self._attributes("ApproximateNumberOfMessages")["ApproximateNumberOfMessages"])

    def send_home(self, count: int, tell: Callable[[int], None]) -> int:
        """Send messages home; a batch is deleted here when it is there.

        If that is cut short, a batch at most comes home again, and silver counts it once.

        Args:
            count: How many at most: those that were there at the start, so that what fails anew
                meanwhile is not sent round and round.
            tell: Is told how many have come home so far.

        Returns:
            How many came home.

        Raises:
            WorkError: The home did not take a message, or one could not be deleted here.
        """
        moved = 0
        while moved < count:
            messages = self._receive(min(_BATCH_MESSAGES, count - moved))
            if not messages:
                break
            for batch in batches(messages):
                self._move(batch)
                moved += len(batch)
                tell(moved)
        return moved

    def _receive(self, count: int) -> Sequence[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=count,
            MessageAttributeNames=["All"],
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
        )
        messages: Sequence[Message] = answer.get("Messages", [])
        return messages

    def _move(self, batch: Sequence[Message]) -> None:
        sent = self._sqs.send_message_batch(
            QueueUrl=self._home_url,
            Entries=[
                {
                    "Id": str(number),
                    "MessageBody": message["Body"],
                    "MessageAttributes": message.get("MessageAttributes", {}),
                }
                for number, message in enumerate(batch)
            ],
        )
        arrived = sorted(int(entry["Id"]) for entry in sent.get("Successful", []))
        refused = sent.get("Failed", [])
        if arrived:
            deleted = self._sqs.delete_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": batch[number]["ReceiptHandle"]}
                    for number in arrived
                ],
            )
            if deleted.get("Failed"):
                raise WorkError(
                    f"{len(deleted['Failed'])} messages are home and could not be deleted from the "
                    f"dead letters ({deleted['Failed'][0].get('Message')}): run the command again; "
                    "what comes home twice counts once"
                )
        if refused:
            raise WorkError(
                f"{self.home} did not take {len(refused)} messages "
                f"({refused[0].get('Message')}): they are dead letters still, and can be seen "
                f"again in {_HIDDEN_SECONDS} seconds"
            )

    def _attributes(self, name: str) -> Mapping[str, str]:
        attributes: Mapping[str, str] = self._sqs.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=[name]
        ).get("Attributes", {})
        return attributes


def batches(messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
    """Group messages into batches of 256 KiB at most; a larger message goes alone."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        message_size = _size(message)
        if batch and size + message_size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += message_size
    if batch:
        yield batch


def _size(message: Message) -> int:
    """Return a message's size in bytes as SQS counts it: body, attributes' names, types, values."""
    return len(message["Body"].encode()) + sum(
        len(name.encode())
        + len(value["DataType"].encode())
        + len(value.get("StringValue", "").encode())
        + len(value.get("BinaryValue", b""))
        for name, value in message.get("MessageAttributes", {}).items()
    )


def _home(attributes: Mapping[str, str], queue: str) -> str:
    policy = json.loads(attributes.get("RedriveAllowPolicy", "{}"))
    homes = policy.get("sourceQueueArns", [])
    if len(homes) != 1:
        raise SetupError(
            f"{queue} does not say whose dead letters it holds (its redrive allow policy names "
            f"{len(homes)} queues instead of one): name a dead-letter queue such as {DEFAULT_QUEUE}"
        )
    return str(homes[0]).rpartition(":")[2]
