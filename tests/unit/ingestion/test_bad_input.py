"""Every kind of bad input lands as data: in one line, with its bytes, in no path."""

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest

from ingestion.envelope import MAX_LINE_BYTES, Line, Message, to_line

RECEIVED_AT = datetime(2026, 1, 14, 20, tzinfo=UTC)
ORDER = (
    b'{"event_id":"e1","event_type":"order_created","event_ts":"2026-01-14T20:00:00Z",'
    b'"order_id":"o1","customer_id":"c1","amount":1.10}'
)


def line_of(body: bytes | str) -> Line:
    body = body.encode() if isinstance(body, str) else body
    return to_line(Message(body, "m1"), RECEIVED_AT)


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


@pytest.mark.parametrize(
    ("event_type", "name"),
    [
        ("7", "7"),
        ("true", "true"),
        ('["order_created"]', '["order_created"]'),
        ('""', ""),
        ('"../../x"', "../../x"),
        ('"order_created "', "order_created "),
        ('"Order_Created"', "Order_Created"),
        ('"unknown"', "unknown"),
        ('"a\\u0000\\n/b"', "a\x00\n/b"),
        ('"%s"' % ("é" * 10_000), "é" * 256),
        ("[%s1]" % ("1," * 10_000), "[" + "1," * 127 + "1"),
    ],
)
def test_event_name_is_as_sent_and_never_a_partition(event_type: str, name: str) -> None:
    for sent in (
        f'{{"event_id":"e1","event_type":{event_type}}}',
        f'{{"specversion":"1.0","id":"e1","type":{event_type}}}',
    ):
        line = line_of(sent)
        envelope = json.loads(line.data)
        assert (envelope["event_name"], envelope["event_id"]) == (name, "e1")
        assert line.event_type == envelope["event_type"] == "unknown"
        assert line.is_unknown
        assert not line.is_malformed


DEEP = '{"event_type":"order_created","a":%s}'
NUMBER = '{"event_type":"order_created","a":[{"b":%s}]}'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "not json",
        "null",
        "true",
        "5",
        '"text"',
        "[{}]",
        "{",
        "{}{}",
        "{} x",
        '{"a":1,}',
        "{'a':1}",
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":[NaN]}',
        '{"a":01}',
        '{"a":1.}',
        '{"a":.5}',
        '{"a":+1}',
        '{"a":0x1}',
        '{"a":"\n"}',
        '{"a":"\x01"}',
        '{"a":"\t"}',
        '{"a":"\x00"}',
        '{"a\x1f":1}',
        '{"a":"\\x"}',
        '{"a":"\\u12"}',
        r'{"a":"\ud800"}',
        r'{"a":"\udc00"}',
        r'{"a":"\ud800\ud800"}',
        r'{"a":"\ud800\u0041"}',
        r'{"a":{"\ud800":1}}',
        r'{"event_type":"\ud800"}',
        "\ufeff{}",
        "{}\x00",
        "\x00",
        "{}\x0b",
        "\x0c{}",
        "{\xa0}",
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        '{"a":%s}' % ("[" * 1_000 + "]" * 1_000),
        '{"a":%s}' % ("[" * 100 + "]" * 100),
        '{"a":"\\"[",%s}' % ('"a":%s' % ("[" * 100 + "]" * 100)),
        '{"a":%s}' % ("1" * 10_000),
        '{"a":%s}' % ("1" * 101),
        '{"a":-%s}' % ("1" * 100),
        '{"a":1.%s}' % ("0" * 99),
        '{"a":1e+%s}' % ("0" * 98),
        '{"a":[[{"b":%s}]]}' % ("1" * 101),
        '{"a":"\\\\","b":%s}' % ("1" * 101),
    ],
)
def test_anything_else_lands_as_text(body: str) -> None:
    line = line_of(body)
    envelope = json.loads(line.data)
    assert line.event_type == envelope["event_type"] == "unknown"
    assert line.payload_encoding == envelope["payload_encoding"] == "text"
    assert envelope["payload"] == body
    assert envelope["event_id"] == sha256(body)
    assert line.is_malformed
    assert not line.is_unknown


