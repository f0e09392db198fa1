"""Whatever happens to an object of raw is seen; what is kept of it is what was landed."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_objects import Finding, arrival_day, envelopes, inspect_object
from ingestion.raw_zone import FolderRawZone

AT = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
KEY = "events/event_type=order_created/dt=2026-03-10/hour=12/a.ndjson.gz"


def created(number: int) -> bytes:
    """An event as a producer sends it."""
    event = {"event_type": "order_created", "event_id": f"e{number}", "amount": number**3}
    return json.dumps(event).encode()


def landed(bodies: list[bytes], folder: Path) -> dict[str, bytes]:
    """The objects of a batch, by key, as the ingester lands them."""
    ingester = Ingester(FolderRawZone(folder), clock=lambda: AT, new_batch_id=lambda _: "a")
    ingester.land([Message(body, f"a#{row}") for row, body in enumerate(bodies)], lambda: 60.0)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An object of 200 events."""
    bodies = [created(number) for number in range(200)]
    return landed(bodies, tmp_path_factory.mktemp("raw"))[KEY]


def finding(body: bytes, key: str = KEY) -> Finding | None:
    return inspect_object(key, io.BytesIO(body))


def kept(body: bytes, key: str = KEY) -> list[bytes]:
    return list(envelopes(key, io.BytesIO(body)))


def test_what_the_ingester_lands_is_whole(tmp_path: Path) -> None:
    bodies = [
        created(1),
        b'{"event_type": "nobody_knows", "note": "\xe2\x80\xa8"}',
        b"not json",
        b"\xff",
        b"",
        b'{"event_type": "order_created", "note": "' + b"x" * 2_000_000 + b'"}',
    ]
    objects = landed(bodies, tmp_path)

    assert len(objects) == 3
    assert {key: finding(body, key) for key, body in objects.items()} == dict.fromkeys(objects)


@given(data=st.data())
def test_every_cut_is_seen_and_what_is_before_it_kept(data: st.DataObject, whole: bytes) -> None:
    length = data.draw(st.integers(0, len(whole) - 1))
    lines = gzip.decompress(whole).splitlines()

    found = finding(whole[:length])

    assert found is not None
    assert found.keeps_envelopes
    assert kept(whole[:length]) == lines[: len(kept(whole[:length]))]
    assert length < 1000 or kept(whole[:length])


@given(data=st.data())
def test_every_flipped_bit_is_seen_unless_it_changes_nothing(
    data: st.DataObject, whole: bytes
) -> None:
    flipped = bytearray(whole)
    flipped[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    if finding(bytes(flipped)) is None:
        # In the header: a time, an operating system.
        assert gzip.decompress(flipped) == gzip.decompress(whole)


@given(extra=st.binary(min_size=1, max_size=40))
@example(extra=b"\0")
@example(extra=gzip.compress(b"{}\n"))
def test_whatever_follows_is_seen(extra: bytes, whole: bytes) -> None:
    assert finding(whole + extra) == Finding("has bytes after the end of its gzip stream")


def envelope(**changed: object) -> bytes:
    fields = {
        "envelope_version": 1,
        "event_id": "e1",
        "event_type": "order_created",
        "event_name": "order_created",
        "event_ts": None,
        "source": "shop",
        "received_at": "2026-03-10T12:30:00.000000Z",
        "message_id": "m1",
        "replayed_from": None,
        "payload_encoding": "json",
        "payload": {"event_id": "e1"},
    }
    return json.dumps(fields | changed).encode()


@pytest.mark.parametrize(
    "line",
    [
        created(1),
        b"not json",
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        envelope()[:-1],
        envelope(event_type="order_status_changed"),
        envelope(received_at="2026-03-10T11:30:00.000000Z"),
        envelope(received_at="2026-03-10T12:30:00Z"),
        envelope(received_at="2026-03-10T12:30:00.000000+02:00"),
        envelope(received_at=5),
        envelope(message_id=None),
        envelope(source=None),
        envelope(payload_encoding="latin-1"),
    ],
)
def test_a_line_that_is_no_envelope_of_its_partition_is_seen(line: bytes) -> None:
    body = gzip.compress(b"\n".join([envelope(), line, envelope()]) + b"\n")

    assert finding(body) == Finding(
        "has 3 lines, of which 1 are no envelope of its partition (the first is line 2)",
        keeps_envelopes=True,
    )
    assert kept(body) == [envelope()] * 2


def test_a_line_without_end_is_not_read_into_memory() -> None:
    assert finding(gzip.compress(b" " * 10_000_000)) == Finding(
        "has a line that is too long to be read"
    )


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("events/event_type=order_created/dt=2026-03-10/hour=12/a.json", "read by nobody"),
        ("events/event_type=order_created/dt=2026-02-30/hour=12/a.ndjson.gz", "read by nobody"),
        ("events/event_type=order_created/dt=2026-03-10/hour=24/a.ndjson.gz", "read by nobody"),
        ("events/event_type=order_created/dt=2026-03-10/a.ndjson.gz", "read by nobody"),
        ("events/event_type=order_created/dt=2026-03-10/hour=12/a b.ndjson.gz", "read by nobody"),
        ("a.ndjson.gz", "read by nobody"),
        ("events/event_type=refunds/dt=2026-03-10/hour=12/a.ndjson.gz", "no contract"),
        (f"oversized/dt=2026-03-10/{'0' * 64}", "hash"),
    ],
)
def test_an_object_where_none_belongs_is_seen(key: str, problem: str) -> None:
    found = finding(gzip.compress(envelope() + b"\n"), key)

    assert found is not None
    assert problem in found.problem
    assert not found.keeps_envelopes


def test_other_bytes_are_not_gzip() -> None:
    assert finding(b"") == Finding("is empty", keeps_envelopes=True)
    assert finding(envelope() + b"\n") == Finding("is not gzip")


def test_the_day_of_arrival_is_in_the_key() -> None:
    assert arrival_day(KEY) == "2026-03-10"
    assert arrival_day("events/a.json") is None
    assert arrival_day(KEY.replace("03-10", "02-30")) is None
