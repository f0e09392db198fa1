"""Objects of a batch: keys and bytes."""

import gzip
from datetime import UTC, datetime, timedelta, timezone

from ingestion.envelope import Line, OversizedBody
from ingestion.landing import line_objects, oversized_objects

RECEIVED_AT = datetime(2026, 1, 14, 20, 59, 59, tzinfo=UTC)


def line(message_id: str, event_type: str, oversized: OversizedBody | None = None) -> Line:
    return Line(message_id, f'{{"id":"{message_id}"}}'.encode(), event_type, "json", oversized)


LINES = [line("1", "order_created"), line("2", "unknown"), line("3", "order_created")]


def test_a_batch_is_one_object_per_partition() -> None:
    objects = line_objects(LINES, RECEIVED_AT, "b1")
    assert {o.key: gzip.decompress(o.body) for o in objects} == {
        "events/event_type=order_created/dt=2026-01-14/hour=20/b1.ndjson.gz": (
            b'{"id":"1"}\n{"id":"3"}\n'
        ),
        "events/event_type=unknown/dt=2026-01-14/hour=20/b1.ndjson.gz": b'{"id":"2"}\n',
    }
    assert [[held.message_id for held in o.lines] for o in objects] == [["1", "3"], ["2"]]


def test_partition_is_the_hour_of_arrival_in_utc() -> None:
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    (raw_object, _) = line_objects(LINES, moment, "b1")
    assert "/dt=2025-12-31/hour=23/" in raw_object.key


def test_the_same_lines_are_the_same_bytes() -> None:
    first, second = (line_objects(LINES, RECEIVED_AT, "b1") for _ in range(2))
    assert first == second
    # RFC 1952: no flags (so no file name) and no modification time.
    assert first[0].body[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_an_object_is_compressed_as_its_source_says() -> None:
    objects = line_objects(LINES, RECEIVED_AT, "b1", lambda data: b"<" + data + b">")
    assert [o.body for o in objects] == [b'<{"id":"1"}\n{"id":"3"}\n>', b'<{"id":"2"}\n>']


def test_no_line_is_no_object() -> None:
    assert line_objects([], RECEIVED_AT, "b1") == []


def test_oversized_bodies_are_put_once_each() -> None:
    body = OversizedBody("oversized/dt=2026-01-14/abc", b"body")
    objects = oversized_objects([*LINES, line("4", "unknown", body), line("5", "unknown", body)])
    assert [(o.key, o.body, o.lines) for o in objects] == [(body.key, body.body, ())]
