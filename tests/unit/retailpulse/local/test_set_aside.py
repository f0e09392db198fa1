"""Setting an object aside loses nothing, can be run again, and can be undone."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from retailpulse.errors import SetupError, WorkError
from retailpulse.local.raw_check import damaged_objects
from retailpulse.local.set_aside import keys_named, objects_set_aside, restore, set_aside

NOW = datetime(2026, 3, 12, 8, tzinfo=UTC)
PARTITION = "events/event_type=order_created/dt=2026-03-10/hour=12"
KEY = f"{PARTITION}/a.ndjson.gz"
KEPT = f"{PARTITION}/a.kept.ndjson.gz"
ASIDE = f"set_aside/{KEY}"
REPORT = f"{ASIDE}.report.json"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw zone with one object of 100 events, which was cut off."""
    root = tmp_path.resolve() / "raw"
    at = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
    bodies = [b'{"event_type": "order_created", "event_id": "e%d"}' % row for row in range(100)]
    Ingester(FolderRawZone(root), clock=lambda: at, new_batch_id=lambda _: "a").land(
        [Message(body, f"a#{row}") for row, body in enumerate(bodies)], lambda: 60.0
    )
    cut(root / KEY)
    return root


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def files(raw: Path) -> dict[str, bytes]:
    return {
        path.relative_to(raw).as_posix(): path.read_bytes()
        for path in raw.rglob("*")
        if path.is_file()
    }


def test_what_is_before_the_damage_stays_and_the_object_is_kept(raw: Path) -> None:
    before = files(raw)
    assert [key for key, _ in damaged_objects(raw)] == [KEY]

    report = set_aside(raw, KEY, NOW)

    after = files(raw)
    assert set(after) == {KEPT, ASIDE, REPORT}
    assert after[ASIDE] == before[KEY]
    assert json.loads(after[REPORT]) == {
        "key": KEY,
        "problem": "is cut off: its gzip stream has no end",
        "set_aside_at": "2026-03-12T08:00:00Z",
        "kept_key": KEPT,
        "kept_lines": report.kept_lines,
    }
    ids = [json.loads(line)["event_id"] for line in gzip.decompress(after[KEPT]).splitlines()]
    assert ids == [f"e{row}" for row in range(report.kept_lines)]
    assert 0 < report.kept_lines < 100
    assert list(damaged_objects(raw)) == []
    assert objects_set_aside(raw) == [KEY]


def test_restoring_brings_back_what_was_there(raw: Path) -> None:
    before = files(raw)

    set_aside(raw, KEY, NOW)
    restore(raw, KEY)

    assert files(raw) == before


@pytest.mark.parametrize("killed_after", ["link", "report"])
def test_a_move_that_was_killed_is_ended_by_the_same_command(raw: Path, killed_after: str) -> None:
    set_aside(raw, KEY, NOW)
    ended = files(raw)
    # As it was before the last steps.
    (raw / KEY).hardlink_to(raw / ASIDE)
    if killed_after == "link":
        (raw / REPORT).unlink()

    set_aside(raw, KEY, NOW)

    assert files(raw) == ended


def test_nothing_is_overwritten(raw: Path) -> None:
    set_aside(raw, KEY, NOW)
    aside = (raw / ASIDE).read_bytes()
    (raw / KEY).write_bytes(b"another")

    with pytest.raises(WorkError, match="already"):
        set_aside(raw, KEY, NOW)
    with pytest.raises(WorkError, match="already"):
        restore(raw, KEY)

    assert (raw / KEY).read_bytes() == b"another"
    assert (raw / ASIDE).read_bytes() == aside
    assert (raw / KEPT).is_file()


def test_of_an_altered_object_nothing_is_trusted(raw: Path) -> None:
    (raw / KEY).write_bytes(bytes(50) + (raw / KEY).read_bytes())

    assert set_aside(raw, KEY, NOW).kept_key is None
    assert set(files(raw)) == {ASIDE, REPORT}


def test_a_foreign_file_anywhere_in_raw_can_be_set_aside(raw: Path) -> None:
    foreign = raw / "events" / "käse 1.json"
    foreign.write_bytes(b"{}")
    (raw / "events" / ".DS_Store").write_bytes(b"")
    assert [key for key, _ in damaged_objects(raw)] == [KEY, "events/käse 1.json"]

    set_aside(raw, "events/käse 1.json", NOW)

    assert objects_set_aside(raw) == ["events/käse 1.json"]


def test_only_the_days_that_are_asked_for_are_read(raw: Path) -> None:
    assert [key for key, _ in damaged_objects(raw, ["2026-03-10"])] == [KEY]
    assert list(damaged_objects(raw, ["2026-03-11"])) == []


def test_objects_are_named_by_key_or_path(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(raw / PARTITION)

    assert keys_named(raw, [KEY, str(raw / KEY), "a.ndjson.gz"]) == [KEY] * 3


@pytest.mark.parametrize(
    "name", ["a", "events", "../secret", "/etc/passwd", "events/../../secret", f"../raw/{ASIDE}"]
)
def test_nothing_outside_raw_is_named(raw: Path, name: str) -> None:
    set_aside(raw, KEY, NOW)
    (raw.parent / "secret").write_bytes(b"")

    with pytest.raises(SetupError, match="there is no object"):
        keys_named(raw, [name])