@pytest.mark.parametrize(
    "body",
    [
        DEEP % ("[" * 99 + "]" * 99),
        DEEP % ('{"a":' * 99 + "1" + "}" * 99),
        DEEP % ('"' + "[" * 1_000 + '\\"' + "{" * 1_000 + '\\\\"'),
        DEEP % ("[" + "{}," * 10_000 + "[]]"),
        NUMBER % ("1" * 100),
        NUMBER % ('"' + "1" * 10_000 + '"'),
        NUMBER % ('"\\"' + "1" * 10_000 + '\\\\"'),
        NUMBER % ("[" + "1," * 500 + "1]"),
    ],
)
def test_what_only_resembles_too_deep_or_too_long_is_spliced(body: str) -> None:
    line = line_of(body)
    assert line.event_type == "order_created"
    assert payload_text(line) == body.encode()


def test_fields_of_an_unspliceable_object_are_in_its_envelope() -> None:
    body = '{"event_id":"e1","event_type":"order_created","event_ts":"t","a":%s}' % ("1" * 101)
    envelope = json.loads(line_of(eventbridge(body, detail_type="x")).data)
    assert envelope["payload"] == body
    assert (envelope["event_id"], envelope["event_ts"]) == ("e1", "t")
    assert (envelope["event_name"], envelope["event_type"]) == ("order_created", "unknown")


@pytest.mark.parametrize("body", [b"\xff", ORDER + b"\xff", b'{"a":"\xed\xa0\x80"}', b"\xc0\x80"])
def test_bytes_that_are_not_utf8_land_as_base64(body: bytes) -> None:
    line = line_of(body)
    envelope = json.loads(line.data)
    assert envelope["payload_encoding"] == "base64"
    assert base64.b64decode(envelope["payload"], validate=True) == body
    assert envelope["event_id"] == sha256(body)
    assert envelope["event_type"] == "unknown"
    assert envelope["event_name"] is None
    assert line.is_malformed


def padded(size: int) -> bytes:
    """An order whose line has this size."""
    body = b'{"event_id":"e1","event_type":"order_created","event_ts":"t","a":"%s"}'
    overhead = len(line_of(body % b"").data)
    return body % (b"x" * (size - overhead))


def test_line_of_one_mebibyte_is_spliced() -> None:
    line = line_of(padded(MAX_LINE_BYTES))
    assert len(line.data) == MAX_LINE_BYTES == 1024 * 1024
    assert line.event_type == "order_created"
    assert line.oversized is None


def test_larger_line_keeps_head_size_and_hash_and_the_body_lies_beside() -> None:
    body = padded(MAX_LINE_BYTES + 1)
    line = line_of(body)
    envelope = json.loads(line.data)
    key = f"oversized/dt=2026-01-14/{sha256(body)}"
    assert envelope["payload"] == {
        "oversized_head": body[:1024].decode(),
        "oversized_bytes": len(body),
        "oversized_sha256": sha256(body),
        "oversized_object": key,
    }
    assert envelope["event_id"] == sha256(body)
    assert envelope["event_name"] == "order_created"
    assert (line.event_type, envelope["event_type"]) == ("unknown", "unknown")
    assert (line.payload_encoding, envelope["payload_encoding"]) == ("json", "json")
    assert line.oversized is not None
    assert (line.oversized.key, line.oversized.body) == (key, body)
    assert not (line.is_unknown)
    assert not (line.is_malformed)


@pytest.mark.parametrize(
    "body",
    [
        b"\x00" * 200_000,
        b"\xff" * 800_000,
        "😀".encode() * 300_000,
        b'{"event_id":"%s"}' % (b"i" * 600_000),
        b'{"event_ts":"%s"}' % (b"t" * 1_100_000),
        b'{"specversion":"1.0","source":"%s"}' % (b"s" * 1_100_000),
        eventbridge("{}", detail_type="t" * 1_100_000, source="s" * 1_100_000).encode(),
    ],
)
def test_whatever_is_large_the_line_is_not(body: bytes) -> None:
    line = line_of(body)
    assert len(line.data) < 16_384 or line.oversized is None
    envelope = json.loads(line.data)
    assert len(envelope) == 11
    if line.oversized is not None:
        assert len(envelope["payload"]["oversized_head"]) == 1024


def test_eventbridge_wrapper_does_not_count() -> None:
    body = eventbridge(ORDER.decode()).replace("[]", '["%s"]' % ("x" * MAX_LINE_BYTES))
    line = line_of(body)
    assert line.event_type == "order_created"
    assert payload_text(line) == ORDER
