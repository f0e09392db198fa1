"""Each body that docs/events.md shows is read as it says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.envelope import Message, to_line
from ingestion.event_type import UNKNOWN
from ingestion.unpacking import messages_of

PAGE = (Path(__file__).parents[3] / "docs" / "events.md").read_text()
BODIES = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_shows_bodies() -> None:
    assert len(BODIES) == 8


@pytest.mark.parametrize("body", BODIES)
def test_a_body_of_the_page_is_events_of_known_types_with_their_fields(body: str) -> None:
    messages = messages_of(Message(body.encode(), "m1"))
    assert len(messages) == (2 if body.startswith("[") else 1)
    for message in messages:
        line = to_line(message, datetime(2026, 1, 14, 22, tzinfo=UTC))
        assert line.event_type != UNKNOWN
        envelope = json.loads(line.data)
        order = envelope["payload"].get("data", envelope["payload"])["order_id"]
        assert order.startswith("page-")
        assert envelope["event_id"] in (order, f"{order}-shipped")
        assert envelope["event_ts"].startswith("2026-01-14T2")
