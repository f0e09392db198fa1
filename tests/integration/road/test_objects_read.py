"""Which objects a run opens: those that may hold its arrivals, and no others of the same hour."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.integration.road.test_unusual_runs import FAST, RUN, order, orders_in
from tests.support.road.lakehouse import Lakehouse

ON_ONE_MACHINE = {"lookback_minutes": {"duckdb": 2, "athena": 15}}


def objects(lakehouse: Lakehouse, batch: str) -> list[Path]:
    return list(lakehouse.home.glob(f"raw/events/*/*/*/*{batch}.ndjson.gz"))


def test_what_has_been_read_is_not_opened_again_by_each_run(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first")], RUN - timedelta(minutes=5), "first")
    lakehouse.build(*FAST, at=RUN, variables=ON_ONE_MACHINE)
    (first,) = objects(lakehouse, "first")
    # Whoever opened it would fail.
    first.write_bytes(b"no gzip")

    lakehouse.land([order("second")], RUN + timedelta(seconds=10), "second")
    lakehouse.build(*FAST, at=RUN + timedelta(seconds=20), variables=ON_ONE_MACHINE)

    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("first",), ("second",)]


def test_an_object_that_is_seen_late_is_read(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first")], RUN - timedelta(minutes=5), "first")
    lakehouse.build(*FAST, at=RUN, variables=ON_ONE_MACHINE)
    lakehouse.land([order("late")], RUN - timedelta(seconds=100), "late")
    lakehouse.build(*FAST, at=RUN + timedelta(seconds=20), variables=ON_ONE_MACHINE)
    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("first",), ("late",)]


def test_an_object_that_somebody_named_is_read_with_all_of_its_day(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first")], RUN - timedelta(minutes=5), "first")
    lakehouse.build(*FAST, at=RUN, variables=ON_ONE_MACHINE)
    lakehouse.land([order("second")], RUN + timedelta(seconds=10), "second")
    (second,) = objects(lakehouse, "second")
    second.rename(second.with_name("what's [this].ndjson.gz"))
    lakehouse.build(*FAST, at=RUN + timedelta(seconds=20), variables=ON_ONE_MACHINE)
    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("first",), ("second",)]
