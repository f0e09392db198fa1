from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from retailpulse.errors import WorkError
from retailpulse.local.closings import SEED, Closing, read_closings, write_closings
from retailpulse.local.home import Home
from retailpulse.local.open_events import Selection

PROJECT = Path(__file__).parents[4]
UNTIL = datetime(2026, 3, 10, 12)
ONE = Closing.of(Selection("invalid_value", event_id="e,1"), UNTIL, 'a "test" till', "ann")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A project with the seed as it is published."""
    (tmp_path / SEED).parent.mkdir()
    (tmp_path / SEED).write_bytes((PROJECT / SEED).read_bytes().splitlines(keepends=True)[0])
    return Home(tmp_path, tmp_path / "lakehouse")


def test_what_is_written_is_read(home: Home) -> None:
    assert read_closings(home) == []
    other = Closing.of(Selection("wrong_type", source="till"), UNTIL, "old\ntills", "ann")
    write_closings(home, [ONE, other])
    assert read_closings(home) == [ONE, other]
    assert other.received_until == "2026-03-10T12:00:00.000000Z"
    write_closings(home, [])
    assert (home.project / SEED).read_bytes() == b"%s\n" % ",".join(Closing._fields).encode()


@pytest.mark.parametrize(
    ("selection", "is_of"),
    [
        (Selection("invalid_value", event_id="e,1"), True),
        (Selection("invalid_value"), False),
        (Selection("invalid_value", source="till", event_id="e,1"), False),
        (Selection("wrong_type", event_id="e,1"), False),
    ],
)
def test_a_closing_is_of_the_selection_it_was_made_with(selection: Selection, is_of: bool) -> None:
    assert ONE.is_of(selection) is is_of


@pytest.mark.parametrize("text", ["", "reason,note\n", f"{','.join(Closing._fields)}\na,b\n"])
def test_a_file_that_was_spoilt_by_hand_is_told(home: Home, text: str) -> None:
    (home.project / SEED).write_text(text)
    with pytest.raises(WorkError, match=r"quarantine_closings\.csv cannot be read"):
        read_closings(home)
