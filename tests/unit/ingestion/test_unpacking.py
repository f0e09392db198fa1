"""What a delivered body holds: SNS's notification, an array of events, a byte order mark."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.envelope import Message, Replay, SnsMetadata, to_line
from ingestion.unpacking import MIN_MEAN_EVENT_BYTES, messages_of

RECEIVED_AT = datetime(2026, 1, 14, 20, tzinfo=UTC)
ORDER = '{"event_id":"e1","event_type":"order_created","amount":1.10}'
STATUS = '{"event_id":"e2","event_type":"order_status_changed","note":"Æ"}'
CLOUDEVENT = '{"specversion":"1.0","id":"c1","type":"order_created","data":{"amount":1.10}}'
WRAPPED = f'{{"version":"0","detail-type":"order_created","source":"shop","detail":{ORDER}}}'
BOM = b"\xef\xbb\xbf"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:orders"
DELIVERY = SnsMetadata(TOPIC, "n1", "2026-01-14T20:00:00.000Z")


def notification(message: str, **changes: Any) -> str:
    """An SNS notification as a queue gets it without raw delivery."""
    sent = {
        "Type": "Notification",
        "MessageId": "n1",
        "TopicArn": TOPIC,
        "Subject": "an order",
        "Message": message,
        "Timestamp": "2026-01-14T20:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE==",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/x.pem",
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
        "MessageAttributes": {"a": {"Type": "String", "Value": "b"}},
        **changes,
    }
    return json.dumps({name: value for name, value in sent.items() if value is not None}, indent=2)


def parts(body: str | bytes, **attributes: Any) -> list[tuple[str, bytes]]:
    body = body.encode() if isinstance(body, str) else body
    messages = messages_of(Message(body, "m1", **attributes))
    return [(message.message_id, message.body) for message in messages]


@pytest.mark.parametrize(
    "body", [ORDER, CLOUDEVENT, WRAPPED, "", "text", '{"Type":1}', f" {ORDER} "]
)
def test_one_event_is_one_message_as_it_is(body: str) -> None:
    assert parts(body) == [("m1", body.encode())]


def test_an_sns_notification_is_its_message_and_the_line_says_of_which_topic() -> None:
    (message,) = messages_of(Message(notification(ORDER).encode(), "m1", source="feed"))
    assert message == Message(ORDER.encode(), "m1", source="feed", sns=DELIVERY)
    envelope = json.loads(to_line(message, RECEIVED_AT).data)
    assert envelope["sns"] == {
        "topic_arn": TOPIC,
        "message_id": "n1",
        "timestamp": "2026-01-14T20:00:00.000Z",
    }
    # As by raw delivery, so that switching it on makes no event another one.
    assert (envelope["source"], envelope["payload"]["amount"]) == ("feed", 1.1)


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "SubscriptionConfirmation"},
        {"TopicArn": None},
        {"MessageId": None},
        {"Message": None},
        {"Timestamp": 5},
    ],
)
def test_what_only_resembles_a_notification_is_an_event(changes: dict[str, Any]) -> None:
    body = notification(ORDER, **changes)
    assert parts(body) == [("m1", body.encode())]


def test_an_array_is_a_message_an_element_whose_bytes_are_as_sent() -> None:
    body = f' [ {ORDER} ,\n{STATUS},null, [1], "x", {CLOUDEVENT}] '
    assert parts(body) == [
        ("m1#1", ORDER.encode()),
        ("m1#2", STATUS.encode()),
        ("m1#3", b"null"),
        ("m1#4", b"[1]"),
        ("m1#5", b'"x"'),
        ("m1#6", CLOUDEVENT.encode()),
    ]


def test_an_array_of_one_is_a_batch_too() -> None:
    assert parts(f"[{ORDER}]") == [("m1#1", ORDER.encode())]


@pytest.mark.parametrize(
    "body", ["[]", "[1, 2]", '["text"]', "[[{}]]", f"[{ORDER}", f"[{ORDER},]", f"[{ORDER}] x"]
)
def test_what_is_no_array_of_events_is_one_message(body: str) -> None:
    assert parts(body) == [("m1", body.encode())]


def test_a_body_cannot_be_more_lines_than_there_is_memory_for() -> None:
    elements = 1_000
    padding = MIN_MEAN_EVENT_BYTES * elements - len("[" + "{}," * (elements - 1) + '""]')
    for length, messages in ((padding, elements), (padding - 1, 1)):
        body = "[" + "{}," * (elements - 1) + '"' + "x" * length + '"]'
        assert len(parts(body)) == messages


def test_each_element_has_its_own_wrapper_or_none() -> None:
    messages = messages_of(Message(f"[{WRAPPED},{CLOUDEVENT},{ORDER}]".encode(), "m1"))
    envelopes = [json.loads(to_line(message, RECEIVED_AT).data) for message in messages]
    assert [envelope["event_id"] for envelope in envelopes] == ["e1", "c1", "e1"]
    assert [envelope["source"] for envelope in envelopes] == ["shop", "direct", "direct"]


def test_an_array_in_eventbridges_detail_is_no_batch() -> None:
    body = WRAPPED.replace(ORDER, f"[{ORDER},{ORDER}]")
    (message,) = messages_of(Message(body.encode(), "m1"))
    assert to_line(message, RECEIVED_AT).payload_encoding == "text"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (WRAPPED, [("m1", WRAPPED.encode())]),
        (f"[{ORDER},{WRAPPED}]", [("m1#1", ORDER.encode()), ("m1#2", WRAPPED.encode())]),
        (f"\ufeff[{ORDER}]", [("m1#1", ORDER.encode())]),
        ("no json", [("m1", b"no json")]),
        (notification(ORDER), [("m1", notification(ORDER).encode())]),
    ],
)
def test_a_notification_holds_whatever_a_body_may(
    message: str, expected: list[tuple[str, bytes]]
) -> None:
    assert parts(notification(message)) == expected
    assert all(m.sns == DELIVERY for m in messages_of(Message(notification(message).encode(), "m")))


@pytest.mark.parametrize("body", [ORDER, "{}", notification(ORDER)])
def test_a_byte_order_mark_before_json_goes(body: str) -> None:
    assert parts(BOM + body.encode()) == parts(body)


def test_a_byte_order_mark_before_an_array_goes() -> None:
    assert parts(BOM + f"[{ORDER},{STATUS}]".encode()) == parts(f"[{ORDER},{STATUS}]")


@pytest.mark.parametrize("rest", [b"", b"text", b"\xff", b'{"a":"\xff"}', BOM + b"{}"])
def test_before_anything_else_it_stays(rest: bytes) -> None:
    assert parts(BOM + rest) == [("m1", BOM + rest)]


@pytest.mark.parametrize("body", [f"[{ORDER}]", notification(ORDER)])
def test_a_replay_is_a_payload_and_stays_whole(body: str) -> None:
    assert parts(body, replay=Replay("m0")) == [("m1", body.encode())]
    assert parts(BOM + body.encode(), replay=Replay("m0")) == [("m1", BOM + body.encode())]
