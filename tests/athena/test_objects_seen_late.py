"""An object that becomes visible after a run has looked for what is new, and before it reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from local_athena import LocalAthena
from tests.integration.road.test_corrections import created
from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.engines import AthenaEngine
from tests.support.progress import until
from tests.support.road.histories import run_start

SELECTED = (
    *("--select", "run_windows", "stg_orders__arrivals"),
    *("orders_events", "orders_quarantined", "orders"),
)
LOOK = " as is_new"
ACCEPTED = (
    "select event_id, cast(amount as integer) from retailpulse_silver.orders_events order by 1"
)
REJECTED = "select event_id, reject_reason from retailpulse_silver.orders_quarantined order by 1"
ORDERS = "select order_id from retailpulse_silver.orders order by 1"


def test_its_events_of_other_days_wait_for_the_next_run(
    local_athena: LocalAthena, tmp_path: Path
) -> None:
    at = run_start(0)
    days = Arrivals((at.date() - timedelta(days=1), at.date()))
    athena = AthenaEngine(tmp_path / "athena", local_athena, days)
    athena.reset()
    long_ago = f"{at - timedelta(days=40):%Y-%m-%d}T10:00:00Z"
    today = f"{at:%Y-%m-%d}T01:00:00Z"
    # Longer ago than the lookback: the next run does not read it again.
    athena.land([created("old", "o-1", long_ago, 5, "EUR")], at - timedelta(hours=1), "first")
    athena.build(*SELECTED, at=at, command="run")

    at += timedelta(minutes=5)
    athena.land([created("new", "o-2", today, 7, "EUR")], at - timedelta(minutes=1), "seen")

    def one_more_object() -> None:
        # An event whose day the run did not look for, one whose order it did not, and one that is
        # rejected whatever the run looked for.
        bodies = [
            created("old", "o-1", long_ago, 6, "EUR"),
            created("late", "o-3", today, 8, "EUR"),
            created("wrong", "o-4", today, -1, "EUR"),
        ]
        athena.land(bodies, at - timedelta(seconds=30), "seen-late")
        athena.upload()

    when_logged(local_athena, LOOK, one_more_object)
    athena.build(*SELECTED, at=at, command="run")
    # That `wrong` is there shows that the object was. `late` must not be accepted while its order
    # is not rebuilt, and `old` not win over what it contradicts.
    assert athena.query(REJECTED) == [("wrong", "invalid_value")]
    assert athena.query(ACCEPTED) == [("new", 7), ("old", 5)]

    athena.build(*SELECTED, at=at + timedelta(minutes=5), command="run")
    assert athena.query(ACCEPTED) == [("late", 8), ("new", 7), ("old", 5)]
    assert athena.query(REJECTED) == [("old", "conflicting_duplicate"), ("wrong", "invalid_value")]
    assert athena.query(ORDERS) == [("o-1",), ("o-2",), ("o-3",)]


def when_logged(athena: LocalAthena, text: str, act: Callable[[], None]) -> None:
    """Act as soon as the statement log says something that it does not say yet, on a thread."""
    seen = athena.statement_log.read_text(encoding="utf-8").count(text)

    def wait() -> None:
        log = athena.statement_log
        assert until(lambda: log.read_text(encoding="utf-8").count(text) > seen)
        act()

    threading.Thread(target=wait, daemon=True).start()
