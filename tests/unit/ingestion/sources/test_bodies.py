from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.envelope import Message, to_line
from ingestion.ingester import utc_now
from ingestion.sources.bodies import read_bodies

DETAIL = '{"event_id":"e1","event_type":"order_created","amount":1.10,"big":1234567890123456789}'
ENTRY = {"Source": "shop", "DetailType": "order_created", "Detail": DETAIL, "EventBusName": "b"}
EVENT = b'{"event_id": "e1", "amount": 1.10, "amount": 2}'


def bodies(data: bytes) -> list[bytes]:
    return [each.body for each in read_bodies([data])]


def payload(body: bytes) -> tuple[str, str, object]:
    envelope = json.loads(to_line(Message(body, "m"), utc_now()).data)
    return envelope["source"], envelope["event_name"], envelope["payload"]


def test_bodies_are_numbered_as_they_come() -> None:
    read = list(read_bodies([b"\n" + EVENT + b"\r\noops\n[" + EVENT + b"," + EVENT + b"]"]))
    assert [(each.row, each.body, each.is_object) for each in read] == [
        (1, EVENT, True),
        (2, b"oops", False),
        (3, EVENT, True),
        (4, EVENT, True),
    ]
    assert bodies(b"") == []


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
    first, second = read_bodies([b"[" + entry + b",\n" + EVENT + b"]"])
    assert (first.row, second.row, second.body) == (1, 2, EVENT)


def test_an_entry_with_a_detail_that_is_no_json_lands_as_data() -> None:
    [read] = read_bodies([json.dumps({**ENTRY, "Detail": "{oops"}).encode()])
    assert (read.body, read.source) == (b"{oops", "shop")


def test_a_detail_cannot_speak_for_its_entry() -> None:
    escaping = '{}, "source": "other", "detail": {}'
    [body] = bodies(json.dumps({**ENTRY, "Detail": escaping}).encode())
    assert body == escaping.encode()


def test_an_event_may_have_a_field_of_the_name_of_entries() -> None:
    for event in (b'{"Entries": []}', b'{"Entries": [1]}', b'{"Entries": 2}', b'{"a": "Entries"}'):
        assert bodies(event) == [event]


@given(st.binary(max_size=60))
def test_no_bytes_are_refused(data: bytes) -> None:
    bodies(data)
    bodies(b'{"Source":"s","DetailType":"d","Detail":"' + data + b'"}')
