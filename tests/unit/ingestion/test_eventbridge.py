"""Which bodies are EventBridge events, and what the envelope keeps of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.envelope import MAX_LINE_BYTES, Message, to_line

RECEIVED_AT = datetime(2026, 1, 14, 20, tzinfo=UTC)
DETAIL = {"event_id": "e1", "event_type": "order_created"}
# Each member that EventBridge's reference of the structure names.
WHOLE: dict[str, Any] = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "an order",
    "source": "shop",
    "account": "111122223333",
    "time": "2026-01-14T20:00:01Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": DETAIL,
}
PARTIAL = {name: WHOLE[name] for name in ("detail-type", "source", "detail")}


def envelope_of(body: dict[str, Any]) -> dict[str, Any]:
    line = to_line(Message(json.dumps(body).encode(), "m1"), RECEIVED_AT)
    envelope: dict[str, Any] = json.loads(line.data)
    return envelope


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name not in names}


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        dict(reversed(WHOLE.items())),
        # Whatever AWS adds to the whole form, now or later.
        WHOLE | {"replay-name": "again", "something-new": {"a": 1}},
        PARTIAL,
        PARTIAL | {"version": "0"},
        without("account", "region", "resources"),
        without("version", "id") | {"replay-name": "again"},
        PARTIAL | {"id": None, "resources": None},
    ],
)
def test_an_eventbridge_event_is_its_detail(body: dict[str, Any]) -> None:
    envelope = envelope_of(body)
    assert envelope["payload"] == DETAIL
    assert (envelope["source"], envelope["event_id"]) == ("shop", "e1")


@pytest.mark.parametrize(
    "own",
    [
        {"order_id": "o1"},
        {"event_id": "e1", "event_type": "order_created"},
        {"amount": 1.1, "id": "7", "time": "2026-01-14T20:00:01Z"},
        {"version": 0},
        {"id": 7},
        {"account": {"name": "x"}},
        {"specversion": "1.0"},
    ],
)
def test_an_event_with_fields_of_those_names_is_an_event(own: dict[str, Any]) -> None:
    envelope = envelope_of(PARTIAL | own)
    assert envelope["payload"] == PARTIAL | own
    assert "eventbridge" not in envelope


@pytest.mark.parametrize("name", ["detail-type", "source", "detail"])
def test_without_one_of_three_it_is_none(name: str) -> None:
    assert envelope_of(without(name))["payload"] == without(name)


def test_its_id_time_account_and_region_are_kept() -> None:
    assert envelope_of(WHOLE)["eventbridge"] == {
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "time": "2026-01-14T20:00:01Z",
        "account": "111122223333",
        "region": "eu-west-1",
    }
    assert envelope_of(PARTIAL | {"time": "now"})["eventbridge"] == {"time": "now"}
    assert "eventbridge" not in envelope_of(PARTIAL)


def test_what_it_says_of_itself_can_make_no_line_too_long() -> None:
    envelope = envelope_of(WHOLE | {"id": "x" * MAX_LINE_BYTES})
    assert "oversized_object" in envelope["payload"]
    assert "eventbridge" not in envelope
