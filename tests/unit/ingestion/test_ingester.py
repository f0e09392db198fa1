"""The ingester when storage fails, times out, or stores and then reports failure."""

import gzip
import json
import logging
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion import ingester as ingester_module
from ingestion.envelope import Line, Message, to_line
from ingestion.ingester import Ingester, Landed, unique_batch_id
from ingestion.raw_zone import ObjectExists, RawZone, StorageError

RECEIVED_AT = datetime(2026, 1, 14, 20, tzinfo=UTC)
ORDER = b'{"event_type":"order_created","event_id":"%d"}'
STATUS = b'{"event_type":"order_status_changed"}'
OVERSIZED = b'{"event_type":"order_created","a":"' + b"x" * 1_100_000 + b'"}'


class Time:
    """A clock that moves only when somebody sleeps or works."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.left -= seconds

    def seconds_left(self) -> float:
        return self.left


Trouble = Callable[[str], tuple[str, float]]


class FaultyZone:
    """A raw zone in memory; `trouble` says for a key what happens, and how long it takes."""

    def __init__(self, time: Time, trouble: Trouble) -> None:
        self.objects: dict[str, bytes] = {}
        self.attempts: list[str] = []
        self._time = time
        self._trouble = trouble

    def put(self, key: str, body: bytes) -> None:
        self.attempts.append(key)
        outcome, seconds = self._trouble(key)
        self._time.left -= seconds
        if outcome in ("fail", "timeout"):
            raise StorageError(outcome)
        if outcome == "bug":
            raise RuntimeError(outcome)
        if key in self.objects:
            raise ObjectExists(key)
        self.objects[key] = body
        if outcome == "store then fail":
            raise StorageError(outcome)

    def envelopes(self) -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for key, body in self.objects.items()
            if key.startswith("events/")
            for line in gzip.decompress(body).splitlines()
        ]


def land(
    messages: list[Message], trouble: Trouble, seconds: float = 60.0, jitter: float = 1.0
) -> tuple[Landed, FaultyZone, Time]:
    time = Time(seconds)
    zone = FaultyZone(time, trouble)
    ingester = Ingester(
        zone,
        clock=lambda: RECEIVED_AT,
        sleep=time.sleep,
        random=lambda: jitter,
        new_batch_id=lambda received_at: "batch",
    )
    return ingester.land(messages, time.seconds_left), zone, time


def messages(*bodies: bytes) -> list[Message]:
    return [Message(body, f"m{number}") for number, body in enumerate(bodies)]


def works(key: str) -> tuple[str, float]:
    return ("store", 0.01)


def scripted(*outcomes: str, seconds: float = 0.01) -> Trouble:
    """The outcomes one after the other, the last for ever."""
    script: Iterator[str] = iter(outcomes)
    last = outcomes[-1]
    return lambda key: (next(script, last), seconds)


def test_landed_counts_each_kind_once() -> None:
    batch = messages(ORDER % 1, STATUS, b"{}", b'{"event_type":"x"}', b"[", b"\xff", OVERSIZED)
    landed, zone, _ = land(batch, works)
    assert landed == Landed(
        batch_id="batch",
        landed=7,
        unknown=2,
        malformed=2,
        oversized=1,
        bytes_written=sum(map(len, zone.objects.values())),
        failed_message_ids=(),
    )
    assert sorted(e["message_id"] for e in zone.envelopes()) == [f"m{i}" for i in range(7)]
    assert {e["received_at"] for e in zone.envelopes()} == {"2026-01-14T20:00:00.000000Z"}
    assert len([key for key in zone.objects if key.startswith("events/")]) == 3


def test_empty_batch_writes_nothing() -> None:
    landed, zone, _ = land([], works)
    assert (landed.landed, landed.failed_message_ids, zone.attempts) == (0, (), [])


def test_failure_is_retried_with_backoff_and_full_jitter() -> None:
    landed, zone, time = land(messages(ORDER % 1), scripted(*["fail"] * 8, "store"), jitter=0.5)
    assert landed.failed_message_ids == ()
    assert len(zone.attempts) == 9
    assert len(set(zone.attempts)) == 1
    assert time.sleeps == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.5, 2.5]


@pytest.mark.parametrize("outcome", ["fail", "timeout"])
def test_storage_that_is_down_fails_all_before_the_time_is_over(outcome: str) -> None:
    batch = messages(ORDER % 1, STATUS, b"[", OVERSIZED)
    landed, zone, time = land(batch, lambda key: (outcome, 3.0))
    assert landed.failed_message_ids == ("m0", "m1", "m2", "m3")
    assert (landed.landed, landed.malformed, landed.bytes_written) == (0, 0, 0)
    assert zone.objects == {}
    assert 0 < time.left < 15


def test_attempts_stop_within_the_safety_margin() -> None:
    _, zone, time = land(messages(ORDER % 1), lambda key: ("timeout", 7.0))
    # The last attempt began before the margin of 8 s and took 7 s.
    assert 1.0 <= time.left <= 8.0
    assert len(zone.attempts) > 3


def test_short_timeout_still_gives_an_attempt() -> None:
    landed, _, time = land(messages(ORDER % 1), works, seconds=1.0)
    assert landed.landed == 1
    landed, zone, time = land(messages(ORDER % 1), scripted("fail"), seconds=1.0)
    assert len(zone.attempts) > 1
    assert time.left > 0.1


def test_no_time_left_fails_all_without_an_attempt() -> None:
    landed, zone, _ = land(messages(ORDER % 1, STATUS), works, seconds=0.0)
    assert landed.failed_message_ids == ("m0", "m1")
    assert zone.attempts == []


def test_stored_and_then_reported_as_failed_is_stored_once() -> None:
    landed, zone, _ = land(messages(ORDER % 1), scripted("store then fail", "fail", "store"))
    assert landed.failed_message_ids == ()
    assert landed.landed == 1
    assert len(zone.envelopes()) == 1
    assert landed.bytes_written == sum(map(len, zone.objects.values()))


def test_one_objects_failure_concerns_only_its_messages() -> None:
    batch = messages(STATUS, ORDER % 1, STATUS, ORDER % 2, b"[")
    landed, zone, _ = land(
        batch, lambda key: ("fail" if "order_status_changed" in key else "store", 0.01)
    )
    assert landed.failed_message_ids == ("m0", "m2")
    assert (landed.landed, landed.malformed) == (3, 1)
    assert sorted(e["message_id"] for e in zone.envelopes()) == ["m1", "m3", "m4"]
    # Nothing waited for the retries of another object.
    assert len(set(zone.attempts[:3])) == 3


def test_unexpected_error_of_one_object_concerns_only_its_messages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    landed, zone, _ = land(
        messages(STATUS, ORDER % 1), lambda key: ("bug" if "status" in key else "store", 0.01)
    )
    assert landed.failed_message_ids == ("m0",)
    assert len(zone.attempts) == 2
    assert "order_status_changed" in caplog.text


def test_oversized_body_is_stored_before_its_line() -> None:
    _, zone, _ = land(messages(OVERSIZED), works)
    assert [key.split("/")[0] for key in zone.attempts] == ["oversized", "events"]
    (envelope,) = zone.envelopes()
    assert zone.objects[envelope["payload"]["oversized_object"]] == OVERSIZED


def test_line_without_its_oversized_body_is_not_stored_and_others_are() -> None:
    landed, zone, time = land(
        messages(b"{}", OVERSIZED, ORDER % 1),
        lambda key: ("timeout" if key.startswith("oversized/") else "store", 5.0),
    )
    assert landed.failed_message_ids == ("m1",)
    assert sorted(e["message_id"] for e in zone.envelopes()) == ["m0", "m2"]
    assert time.left > 0


def test_redelivered_oversized_body_is_there_already() -> None:
    time = Time(60)
    zone = FaultyZone(time, works)
    ingester = Ingester(zone, clock=lambda: RECEIVED_AT)
    for _ in range(2):
        landed = ingester.land(messages(OVERSIZED, OVERSIZED), time.seconds_left)
        assert (landed.landed, landed.failed_message_ids) == (2, ())
    assert sum(key.startswith("oversized/") for key in zone.objects) == 1
    assert len(zone.envelopes()) == 4


def test_message_that_breaks_the_code_concerns_only_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fragile(message: Message, received_at: datetime) -> Line:
        if message.body == STATUS:
            raise ZeroDivisionError("secret payload")
        return to_line(message, received_at)

    monkeypatch.setattr(ingester_module, "to_line", fragile)
    landed, zone, _ = land(messages(ORDER % 1, STATUS, ORDER % 2), works)
    assert landed.failed_message_ids == ("m1",)
    assert len(zone.envelopes()) == 2
    assert "m1: ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_message_whose_source_is_not_unicode_fails_alone() -> None:
    landed, _, _ = land([Message(b"{}", "m0", source="\ud800"), Message(b"{}", "m1")], works)
    assert landed.failed_message_ids == ("m0",)


@pytest.mark.parametrize("seed", range(30))
def test_every_message_is_stored_once_or_reported_whatever_happens(seed: int) -> None:
    chance = random.Random(seed)
    outcomes = ["store", "store then fail", "fail", "timeout", "bug"]
    weights = [chance.random() + 0.01 for _ in outcomes]

    def trouble(key: str) -> tuple[str, float]:
        return chance.choices(outcomes, weights)[0], chance.random() * 4

    kinds = [ORDER % 1, STATUS, b"{}", b"[", b"\xff", OVERSIZED[: chance.choice([50, None])]]
    batch = messages(*chance.choices(kinds, k=12))
    landed, zone, time = land(batch, trouble, seconds=20.0, jitter=chance.random())
    stored = [envelope["message_id"] for envelope in zone.envelopes()]
    assert len(stored) == len(set(stored))
    # What was stored and reported as failed until the end may be stored again: never less.
    assert set(stored) | set(landed.failed_message_ids) == {m.message_id for m in batch}
    assert landed.landed == len(batch) - len(landed.failed_message_ids)
    assert time.left > 0
    for envelope in zone.envelopes():
        if "oversized_object" in envelope["payload"]:
            assert zone.objects[envelope["payload"]["oversized_object"]] == OVERSIZED


def test_batch_ids_are_unique_and_sort_by_time() -> None:
    later = RECEIVED_AT.replace(microsecond=1)
    first, second = unique_batch_id(RECEIVED_AT), unique_batch_id(RECEIVED_AT)
    assert first != second
    assert max(first, second) < unique_batch_id(later)
    assert first.startswith("20260114T200000.000000Z-")


def test_defaults_are_the_real_clock_and_unique_ids() -> None:
    time = Time(60)
    zone = FaultyZone(time, works)
    ingester = Ingester(zone)
    for _ in range(2):
        ingester.land(messages(ORDER % 1), time.seconds_left)
    assert len(zone.objects) == 2
    for envelope in zone.envelopes():
        received_at = datetime.fromisoformat(envelope["received_at"])
        assert abs((datetime.now(UTC) - received_at).total_seconds()) < 60


def test_fake_zone_is_a_raw_zone() -> None:
    zone: RawZone = FaultyZone(Time(1), works)
    assert zone


def test_failures_are_logged_without_payloads(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        land(messages(b'{"secret":1}'), scripted("fail", "store"))
    assert "put failed: StorageError: fail" in caplog.text
    assert "secret" not in caplog.text
