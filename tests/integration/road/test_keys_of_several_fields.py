"""An entity whose key has two fields: its rows live, change and go one by one.

The entity is that of the fixtures' contracts, a thing made on a day: key (thing_id, made_on).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.dbt.fixture_project import known_types_of, project_with_fixtures
from tests.support.road.lakehouse import Lakehouse, Rows

FIRST_RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND_RUN = FIRST_RUN + timedelta(minutes=5)
OF_THINGS = (
    *("--select", "+things", "+things_history", "+things_versions_quarantined"),
    *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
)
CURRENT = (
    "select thing_id, made_on::varchar, remark from retailpulse_silver.things "
    "where thing_id like '{}%' order by all"
)
HISTORY = (
    "select thing_id, made_on::varchar, remark, strftime(valid_from, '%Y-%m-%d'), "
    "strftime(valid_to, '%Y-%m-%d'), is_current from retailpulse_silver.things_history "
    "where thing_id like '{}%' order by thing_id, made_on, valid_from"
)


def thing(
    thing_id: str,
    made_on: str,
    version: int,
    remark: str = "",
    *,
    op: str = "upsert",
    id_: str = "",
) -> bytes:
    """A version of a thing, that was made on that day of March."""
    return json.dumps(
        {
            "event_type": "thing_changed",
            "event_id": id_ or f"{thing_id}/{made_on}/{version}",
            "event_ts": f"2026-03-{version:02d}T08:00:00Z",
            "op": op,
            "sequence": f"{version:010d}",
            "thing_id": thing_id,
            "made_on": made_on,
            **({} if op == "delete" else _OTHERS | {"remark": remark}),
        }
    ).encode()


_OTHERS = {
    "place_id": "p1",
    "price": "1.50",
    "price_currency": "EUR",
    "seen_at": "2026-03-01T08:00:00Z",
    "is_new": True,
    "piece_count": 1,
    "colour": "RED",
    "parts": [],
}
OLD, NEW = "2025-12-31", "2026-01-01"


@pytest.fixture(scope="module")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    """Two runs. Each case has things of its own."""
    folder = tmp_path_factory.mktemp("keys")
    lakehouse = Lakehouse(folder / "home", project_with_fixtures(folder / "project"))
    lakehouse.home.mkdir()
    with known_types_of(lakehouse.project):
        first = [
            thing("current", OLD, 1, "old"),
            thing("current", NEW, 2, "new"),
            thing("deleted", OLD, 1, "stays"),
            thing("deleted", NEW, 1, "goes"),
            thing("late", OLD, 3, "third"),
            thing("late", NEW, 2, "other"),
        ]
        lakehouse.land(first, FIRST_RUN - timedelta(minutes=20), "first")
        # Accepted until the one that arrived before them under the same id is seen.
        accepted = [
            thing("taken-back", OLD, 1, "stays"),
            thing("taken-back", NEW, 2, "goes", id_="twice"),
            thing("taken-back-to", OLD, 1, "stays", id_="once"),
            thing("taken-back-to", OLD, 2, "goes", id_="thrice"),
        ]
        lakehouse.land(accepted, FIRST_RUN - timedelta(minutes=4), "accepted")
        lakehouse.build(*OF_THINGS, at=FIRST_RUN)
        seen_late = [
            thing("elsewhere", NEW, 2, "came first", id_="twice"),
            thing("elsewhere", NEW, 3, "came first, too", id_="thrice"),
        ]
        lakehouse.land(seen_late, FIRST_RUN - timedelta(minutes=6), "seen-late")
        second = [
            thing("current", OLD, 3, "older"),
            thing("deleted", NEW, 2, op="delete"),
            thing("late", OLD, 1, "first"),
        ]
        lakehouse.land(second, SECOND_RUN - timedelta(minutes=1), "second")
        lakehouse.build(*OF_THINGS, at=SECOND_RUN)
        yield lakehouse


def current(lakehouse: Lakehouse, thing_id: str) -> Rows:
    return lakehouse.query(CURRENT.format(thing_id))


def history(lakehouse: Lakehouse, thing_id: str) -> Rows:
    return lakehouse.query(HISTORY.format(thing_id))


def test_each_key_has_its_latest_version(lakehouse: Lakehouse) -> None:
    assert current(lakehouse, "current") == [("current", OLD, "older"), ("current", NEW, "new")]


def test_a_delete_takes_one_key_and_leaves_its_neighbour(lakehouse: Lakehouse) -> None:
    assert current(lakehouse, "deleted") == [("deleted", OLD, "stays")]
    assert history(lakehouse, "deleted") == [
        ("deleted", OLD, "stays", "1970-01-01", "9999-12-31", True),
        ("deleted", NEW, "goes", "1970-01-01", "2026-03-02", False),
    ]


def test_a_late_version_takes_its_place_in_the_history_of_its_key(lakehouse: Lakehouse) -> None:
    assert current(lakehouse, "late") == [("late", OLD, "third"), ("late", NEW, "other")]
    assert history(lakehouse, "late") == [
        ("late", OLD, "first", "1970-01-01", "2026-03-03", False),
        ("late", OLD, "third", "2026-03-03", "9999-12-31", True),
        ("late", NEW, "other", "1970-01-01", "9999-12-31", True),
    ]


def test_what_was_accepted_and_is_quarantined_leaves_its_key(lakehouse: Lakehouse) -> None:
    assert lakehouse.query(
        "select event_id, reject_reason from retailpulse_silver.things_versions_quarantined "
        "order by all"
    ) == [("thrice", "conflicting_duplicate"), ("twice", "conflicting_duplicate")]
    # One key is gone, of the other a version.
    assert current(lakehouse, "taken-back") == [
        ("taken-back", OLD, "stays"),
        ("taken-back-to", OLD, "stays"),
    ]
    assert current(lakehouse, "elsewhere") == [("elsewhere", NEW, "came first, too")]
    assert history(lakehouse, "taken-back") == [
        ("taken-back", OLD, "stays", "1970-01-01", "9999-12-31", True),
        ("taken-back-to", OLD, "stays", "1970-01-01", "9999-12-31", True),
    ]
