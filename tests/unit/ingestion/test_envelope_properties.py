"""Properties of landing that hold for any input."""

import base64
import gzip
import json
import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion.envelope import MAX_LINE_BYTES, Line, Message, to_line
from ingestion.json_text import has_long_number, is_too_deep, on_one_line, reads_alike
from ingestion.landing import line_objects
from ingestion.unpacking import MIN_MEAN_EVENT_BYTES, messages_of

RECEIVED_AT = datetime(2026, 1, 14, 20, tzinfo=UTC)

WHITESPACE = st.text(" \t\r\n", max_size=2)
CHARACTERS = st.characters(exclude_categories=["Cs"])
NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,9})?([eE][-+]?[0-9]{1,4})?", fullmatch=True
)


@st.composite
def json_strings(draw: st.DrawFn) -> str:
    """A JSON string token with raw characters and escapes, however useless."""
    raw = CHARACTERS.map(lambda c: json.dumps(c, ensure_ascii=False)[1:-1])
    escaped = CHARACTERS.map(lambda c: json.dumps(c)[1:-1])
    odd = st.sampled_from(
        [r"\/", r"\u0041", r"\uD83D\uDE00", r"\\ud800", "{", "[", "]", r"\"", r"\u0000"]
    )
    return '"' + "".join(draw(st.lists(raw | escaped | odd, max_size=6))) + '"'


def json_texts(draw: st.DrawFn, depth: int) -> str:
    """A JSON value as text, with whitespace in every place that allows it."""
    kind = draw(st.integers(0, 4 if depth else 2))
    if kind == 0:
        return draw(json_strings())
    if kind == 1:
        return draw(NUMBERS)
    if kind == 2:
        return draw(st.sampled_from(["true", "false", "null"]))
    space = draw(WHITESPACE)
    if kind == 3:
        items = [json_texts(draw, depth - 1) for _ in range(draw(st.integers(0, 3)))]
        return f"[{space}{f'{space},'.join(items)}]"
    return object_text(draw, depth)


def object_text(draw: st.DrawFn, depth: int) -> str:
    space = draw(WHITESPACE)
    keys = json_strings() | st.sampled_from(
        [
            '"event_id"',
            '"event_type"',
            '"event_ts"',
            '"specversion"',
            '"id"',
            '"source"',
            '"detail"',
        ]
    )
    members = [
        f"{draw(keys)}{space}:{json_texts(draw, depth - 1)}" for _ in range(draw(st.integers(0, 4)))
    ]
    return f"{{{space}{f'{space},{space}'.join(members)}{space}}}"


@st.composite
def json_objects(draw: st.DrawFn) -> str:
    """A JSON object as text."""
    return object_text(draw, 3)


@st.composite
def mangled_objects(draw: st.DrawFn) -> bytes:
    """A JSON object with a piece cut out, doubled or put in: mostly not JSON."""
    body = draw(json_objects()).encode()
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
    piece = draw(
        st.sampled_from([b"", body[start:end] * 2, b"NaN", b"\\ud800", b"\xff", b"\n", b'"', b"0"])
    )
    return body[:start] + piece + body[end:]


