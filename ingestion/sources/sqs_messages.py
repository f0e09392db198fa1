"""An SQS event's records as messages, and what is no SQS event. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ingestion.envelope import Message, Replay
from ingestion.unpacking import messages_of

_SQS: Final = "aws:sqs"
_NAMED: Final = 5
_NAME_LENGTH: Final = 40

Record = Mapping[str, Any]


class NotAnSqsBatchError(Exception):
    """The function was called with something that is no batch of its queue."""


@dataclass(slots=True)
class SqsBatch:
    """The messages of an SQS event.

    Attributes:
        messages: Those of its records, in their order; an array of events is several.
        unreadable: The ids of records that are not as SQS makes them.
        record_ids: The id of the record that a message is a part of, by the message's; not for
            messages that are a record's only one.
    """

    messages: list[Message] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    record_ids: dict[str, str] = field(default_factory=dict)

    def failed_records(self, failed_message_ids: Iterable[str]) -> list[str]:
        """Return the ids of the records to deliver again, each once."""
        failed = (self.record_ids.get(name, name) for name in failed_message_ids)
        return list(dict.fromkeys([*self.unreadable, *failed]))


def sqs_records(event: object) -> Sequence[Record]:
    """Return the records of an event, each of them one of SQS with an id.

    Raises:
        NotAnSqsBatchError: It is no event of SQS, or a record cannot be reported: its text says
            what came, by its form and names and never by its values.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or not records or not all(map(_is_of_sqs, records)):
        raise NotAnSqsBatchError(
            f"{_described(event)} came, and nothing of it was stored: this function lands batches "
            "of the ingestion queue and nothing else; send events to the bus or to that queue"
        )
    return records


def _is_of_sqs(record: object) -> bool:
    return (
        isinstance(record, Mapping)
        and record.get("eventSource") == _SQS
        and isinstance(message_id := record.get("messageId"), str)
        and message_id != ""
    )


def _described(event: object) -> str:
    if not isinstance(event, Mapping):
        return "nothing (null)" if event is None else f"a value of type {type(event).__name__}"
    if "Records" not in event:
        if "detail-type" in event:
            return "an EventBridge event"
        return f"an object with the members {_names(event)}" if event else "an empty object"
    records = event["Records"]
    if not isinstance(records, list):
        return f"an object whose Records are of type {type(records).__name__}"
    if not records:
        return "a batch without records"
    sources = {
        # SNS alone begins its members' names with a capital.
        str(record.get("eventSource") or record.get("EventSource") or "no eventSource")
        if isinstance(record, Mapping)
        else f"type {type(record).__name__}"
        for record in records
    }
    if sources == {_SQS}:
        return "a batch of SQS with a record without a messageId"
    return f"a batch of records of {_names(sources)}"


def _names(names: Iterable[object]) -> str:
    sorted_names = sorted(str(name)[:_NAME_LENGTH] for name in names)
    more = ["…"] if len(sorted_names) > _NAMED else []
    return ", ".join([*sorted_names[:_NAMED], *more])


def messages_from_sqs(records: Iterable[Record]) -> SqsBatch:
    """Turn the records of an SQS event into messages.

    A record without a body is a message with an empty one. The message attributes
    `replayed_from`, `replay_source`, `replay_event_id` and `replay_event_name` make a replay.

    Args:
        records: The records, as `sqs_records` returns them.
    """
    batch = SqsBatch()
    found = batch.messages
    for record in records:
        message_id = record["messageId"]
        try:
            # A lone surrogate becomes bytes that are not UTF-8, and lands as such.
            body = (record.get("body") or "").encode(errors="surrogatepass")
            attributes = record.get("messageAttributes")
            replay = _replay(attributes) if attributes else None
        except (AttributeError, TypeError):
            batch.unreadable.append(message_id)
            continue
        messages = messages_of(Message(body, message_id, None, replay))
        found += messages
        if messages[0].message_id != message_id:
            batch.record_ids.update((message.message_id, message_id) for message in messages)
    return batch


def batch_age_seconds(records: Sequence[Record], now: float) -> float | None:
    """Return how long the oldest record has waited, in seconds; None if no record says.

    Args:
        records: The records of an SQS event.
        now: The time, in seconds since 1970.
    """
    sent = [
        int(record["attributes"]["SentTimestamp"])
        for record in records
        if "SentTimestamp" in record.get("attributes", {})
    ]
    return max(0.0, now - min(sent) / 1000) if sent else None


def _replay(attributes: Mapping[str, Any]) -> Replay | None:
    values = {name: value.get("stringValue") for name, value in attributes.items()}
    replayed_from = values.get("replayed_from")
    if replayed_from is None:
        return None
    return Replay(
        replayed_from=replayed_from,
        source=values.get("replay_source"),
        event_id=values.get("replay_event_id"),
        event_name=values.get("replay_event_name"),
    )
