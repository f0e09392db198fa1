"""The records of an SQS event as messages. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ingestion.envelope import Message, Replay


def messages_from_sqs(records: Iterable[Mapping[str, Any]]) -> list[Message]:
    """Turn the records of an SQS event into messages.

    A record without a body is a message with an empty one. The message attributes
    `replayed_from`, `replay_source`, `replay_event_id` and `replay_event_name` make a replay.
    """
    return [
        Message(
            # A lone surrogate becomes bytes that are not UTF-8, and lands as such.
            body=(record.get("body") or "").encode(errors="surrogatepass"),
            message_id=record["messageId"],
            replay=_replay(record.get("messageAttributes")),
        )
        for record in records
    ]


def batch_age_seconds(records: Sequence[Mapping[str, Any]], now: float) -> float | None:
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


def _replay(attributes: Mapping[str, Any] | None) -> Replay | None:
    if not attributes:
        return None
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
