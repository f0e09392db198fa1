"""The envelope: each field of each kind of body, and every kind of bad input as data."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ingestion.envelope import MAX_LINE_BYTES, Line, Message, Replay, to_line

RECEIVED_AT = datetime(2026, 1, 14, 20, 0, 0, 123456, tzinfo=UTC)
FIELDS = [
    "envelope_version",
    "event_id",
    "event_type",
    "event_name",
    "event_ts",
    "source",
    "received_at",
    "message_id",
    "replayed_from",
    "payload_encoding",
    "payload",
]
OPTIONAL_FIELDS = ["eventbridge", "sns", "data_encoding"]
ORDER = (
    b'{"event_id":"e1","event_type":"order_created","event_ts":"2026-01-14T20:00:00Z",'
    b'"order_id":"o1","customer_id":"c1","amount":1.10}'
)


def line_of(body: bytes | str, **attributes: Any) -> Line:
    body = body.encode() if isinstance(body, str) else body
    return to_line(Message(body, "m1", **attributes), RECEIVED_AT)


def envelope_of(body: bytes | str, **attributes: Any) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(line_of(body, **attributes).data)
    assert [field for field in envelope if field not in OPTIONAL_FIELDS] == FIELDS
    assert list(envelope)[-1] == "payload"
    return envelope


def payload_text(line: Line) -> bytes:
    """The payload's bytes in the line: the rest of it, as the payload is the last field."""
    return line.data.split(b',"payload":', 1)[1][:-1]


def eventbridge(detail: str, detail_type: str = "order_created", source: str = "shop") -> str:
    return (
        f'{{"version":"0","id":"b1","detail-type":{json.dumps(detail_type)},"source":{json.dumps(source)},"time":"2026-01-14T20:00:01Z",'
        f'"resources":[],"detail":{detail}}}'
    )


