"""A CloudEvent's data as text or base64: an object where staging looks for it."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from ingestion.envelope import Line, Message, to_line

RECEIVED_AT = datetime(2026, 1, 14, 20, tzinfo=UTC)
DATA = '{"order_id":"o1","amount":1.10,"note":"Æ \\u00e6"}'
EVENT = '{"specversion":"1.0","id" : "e1","type":"order_created","n":1.10,%s,"time":"t"}'


def line_of(body: str) -> Line:
    return to_line(Message(body.encode(), "m1"), RECEIVED_AT)


def payload_text(line: Line) -> str:
    return line.data.split(b',"payload":', 1)[1][:-1].decode()


def as_text(data: str) -> str:
    return EVENT % f'"data":{json.dumps(data)}'


def as_base64(data: str | bytes, more: str = "") -> str:
    data = data.encode() if isinstance(data, str) else data
    return EVENT % f'"data_base64":"{b64encode(data).decode()}"{more}'


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (as_text(DATA), "text"),
        (as_base64(DATA), "base64"),
        (as_base64(DATA, ',"data":null'), "base64"),
    ],
)
def test_data_takes_its_place_as_an_object_and_every_value_stays_its_bytes(
    body: str, encoding: str
) -> None:
    line = line_of(body)
    assert payload_text(line) == (EVENT % f'"data":{DATA}').replace(" : ", ":")
    envelope = json.loads(line.data)
    assert (envelope["data_encoding"], envelope["payload_encoding"]) == (encoding, "json")
    assert (envelope["event_id"], envelope["event_type"]) == ("e1", "order_created")


def test_in_an_eventbridge_event_as_well() -> None:
    wrapped = f'{{"detail-type":"t","source":"s","detail":{as_base64(DATA)}}}'
    assert json.loads(payload_text(line_of(wrapped)))["data"]["order_id"] == "o1"


def test_a_line_break_in_it_makes_no_second_line() -> None:
    line = line_of(as_base64('{"a":\r\n"b"}'))
    assert b"\n" not in line.data
    assert json.loads(payload_text(line))["data"] == {"a": "b"}


@pytest.mark.parametrize(
    "body",
    [
        *map(as_text, ("", "text", "[1]", "null", "5", '{"a":', '{"a":NaN}', '{"a":"\\ud800"}')),
        as_text('{"a":%s}' % ("1" * 101)),
        as_text("[" * 101 + "]" * 101),
        *(as_base64(data) for data in ("text", "[1]", b"\xff", b'{"a":"\xff"}')),
        EVENT % '"data_base64":"e30"',
        EVENT % '"data_base64":"no base64"',
        EVENT % '"data_base64":{}',
        EVENT % '"data":{"a":"{}"}',
        EVENT % f'"data":[1],"data_base64":"{b64encode(DATA.encode()).decode()}"',
        # Of two equal keys one would be lost.
        EVENT % f'"data":{json.dumps(DATA)},"a":1,"a":2',
        # Flat: `data` is a field like others.
        f'{{"event_type":"order_created","data":{json.dumps(DATA)}}}',
    ],
)
def test_anything_else_is_spliced_as_it_came(body: str) -> None:
    line = line_of(body)
    assert payload_text(line) == body
    assert "data_encoding" not in json.loads(line.data)
