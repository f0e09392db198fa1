from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.envelope import Message, to_line
from ingestion.ingester import utc_now
from retailpulse.bodies import MAX_DOCUMENT_BYTES, read_bodies

DETAIL = '{"event_id":"e1","event_type":"order_created","amount":1.10,"big":1234567890123456789}'
ENTRY = {"Source": "shop", "DetailType": "order_created", "Detail": DETAIL, "EventBusName": "b"}
EVENT = b'{"event_id": "e1", "amount": 1.10, "amount": 2}'


def bodies(data: bytes) -> list[bytes]:
    return [each.body for each in read_bodies(io.BytesIO(data))]


def payload(body: bytes) -> tuple[str, str, object]:
    envelope = json.loads(to_line(Message(body, "m"), utc_now()).data)
    return envelope["source"], envelope["event_name"], envelope["payload"]


def test_a_line_goes_as_the_bytes_that_it_is() -> None:
    lines = [EVENT, b"not json", b'{"a":"\xff"}', b"17", b" {} ", b"[1, 2]", b"\xef\xbb\xbf{}"]
    assert bodies(b"\n".join(lines)) == lines


def test_line_ends_and_blank_lines_are_no_bodies_and_rows_are_lines() -> None:
    read = list(read_bodies(io.BytesIO(b"\n" + EVENT + b"\r\n\n  \n" + EVENT)))
    assert [(each.row, each.body) for each in read] == [(2, EVENT), (5, EVENT)]
    assert bodies(b"") == bodies(b"\n \n") == []


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(ENTRY),
        json.dumps(ENTRY, indent=4),
        json.dumps([ENTRY]),
        json.dumps([ENTRY], indent=4) + "\n\n",
        json.dumps({"Entries": [ENTRY]}),
        "\n" + json.dumps({"Entries": [ENTRY]}, indent=4),
    ],
)
def test_an_entry_becomes_what_the_bus_delivers_in_every_form(data: str) -> None:
    [body] = bodies(data.encode())
    assert f'"detail":{DETAIL}'.encode() in body
    source, name, detail = payload(body)
    assert (source, name, detail) == ("shop", "order_created", json.loads(DETAIL))


def test_entries_and_events_may_be_mixed() -> None:
    entry = json.dumps(ENTRY).encode()
    assert len(bodies(entry + b"\n" + EVENT + b"\n" + entry)) == 3
    first, second = read_bodies(io.BytesIO(b"[" + entry + b",\n" + EVENT + b"]"))
    assert (first.row, second.row, second.body) == (1, 2, EVENT)


def test_an_entry_with_a_detail_that_is_no_json_lands_as_data() -> None:
    [read] = read_bodies(io.BytesIO(json.dumps({**ENTRY, "Detail": "{oops"}).encode()))
    assert (read.body, read.source) == (b"{oops", "shop")


def test_a_detail_cannot_speak_for_its_entry() -> None:
    escaping = '{}, "source": "other", "detail": {}'
    [body] = bodies(json.dumps({**ENTRY, "Detail": escaping}).encode())
    assert body == escaping.encode()


def test_one_event_over_several_lines_is_one_body() -> None:
    event = b'{\n  "event_id": "e1",\n  "amount": 1.10\n}'
    assert bodies(event + b"\n") == [event]


def test_a_broken_document_is_lines() -> None:
    assert bodies(b"{\n  oops\n}\n") == [b"{", b"  oops", b"}"]
    assert bodies(b"[1]\n{}\n") == [b"[1]", b"{}"]
    assert bodies(b'[{"a":1}]\n{}\n') == [b'[{"a":1}]', b"{}"]


def test_what_is_too_large_for_a_document_is_lines_and_none_is_lost() -> None:
    line = b'"' + b"x" * 999_999 + b'"'
    count = MAX_DOCUMENT_BYTES // len(line) + 3
    data = b"{\n" + b"\n".join([line] * count)
    assert bodies(data) == [b"{"] + [line] * count


def test_what_follows_a_document_in_a_large_file_is_not_lost() -> None:
    assert bodies(b"{\n}" + b" " * MAX_DOCUMENT_BYTES + b"\n" + EVENT)[-1] == EVENT


def test_a_pipe_is_passed_on_line_by_line() -> None:
    class Pipe(io.BytesIO):
        lines_read = 0

        def __next__(self) -> bytes:
            self.lines_read += 1
            return super().__next__()

        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("it would wait for the end")

    pipe = Pipe(EVENT + b"\n" + EVENT + b"\n")
    assert next(read_bodies(pipe)).body == EVENT
    assert pipe.lines_read == 1


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=6))
def test_lines_of_any_bytes_are_all_there(lines: list[bytes]) -> None:
    data = b'{"first": 1}\n' + b"\n".join(lines)
    kept = [line.removesuffix(b"\r") for line in lines[:-1]] + lines[-1:]
    expected = [line for line in kept if line.strip(b" \t\r\n")]
    # The last line has no line feed, so its carriage return may be its own.
    assert [body.removesuffix(b"\r") for body in bodies(data)[1:]] == [
        line.removesuffix(b"\r") for line in expected
    ]


@given(st.binary(max_size=60))
def test_no_bytes_are_refused(data: bytes) -> None:
    bodies(data)
    bodies(b'{"Source":"s","DetailType":"d","Detail":"' + data + b'"}')