def sha256(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def test_flat_event() -> None:
    line = line_of(ORDER)
    assert line.data == (
        b'{"envelope_version":1,"event_id":"e1","event_type":"order_created",'
        b'"event_name":"order_created","event_ts":"2026-01-14T20:00:00Z","source":"direct",'
        b'"received_at":"2026-01-14T20:00:00.123456Z","message_id":"m1","replayed_from":null,'
        b'"payload_encoding":"json","payload":' + ORDER + b"}"
    )
    assert (line.event_type, line.payload_encoding, line.message_id) == (
        *("order_created", "json", "m1"),
    )
    assert not (line.is_unknown)
    assert not (line.is_malformed)
    assert not (line.oversized)


def test_eventbridge_event_gives_its_detail() -> None:
    line = line_of(eventbridge(ORDER.decode(), detail_type="something_else"))
    assert payload_text(line) == ORDER
    envelope = json.loads(line.data)
    assert envelope["source"] == "shop"
    assert envelope["event_name"] == "order_created"
    assert envelope["event_ts"] == "2026-01-14T20:00:00Z"


@pytest.mark.parametrize("event_type", ["", '"event_type":null,'])
def test_detail_type_names_an_event_without_a_type(event_type: str) -> None:
    envelope = envelope_of(eventbridge(f'{{{event_type}"event_id":"e1"}}'))
    assert envelope["event_name"] == envelope["event_type"] == "order_created"


def test_cloudevent() -> None:
    body = (
        '{"specversion":"1.0","id":"e1","type":"order_created","source":"/checkout",'
        '"time":"2026-01-14T20:00:00Z","event_id":"no","event_type":"no","data":{"order_id":"o1"}}'
    )
    for sent in (body, eventbridge(body)):
        line = line_of(sent, source="feed")
        assert payload_text(line) == body.encode()
        envelope = json.loads(line.data)
        assert envelope["event_id"] == "e1"
        assert envelope["event_type"] == envelope["event_name"] == "order_created"
        assert envelope["event_ts"] == "2026-01-14T20:00:00Z"
        assert envelope["source"] == "/checkout"


@pytest.mark.parametrize("sent", ["", ',"source":null', ',"source":7', ',"source":""'])
def test_cloudevent_without_a_source_has_the_transports(sent: str) -> None:
    body = f'{{"specversion":"1.0","type":"order_created"{sent}}}'
    assert envelope_of(body)["source"] == "direct"
    assert envelope_of(body, source="feed")["source"] == "feed"
    assert envelope_of(eventbridge(body), source="feed")["source"] == "shop"


def test_flat_events_own_source_is_a_field_like_others() -> None:
    assert envelope_of('{"event_type":"order_created","source":"x"}')["source"] == "direct"


def test_object_with_a_specversion_that_is_not_text_is_flat() -> None:
    envelope = envelope_of('{"specversion":1,"id":"no","event_id":"e1","source":"no"}')
    assert (envelope["event_id"], envelope["source"]) == ("e1", "direct")


@pytest.mark.parametrize(
    "body",
    [
        '{"detail-type":"t","source":"s"}',
        '{"detail-type":5,"source":"s","detail":{}}',
        '{"detail-type":"t","source":null,"detail":{}}',
        '{"source":"s","detail":{}}',
    ],
)
def test_what_only_resembles_an_eventbridge_event_is_bare(body: str) -> None:
    assert payload_text(line_of(body)) == body.encode()


@pytest.mark.parametrize("detail", ["[1]", '"{}"', "5", "null", "true"])
def test_detail_that_is_no_object_lands_as_text(detail: str) -> None:
    envelope = envelope_of(eventbridge(detail))
    assert (envelope["payload_encoding"], envelope["payload"]) == ("text", detail)
    assert (envelope["event_type"], envelope["event_name"]) == ("unknown", "order_created")
    assert (envelope["source"], envelope["event_id"]) == ("shop", sha256(detail))


@pytest.mark.parametrize(
    "payload",
    [
        '{"event_type":"order_created","id":1234567890123456789}',
        '{"event_type":"order_created","amount":1.10}',
        '{"event_type":"order_created","amount":1E+2,"b":-0,"c":-0.0e-0,"d":1e99999}',
        '{"event_type":"order_created","a":1,"a":2}',
        r'{"event_type":"order_created","a":"\u00e9\/\ud83d\ude00\\ud800\"\b"}',
        '{"event_type":"order_created","a":"é日😀\u2028\x7f"}',
        '{"z":1,"event_type":"order_created","a":{"y":[],"b":{}}}',
        '{ "event_type" : "order_created" , "a" : [ 1 , 2 ] } ',
    ],
)
def test_payload_is_verbatim(payload: str) -> None:
    for sent in (payload, eventbridge(payload)):
        line = line_of(sent)
        assert line.event_type == "order_created"
        assert payload_text(line).strip() == payload.encode().strip()


def test_control_bytes_between_tokens_become_spaces_and_the_hash_is_of_what_was_sent() -> None:
    body = b'{\r\n\t"event_type":\n"order_created",\r"a":"\\n"}\n'
    line = line_of(body)
    assert payload_text(line) == b'{   "event_type": "order_created", "a":"\\n"} '
    assert json.loads(line.data)["event_id"] == sha256(body)


def test_envelope_takes_the_last_of_duplicate_keys() -> None:
    body = '{"event_id":"a","event_type":"x","event_id":"b","event_type":"order_created"}'
    envelope = envelope_of(body)
    assert (envelope["event_id"], envelope["event_type"]) == ("b", "order_created")


@pytest.mark.parametrize("event_id", ["", '"event_id":null,', '"event_id":7,', '"event_id":{},'])
def test_hash_stands_in_for_an_event_id_that_is_not_text(event_id: str) -> None:
    body = f'{{{event_id}"event_type":"order_created"}}'
    for sent in (body, eventbridge(body)):
        envelope = envelope_of(sent)
        assert envelope["event_id"] == sha256(body)
        assert envelope["event_type"] == "order_created"


def test_empty_event_id_is_kept() -> None:
    assert envelope_of('{"event_id":""}')["event_id"] == ""


@pytest.mark.parametrize(
    ("event_ts", "expected"),
    [
        ("null", None),
        ("1768420800.5", "1768420800.5"),
        ("true", "true"),
        ('{"a":\n"b"}', '{"a":\n"b"}'),
        ("[" + "1," * 40 + "1]", "[" + "1," * 31 + "1"),
        ('"%s"' % ("9" * 100), "9" * 100),
        ('""', ""),
    ],
)
def test_event_ts_is_text_or_the_start_of_its_json(event_ts: str, expected: str | None) -> None:
    body = f'{{"event_id":"e1","event_type":"order_created","event_ts":{event_ts}}}'
    envelope = envelope_of(body)
    assert envelope["event_ts"] == expected
    assert (envelope["event_id"], envelope["event_type"]) == ("e1", "order_created")


def test_escaped_name_of_a_known_type_is_known() -> None:
    assert envelope_of(r'{"event_\u0074ype":"order\u005fcreated"}')["event_type"] == "order_created"


REPLAY = Replay(replayed_from="m0", source="shop", event_id="e0", event_name="order_created")


def test_replay_keeps_the_repeated_lines_fields() -> None:
    envelope = envelope_of('{"event_id":"e1","event_ts":"t"}', replay=REPLAY, source="feed")
    assert envelope["replayed_from"] == "m0"
    assert envelope["message_id"] == "m1"
    assert envelope["source"] == "shop"
    assert envelope["event_id"] == "e0"
    assert envelope["event_type"] == envelope["event_name"] == "order_created"
    assert envelope["event_ts"] == "t"


def test_replay_of_text_stays_text() -> None:
    envelope = envelope_of("[1]", replay=REPLAY)
    assert (envelope["event_type"], envelope["event_name"]) == ("unknown", "order_created")
    assert (envelope["event_id"], envelope["payload"]) == ("e0", "[1]")


def test_replay_leaves_what_it_does_not_name_to_the_body() -> None:
    envelope = envelope_of(ORDER, replay=Replay(replayed_from="m0"), source="feed")
    assert (envelope["event_id"], envelope["source"]) == ("e1", "feed")
    assert envelope["event_type"] == "order_created"


def test_replayed_payload_is_not_unwrapped_again() -> None:
    payload = eventbridge(ORDER.decode())
    assert payload_text(line_of(payload, replay=REPLAY)) == payload.encode()
    assert payload_text(line_of(eventbridge(payload))) == payload.encode()


def test_received_at_is_utc_with_microseconds() -> None:
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    envelope = json.loads(to_line(Message(b"{}", "m1"), moment).data)
    assert envelope["received_at"] == "2025-12-31T23:30:00.000000Z"


def test_oversized_key_has_the_day_of_arrival_in_utc() -> None:
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    oversized = to_line(Message(b"x" * MAX_LINE_BYTES, "m1"), moment).oversized
    assert oversized is not None
    assert oversized.key.startswith("oversized/dt=2025-12-31/")