def in_a_notification(message: str) -> str:
    """An SNS notification around a message, as a queue without raw delivery gets it."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "n1",
            "TopicArn": "arn:aws:sns:eu-west-1:111122223333:orders",
            "Message": message,
            "Timestamp": "2026-01-14T20:00:00.000Z",
        },
        indent=2,
    )


BODIES = st.binary(max_size=64) | st.text(max_size=64).map(str.encode) | mangled_objects()


def reference(body: bytes) -> Any:
    """What the standard library reads in a body that is a JSON object, None for others."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        # Keys and values as lists, so that duplicate keys and their order count.
        value = json.loads(
            body.decode(),
            parse_float=str,
            parse_int=str,
            parse_constant=refuse,
            object_pairs_hook=lambda pairs: {"object": pairs},
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def payload_in(line: bytes) -> bytes:
    return line.split(b',"payload":', 1)[1][:-1]


@given(BODIES)
@example(b"")
@example(b'{"a":\n1}')
@settings(max_examples=200)
def test_any_body_is_one_canonical_line_that_gives_it_back(body: bytes) -> None:
    line = to_line(Message(body, "m1"), RECEIVED_AT)
    assert not re.search(rb"[\x00-\x1f]", line.data)
    assert len(line.data) <= MAX_LINE_BYTES
    envelope = json.loads(line.data.decode("utf-8", errors="strict"))
    json.dumps(envelope, ensure_ascii=False).encode()
    payload = envelope["payload"]
    if line.payload_encoding == "json":
        assert reference(body) is not None
        assert reference(payload_in(line.data)) == reference(body)
    elif line.payload_encoding == "text":
        assert payload.encode() == body
        assert reference(body) is None
    else:
        assert base64.b64decode(payload, validate=True) == body


@given(json_objects(), st.booleans())
@settings(max_examples=200)
def test_any_object_is_spliced_verbatim(text: str, wrap: bool) -> None:
    body = f'{{"source":"s","detail" :{text},"detail-type":"t"}}' if wrap else text
    line = to_line(Message(body.encode(), "m1"), RECEIVED_AT)
    assert line.payload_encoding == "json"
    assert payload_in(line.data) == re.sub("[\r\n\t]", " ", text).encode()


@given(
    st.lists(json_objects() | st.sampled_from(["null", "5", "[{}]", '"{}"']), max_size=5),
    WHITESPACE,
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=200)
def test_of_an_array_each_element_is_one_line_with_its_bytes(
    elements: list[str], space: str, marked: bool, notified: bool
) -> None:
    array = f"{space}[{space}{f'{space},'.join(elements)}{space}]"
    body = ("\ufeff" if marked else "") + (in_a_notification(array) if notified else array)
    lines = [to_line(message, RECEIVED_AT) for message in messages_of(Message(body.encode(), "m1"))]
    is_batch = any(element.startswith("{") for element in elements) and (
        len(elements) * MIN_MEAN_EVENT_BYTES <= len(array.encode())
    )
    if not is_batch:
        assert [line.message_id for line in lines] == ["m1"]
        assert json.loads(lines[0].data)["payload"] == array
        return
    assert [line.message_id for line in lines] == [f"m1#{n + 1}" for n in range(len(elements))]
    for element, line in zip(elements, lines, strict=True):
        payload = json.loads(line.data)["payload"]
        if element.startswith("{"):
            assert payload_in(line.data) == re.sub("[\r\n\t]", " ", element).encode()
        else:
            assert payload == element


@given(BODIES, st.sampled_from([b"", b"[", b"\xef\xbb\xbf", b"\xef\xbb\xbf[", b'{"Type":']))
@settings(max_examples=200)
def test_any_body_is_at_least_one_line_and_all_have_ids_of_their_own(
    body: bytes, before: bytes
) -> None:
    messages = messages_of(Message(before + body, "m1"))
    assert len(messages) >= 1
    assert len({message.message_id for message in messages}) == len(messages)
    for message in messages:
        line = to_line(message, RECEIVED_AT)
        json.loads(line.data.decode("utf-8", errors="strict"))
        assert not re.search(rb"[\x00-\x1f]", line.data)
    if len(messages) == 1 and messages[0].message_id == "m1":
        # Whole, but for a mark before JSON.
        assert (before + body).removeprefix(b"\xef\xbb\xbf") == messages[0].body.removeprefix(
            b"\xef\xbb\xbf"
        )


@given(json_objects(), st.booleans())
@settings(max_examples=200)
def test_a_cloudevents_data_is_an_object_however_it_came(data: str, as_text: bool) -> None:
    sent = json.dumps(data) if as_text else f'"{base64.b64encode(data.encode()).decode()}"'
    member = "data" if as_text else "data_base64"
    body = f'{{"specversion":"1.0","{member}":{sent},"id":"e1"}}'
    line = to_line(Message(body.encode(), "m1"), RECEIVED_AT)
    carried = re.sub("[\r\n\t]", " ", data)
    expected = f'{{"specversion":"1.0","data":{carried},"id":"e1"}}'
    assert payload_in(line.data) == expected.encode()


@given(
    st.integers(95, 105),
    st.integers(95, 105),
    st.text('[]{}"\\1', max_size=250).map(json.dumps),
    st.integers(0, 25),
)
@settings(max_examples=200)
def test_limits_are_exact_whatever_strings_hold(
    depth: int, digits: int, string: str, shift: int
) -> None:
    nested = '{"a":' * (depth % 3) + "[" * (depth - depth % 3)
    closed = "]" * (depth - depth % 3) + "}" * (depth % 3)
    deep = f"{nested}{string}{closed}".encode()
    assert is_too_deep(deep) == (depth > 100)
    long = f'{{"b":{string},{" " * shift}"a":{"7" * digits}}}'.encode()
    assert has_long_number(long) == (digits > 100)
    assert reads_alike(deep) == (depth <= 100)
    assert reads_alike(long) == (digits <= 100)


@given(json_objects())
def test_one_line_means_the_same(text: str) -> None:
    assert reference(on_one_line(text.encode())) == reference(text.encode())


@given(
    st.lists(
        st.tuples(
            BODIES | json_objects().map(str.encode),
            st.sampled_from([b"", b'{"event_type":"order_created"}', b"[]"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=50)
def test_grouping_loses_nothing_and_mixes_nothing(bodies: list[tuple[bytes, bytes]]) -> None:
    lines = [
        to_line(Message(typical or body, f"m{number}"), RECEIVED_AT)
        for number, (body, typical) in enumerate(bodies)
    ]
    objects = line_objects(lines, RECEIVED_AT, "batch")
    assert len({o.key for o in objects}) == len(objects) <= 3
    found: list[Line] = []
    for raw_object in objects:
        data = gzip.decompress(raw_object.body)
        assert data.endswith(b"\n")
        assert data[:-1].split(b"\n") == [line.data for line in raw_object.lines]
        for line in raw_object.lines:
            event_type = json.loads(line.data)["event_type"]
            assert raw_object.key.startswith(f"events/event_type={event_type}/dt=2026-01-14/")
        found.extend(raw_object.lines)
    assert sorted(found, key=lambda line: line.message_id) == sorted(
        lines, key=lambda line: line.message_id
    )
