"""Runs that go unlike the daily one: parts, wrong clocks, changed rules, empty runs, odd values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.road.test_any_arrival_order import MODELS_AND_DAILY_TESTS
from tests.integration.road.test_corrections import created, status
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse, Rows, vars_flag

RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
FAST = ("--selector", "fast")
CONSERVATION = "orders__arrivals_are_each_accepted_quarantined_or_duplicate"
LINES_ACCOUNTED_FOR = """
    select sum(landed_count), sum(accepted_count), sum(quarantined_count), sum(duplicate_count)
    from retailpulse_silver.event_conservation
"""


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def order(name: str, day: int = 9) -> bytes:
    return created(f"e-{name}", name, f"2026-03-{day:02d}T10:00:00Z", 10, "EUR")


def orders_in(lakehouse: Lakehouse, table: str) -> Rows:
    return lakehouse.query(f"select order_id from {table} order by 1")


def test_orders_built_ahead_of_their_events_keep_no_ghost(lakehouse: Lakehouse) -> None:
    mistaken = created("e1", "mistaken", "2026-03-09T10:00:00Z", 10, "EUR")
    meant = created("e1", "meant", "2026-03-09T10:00:00Z", 10, "EUR")
    lakehouse.land([mistaken], RUN - hours(0.1), "later")
    lakehouse.build(*FAST, at=RUN)
    lakehouse.land([meant], RUN - hours(0.2), "slow")

    lakehouse.build("--select", "config.meta.reads_raw:true", at=RUN + hours(1), command="run")
    lakehouse.build("--select", "orders", at=RUN + hours(2), command="run")
    lakehouse.build(*FAST, at=RUN + hours(3))

    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("meant",)]


def test_a_tightened_rule_takes_back_what_it_rejects(lakehouse: Lakehouse) -> None:
    old, new = order("old", day=1), order("new", day=9)
    lakehouse.land([old, new, status("s1", "old", "2026-03-09T11:00:00Z", "SHIPPED")], RUN, "a")
    later = RUN + hours(3)
    lakehouse.build(*MODELS_AND_DAILY_TESTS, at=RUN + hours(1))
    assert len(orders_in(lakehouse, "retailpulse_silver.orders")) == 2

    # The variable is one that the models are rebuilt for.
    rule: dict[str, object] = {"earliest_event_date": "2026-03-05"}
    lakehouse.build(*FAST, at=later, variables=rule)

    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("new",)]
    assert lakehouse.query("select event_id from retailpulse_silver.orders_events order by 1") == [
        ("e-new",), ("s1",)
    ]  # fmt: skip
    assert lakehouse.query(LINES_ACCOUNTED_FOR) == [(3, 2, 1, 0)]

    lakehouse.build(*FAST, at=later + hours(1))

    assert len(orders_in(lakehouse, "retailpulse_silver.orders")) == 2
    assert lakehouse.query(LINES_ACCOUNTED_FOR) == [(3, 3, 0, 0)]


def test_a_loosened_rule_lets_the_first_body_win_whose_second_was_taken(
    lakehouse: Lakehouse,
) -> None:
    first = created("e1", "first", "2026-01-31T10:00:00Z", 10, "EUR")
    second = created("e1", "second", "2026-02-02T10:00:00Z", 10, "EUR")
    lakehouse.land([first], RUN, "a")
    lakehouse.land([second], RUN + hours(0.1), "b")
    strict: dict[str, object] = {"earliest_event_date": "2026-02-01"}
    lakehouse.build(*FAST, at=RUN + hours(1), variables=strict)
    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("second",)]

    lakehouse.build(*FAST, at=RUN + hours(2))

    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("first",)]
    lakehouse.build("--select", "orders_events__key_is_unique", CONSERVATION, command="test")


def test_the_documented_exception_is_found_and_repaired(lakehouse: Lakehouse) -> None:
    # One id, two bodies, further apart than conflict_lookback_days, in two runs.
    first = created("e1", "first", "2026-01-01T10:00:00Z", 10, "EUR")
    second = created("e1", "second", "2026-03-10T10:00:00Z", 10, "EUR")
    lakehouse.land([first], RUN, "a")
    lakehouse.build(*BUILD[1:], at=RUN + hours(1))
    lakehouse.land([second], RUN + hours(2), "b")
    lakehouse.build(*FAST, at=RUN + hours(3), command="run")
    finder = "orders_events__key_is_unique"
    failures = lakehouse.dbt("test", "--select", finder)
    assert [failure.split(":")[0] for failure in failures] == [finder]

    repair = ("--full-refresh", "--select", "orders_events+")
    lakehouse.build(*repair, at=RUN + hours(4), command="run")

    lakehouse.build("--select", finder, CONSERVATION, command="test")
    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("first",)]


def merges(lakehouse: Lakehouse, table: str) -> list[str]:
    """The conditions of the merges into a table so far."""
    log = (lakehouse.home / "logs" / "dbt.log").read_text(encoding="utf-8")
    return re.findall(rf'MERGE INTO "lakehouse"[.]"\w+"[.]"{table}".*?WHEN MATCHED', log, re.DOTALL)


def test_an_old_event_is_not_replaced_by_another_of_its_id_whatever_else_comes_of_its_day(
    lakehouse: Lakehouse,
) -> None:
    first = created("e1", "first", "2026-01-01T10:00:00Z", 10, "EUR")
    second = created("e1", "second", "2026-01-20T10:00:00Z", 10, "EUR")
    same_day = created("e2", "third", "2026-01-01T11:00:00Z", 10, "EUR")
    lakehouse.land([first], RUN, "a")
    lakehouse.build(*FAST, at=RUN + hours(1))
    lakehouse.land([order("another")], RUN + hours(1), "another")
    lakehouse.build(*FAST, at=RUN + hours(2))

    lakehouse.land([second, same_day], RUN + hours(2), "b")
    lakehouse.build(*FAST, at=RUN + hours(3), command="run")
    # Which takes a nested loop: a merge without such events does without.
    assert [" or " in merge for merge in merges(lakehouse, "orders_events")] == [False, True]

    assert orders_in(lakehouse, "retailpulse_silver.orders_events") == [
        ("another",), ("first",), ("second",), ("third",)
    ]  # fmt: skip


def test_a_run_with_a_fast_clock_skips_nothing(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first")], RUN - hours(1), "a")
    lakehouse.build(*FAST, at=RUN)
    lakehouse.build(*FAST, at=RUN + hours(48))
    for name, landed, built in (("second", 1, 2), ("third", 3, 72)):
        lakehouse.land([order(name)], RUN + hours(landed), name)
        lakehouse.build(*FAST, at=RUN + hours(built))

    assert orders_in(lakehouse, "retailpulse_silver.orders") == [
        ("first",), ("second",), ("third",)
    ]  # fmt: skip


def test_what_becomes_visible_during_a_run_is_not_called_lost(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first")], RUN - hours(1), "a")
    lakehouse.build(*FAST, at=RUN)
    lakehouse.land([order("slow")], RUN - timedelta(minutes=1), "slow")

    lakehouse.build("--select", CONSERVATION, at=RUN, command="test")
    lakehouse.build(*FAST, at=RUN + hours(1))

    assert len(orders_in(lakehouse, "retailpulse_silver.orders")) == 2


def test_parts_built_before_their_ledger_or_upstream_wedge_nothing(lakehouse: Lakehouse) -> None:
    lakehouse.run_operation("upkeep")
    lakehouse.land([order("first"), b"not json"], RUN - hours(1), "a")
    lakehouse.build("--select", "orders_events", at=RUN, command="run")
    parts = ("--select", "run_windows", "orders_quarantined", "operations_quarantined")
    lakehouse.build(*parts, at=RUN, command="run")
    lakehouse.build(*parts, at=RUN + hours(1), command="run")

    lakehouse.build(*MODELS_AND_DAILY_TESTS, at=RUN + hours(2))

    assert lakehouse.query(LINES_ACCOUNTED_FOR) == [(2, 1, 1, 0)]


def test_a_run_stops_where_fact_orders_is_a_table_as_before(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first")], RUN, "a")
    lakehouse.build(*FAST, at=RUN + hours(1))
    with lakehouse.connect(writable=True) as connection:
        connection.execute("create schema retailpulse")
        connection.execute("create table retailpulse.fact_orders (order_id varchar)")

    with pytest.raises(AssertionError, match=r"earlier version .* `retailpulse rebuild` builds"):
        lakehouse.dbt("run", *FAST)


def test_the_fast_path_finds_a_key_that_is_twice_where_it_wrote(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first"), created("e-bad", "bad", "no time", 10, "EUR")], RUN, "a")
    lakehouse.build(*FAST, at=RUN + hours(1))
    of_events = "orders__is_right_where_this_run_wrote"
    of_entities = "fact_orders__has_no_key_twice_where_written_lately"
    for table, finder in (
        ("retailpulse_silver.orders_events", of_events),
        ("retailpulse_silver.orders_quarantined", of_events),
        ("retailpulse_silver.orders", of_entities),
    ):
        assert lakehouse.dbt("test", "--select", of_events, of_entities) == []
        with lakehouse.connect(writable=True) as connection:
            connection.execute(f"insert into {table} select * from {table}")

        failures = lakehouse.dbt("test", "--select", of_events, of_entities)

        assert [failure.split(":")[0] for failure in failures] == [finder], table
        with lakehouse.connect(writable=True) as connection:
            rows = connection.execute(f"select distinct * from {table}").fetchall()
            connection.execute(f"delete from {table}")
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into {table} values ({marks})", rows)


def test_a_test_of_the_fast_path_fails_until_what_it_found_is_put_right(
    lakehouse: Lakehouse,
) -> None:
    finder = "orders__is_right_where_this_run_wrote"
    # Before what the next run reads again, and within what its test counts.
    lakehouse.land([order("lost")], RUN - timedelta(minutes=20), "a")
    lakehouse.build(*FAST, at=RUN)
    with lakehouse.connect(writable=True) as connection:
        connection.execute("delete from retailpulse_silver.orders_events")
    lakehouse.land([order("second")], RUN, "b")

    # The last of these have nothing new.
    for later in (0.1, 3, 4):
        failures = lakehouse.dbt("build", *FAST, *vars_flag(RUN + hours(later)))
        assert failures[0].split(":")[0] == finder
        assert orders_in(lakehouse, "retailpulse_silver.orders") == [("lost",)]

    days: dict[str, object] = {"backfill": {"from": "2026-03-10", "to": "2026-03-11"}}
    lakehouse.build(*MODELS_AND_DAILY_TESTS, at=RUN + hours(5), variables=days)
    lakehouse.build(*FAST, at=RUN + hours(6))
    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("lost",), ("second",)]


def test_a_backfill_calls_nothing_lost_that_the_next_run_will_read(lakehouse: Lakehouse) -> None:
    lakehouse.land([order("first")], RUN - hours(48), "a")
    lakehouse.build(*MODELS_AND_DAILY_TESTS, at=RUN - hours(24))
    lakehouse.land([order("second")], RUN - hours(2), "b")

    days: dict[str, object] = {"backfill": {"from": "2026-03-08", "to": "2026-03-09"}}
    lakehouse.build(*MODELS_AND_DAILY_TESTS, at=RUN, variables=days)
    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("first",)]

    lakehouse.build(*MODELS_AND_DAILY_TESTS, at=RUN + hours(1))
    assert orders_in(lakehouse, "retailpulse_silver.orders") == [("first",), ("second",)]


def test_an_empty_run_is_refused(lakehouse: Lakehouse) -> None:
    failures = lakehouse.dbt("run", "--empty", "--select", "orders_events")

    assert len(failures) == 1
    assert "--empty and --sample" in failures[0]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"run_at": "2026-03-10 12:00:00+02:00"}, "without an offset"),
        ({"default_currency_code": "eu'r"}, "ISO 4217"),
        ({"earliest_event_date": "2026-01-01' or true"}, "Invalid isoformat"),
    ],
)
def test_a_variable_that_would_break_the_sql_is_refused(
    lakehouse: Lakehouse, variables: dict[str, object], told: str
) -> None:
    failures = lakehouse.dbt("run", "--select", "orders_events", "--vars", str(variables))

    assert len(failures) == 1
    assert told in failures[0]


def test_sources_are_one_system_until_a_variable_tells_them_apart(lakehouse: Lakehouse) -> None:
    shipped = status("s1", "claimed", "2026-03-09T11:00:00Z", "SHIPPED")
    lakehouse.land([order("claimed")], RUN - hours(1), "a", source="checkout")
    lakehouse.land([order("claimed"), shipped], RUN - hours(1), "b", source="o'brien")
    lakehouse.build(*FAST, at=RUN)
    orders = "select system, order_id, source, status from retailpulse_silver.orders order by 1"
    # Neither creation is the later: then the source decides.
    joined = [("retailpulse", "claimed", "o'brien", "SHIPPED")]
    assert lakehouse.query(orders) == joined

    apart: dict[str, object] = {"systems": {"o'brien": "o'brien's", "nobody": "none"}}
    lakehouse.build(*FAST, at=RUN + hours(1), variables=apart)
    lakehouse.build(*FAST, at=RUN + hours(2), variables=apart)

    assert lakehouse.query(orders) == [
        ("o'brien's", "claimed", "o'brien", "SHIPPED"),
        ("retailpulse", "claimed", "checkout", "CREATED"),
    ]
    lakehouse.build(*FAST, at=RUN + hours(3))
    assert lakehouse.query(orders) == joined
