from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingestion.envelope import Message, OversizedBody, to_line
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone, StorageError
from retailpulse.commands.backfill import windows
from retailpulse.errors import WorkError
from retailpulse.local.home import Home
from retailpulse.local.landing import BATCH_BYTES, BATCH_MESSAGES, Landing, batches
from retailpulse.local.replay import UnreadableLineError, payload_of

NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)


class BrokenRawZone:
    def put(self, key: str, body: bytes) -> None:
        raise StorageError(f"no space left for {key}")


def messages(count: int, size: int = 2) -> list[Message]:
    return [Message(b"{" + b" " * (size - 2) + b"}", f"m{number}") for number in range(count)]


def test_batches_are_bounded_in_messages_and_in_bytes() -> None:
    sizes = [len(batch) for batch in batches(iter(messages(BATCH_MESSAGES + 1)))]
    assert sizes == [BATCH_MESSAGES, 1]
    large = [len(batch) for batch in batches(iter(messages(3, BATCH_BYTES // 2)))]
    assert large == [2, 1]
    assert list(batches(iter(()))) == []


def test_what_does_not_land_is_told_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    ingester = Ingester(BrokenRawZone(), sleep=lambda _: None)
    landing = Landing(ingester, seconds_for_a_batch=0.05)
    with pytest.raises(WorkError, match=r"2 events did not land, from m0 .*no space left.*; 0 did"):
        landing.land(messages(2))


def test_the_totals_count_what_landed(tmp_path: Path) -> None:
    landing = Landing(Ingester(FolderRawZone(tmp_path)))
    bodies = [b'{"event_type":"order_created"}', b'{"event_type":"x"}', b"x", b"x" * 1_100_000]
    landing.land([Message(body, f"m{number}") for number, body in enumerate(bodies)])
    totals = landing.totals
    assert (totals.landed, totals.unknown, totals.oversized) == (4, 1, 1)
    assert totals.malformed == 1
    assert totals.body_bytes == sum(map(len, bodies))


@pytest.mark.parametrize(
    "body",
    [
        b'{"event_id":"e1","amount":1.10,"big":1234567890123456789,"amount":2}',
        b'{"oversized_object":"oversized/dt=2026-01-14/gone"}',
        b'{"oversized_object":"../secret"}',
        b'{"oversized_object":17}',
        "nicht JSON, \u00e9\u2028".encode(),
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_a_replay_sends_the_bytes_that_came(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "secret").write_text("secret")
    line = to_line(Message(body, "m"), NOON)
    assert payload_of(line.data.decode(), "m", Home(tmp_path, tmp_path)) == body


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLineError, match="message m1 "):
        payload_of('{"payload_encoding":"base64","payload":"%"}', "m1", Home(tmp_path, tmp_path))


def test_a_replay_sends_an_oversized_body_whole(tmp_path: Path) -> None:
    body = b'{"event_id":"' + b"x" * 1_100_000 + b'"}'
    line = to_line(Message(body, "m"), NOON)
    assert isinstance(line.oversized, OversizedBody)
    home = Home(tmp_path, tmp_path)
    FolderRawZone(home.raw).put(line.oversized.key, body)
    assert payload_of(line.data.decode(), "m", home) == body


@pytest.mark.parametrize("days", [1, 7, 100])
def test_windows_cover_each_day_once(days: int) -> None:
    first, end = date(2025, 12, 1), date(2026, 3, 5)
    cut = list(windows(first, end, days))
    assert (cut[0][0], cut[-1][1]) == (first, end)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(cut))
    assert all(1 <= (until - start).days <= days for start, until in cut)
