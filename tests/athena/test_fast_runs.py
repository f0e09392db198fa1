"""What a run of the fast path sends where nothing is new, and that it holds models to contracts."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import jinja2
import pytest

from ingestion.ingester import unique_batch_id
from local_athena import LocalAthena
from tests.integration.road.test_corrections import created
from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.engines import AthenaEngine
from tests.support.athena.history import FAST, MODELS
from tests.support.dbt.rendering import PROJECT
from tests.support.project.followed import project_following
from tests.support.road.histories import run_start
from tests.support.road.lakehouse import vars_flag

AT = run_start(0)
DAYS = Arrivals((AT.date() - timedelta(days=1), AT.date()))


@pytest.fixture(scope="module")
def athena(local_athena: LocalAthena, tmp_path_factory: pytest.TempPathFactory) -> AthenaEngine:
    """A first build of one order, in a copy of the project."""
    folder = tmp_path_factory.mktemp("fast-runs")
    athena = AthenaEngine(
        folder / "athena", local_athena, DAYS, project_following(folder / "project")
    )
    athena.reset()
    athena.land([order("first")], AT - timedelta(hours=1), "first")
    athena.build(*MODELS, at=AT)
    return athena


def order(name: str) -> bytes:
    return created(f"e-{name}", name, f"{AT:%Y-%m-%d}T01:00:00Z", 10, "EUR")


def test_a_run_with_nothing_new_is_billed_for_three_statements(
    local_athena: LocalAthena, athena: AthenaEngine
) -> None:
    before = len(billed(local_athena))

    athena.build(*FAST, at=AT + timedelta(hours=1))

    assert len(billed(local_athena)) - before == 3


def test_a_run_writes_the_types_of_the_contract_whatever_its_query_has(
    athena: AthenaEngine,
) -> None:
    column = "'order_amount': 'decimal({}, 4)',"
    change = (column.format(18), column.format(19))
    athena.change_project({"models/silver/orders/orders.sql": [change]})
    athena.land([order("second")], AT + timedelta(hours=1), "second")
    athena.upload()

    failures = athena.dbt("run", *FAST, *vars_flag(AT + timedelta(hours=2)))

    assert failures == []
    amounts = (
        "select order_id, typeof(order_amount), cast(order_amount as varchar) "
        "from retailpulse_silver.orders order by 1"
    )
    assert athena.query(amounts) == [
        ("first", "decimal(18,4)", "10.0000"),
        ("second", "decimal(18,4)", "10.0000"),
    ]


def test_a_table_is_read_as_it_was(athena: AthenaEngine) -> None:
    (before,) = athena.query("select cast(current_timestamp as varchar)")[0]
    athena.land([order("third")], AT + timedelta(hours=2), "third")
    athena.build(*FAST, at=AT + timedelta(hours=3))

    count = "select count(*) from retailpulse_silver.orders"

    (now,) = athena.query(count)[0]
    as_it_was = f"{count} for timestamp as of timestamp '{before}'"
    assert athena.query(as_it_was) == [(now - 1,)]


def test_the_keys_below_gold_are_tested_where_the_runs_of_two_hours_wrote(
    athena: AthenaEngine,
) -> None:
    run = AT + timedelta(hours=4)
    day_before = f"{AT - timedelta(days=1):%Y-%m-%d}T01:00:00Z"
    athena.land([created("e-twice", "twice", day_before, 10, "EUR")], run, "twice")
    athena.build(*FAST, at=run + timedelta(minutes=5))
    # Which the last run wrote to another day than.
    athena.land([order("fourth")], run + timedelta(minutes=6), "fourth")
    athena.build(*FAST, at=run + timedelta(minutes=10))
    twice = "from retailpulse_silver.orders where order_id = 'twice'"
    athena.query(f"insert into retailpulse_silver.orders select * {twice}")

    tested = "fact_orders__has_no_key_twice_where_written_lately"
    failures = {
        hours: athena.dbt("test", "--select", tested, *vars_flag(run + timedelta(hours=hours)))
        for hours in (1, 3)
    }

    assert [failure.partition(":")[0] for failure in failures[1]] == [tested]
    assert failures[3] == []
    athena.query(f"delete {twice}")


def test_a_run_opens_no_object_of_before_its_window(
    local_athena: LocalAthena, athena: AthenaEngine
) -> None:
    hour = (AT + timedelta(hours=6)).replace(minute=0)
    size = 200_000
    # Compressed, it is half of that.
    large = json.loads(order("fifth")) | {"note": random.Random(6).randbytes(size // 2).hex()}
    deliveries = (
        # So long before the run that no lookback of the next one reaches it.
        (json.dumps(large).encode(), hour + timedelta(minutes=2), hour + timedelta(minutes=40)),
        (order("sixth"), hour + timedelta(minutes=45), hour + timedelta(minutes=46)),
    )
    for body, landed, run in deliveries:
        athena.land([body], landed, unique_batch_id(landed))
        before = len(statements(local_athena))
        athena.build(*FAST, at=run)

    reading = [
        record["scanned_bytes"]
        for record in statements(local_athena)[before:]
        if "retailpulse_raw" in record["statement"]
    ]
    assert len(reading) == 2
    assert sum(reading) < size // 10


def test_what_is_read_again_is_not_written_again(athena: AthenaEngine) -> None:
    runs = [AT + timedelta(hours=7, minutes=minutes) for minutes in (1, 3)]
    for name, run in zip(("read-again", "read-once"), runs, strict=True):
        landed = run - timedelta(minutes=1)
        athena.land([order(name)], landed, unique_batch_id(landed))
        athena.build(*FAST, at=run)

    for table in ("orders_events", "orders"):
        written = athena.query(
            f"select cast(processed_at as varchar) from retailpulse_silver.{table} "
            "where order_id in ('read-again', 'read-once') order by 1"
        )
        assert written == [(f"{run:%Y-%m-%d %H:%M:%S.%f}",) for run in runs]


def test_a_full_build_counts_no_arrivals_that_an_hourly_model_leaves_for_the_next_hour(
    athena: AthenaEngine,
) -> None:
    hour = (AT + timedelta(hours=9)).replace(minute=0)
    hourly = ("operations_quarantined", "carts_events", "carts_quarantined")
    # Whose events are looked for in every run.
    fast = ("stg_orders__arrivals", "orders_events", "orders_quarantined")
    for minutes in (1, 10):
        landed = hour + timedelta(minutes=minutes)
        body = json.dumps({"event_type": "nobody_knows", "event_id": f"n-{minutes}"}).encode()
        athena.land([body], landed, unique_batch_id(landed))
        # The second time further behind than any lookback, and still in the hour.
        run = landed + timedelta(minutes=4 * minutes)
        athena.build("--select", *hourly, *fast, at=run)
        athena.build("--select", *hourly, at=run + timedelta(minutes=2))
    count = "select count(*) from retailpulse_silver.operations_quarantined"
    assert athena.query(count) == [(1,)]

    athena.build("--select", *hourly, *fast, at=hour + timedelta(minutes=90))

    assert athena.query(count) == [(2,)]


def test_an_hourly_model_that_has_to_read_everything_does_so_once_in_an_hour(
    local_athena: LocalAthena, athena: AthenaEngine
) -> None:
    hour = (AT + timedelta(hours=11)).replace(minute=0)
    hourly = ("--select", "carts_events", "carts_quarantined")
    # Of the variables that these are rebuilt for.
    rule: dict[str, object] = {"earliest_event_date": "2026-01-02"}
    athena.build(*hourly, at=hour + timedelta(minutes=1), command="run")

    has_read = []
    for minutes, variables in ((10, rule), (15, rule), (20, None)):
        before = len(statements(local_athena))
        run = hour + timedelta(minutes=minutes)
        athena.build(*hourly, at=run, command="run", variables=variables)
        sent = [record["statement"] for record in statements(local_athena)[before:]]
        has_read.append(any("retailpulse_raw" in statement for statement in sent))

    assert has_read == [True, False, True]


def test_a_domains_test_counts_for_itself_what_the_run_did_not_look_for(
    athena: AthenaEngine,
) -> None:
    run = AT + timedelta(hours=12)
    athena.land([order("lost")], run - timedelta(minutes=20), "lost")
    athena.build(*FAST, at=run)
    athena.query("delete from retailpulse_silver.orders_events where event_id = 'e-lost'")

    # Models of carts alone, whose events are all that the run looks for.
    tested = "orders__is_right_where_this_run_wrote"
    selected = ("--select", "carts_events", tested)
    failures = athena.dbt("build", *selected, *vars_flag(run + timedelta(hours=1)))

    assert [failure.partition(":")[0] for failure in failures] == [tested]


def billed(athena: LocalAthena) -> list[str]:
    """The statements so far that Athena would bill."""
    return [record["statement"] for record in statements(athena) if record["billed_bytes"]]


def statements(athena: LocalAthena) -> list[dict[str, Any]]:
    """The local Athena's record of each statement so far."""
    # Not by splitlines: a statement may hold a line separator of Unicode.
    with athena.statement_log.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_keys_are_grouped_by_the_longest_prefix_that_gives_few_groups(
    athena: AthenaEngine,
) -> None:
    some = random.Random(3)
    lists = {
        "few": ["b", "a", "ab", "abc", "é", "\U0001f600x"],
        "rising": [f"o-{some.randrange(10**6)}" for _ in range(1_500)],
        "random": [f"{some.getrandbits(128):032x}" for _ in range(1_500)],
        "of two shops": [f"{shop}-{number:06d}" for shop in "ab" for number in range(150)],
        "alike for long": ["x" * 70 + f"{number:03d}" for number in range(300)],
        "of other beginnings": [chr(256 + number) for number in range(300)],
        "no keys": ["whole"],
    }
    values = ", ".join(
        f"('{name}', '{key}')" for name, keys in lists.items() for key in sorted(set(keys))
    )
    macros = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
        (PROJECT / "macros" / "engine" / "key_ranges.sql").read_text(encoding="utf-8")
    )
    groups = macros.module.key_groups("given", "name", "name <> 'no keys'")  # type: ignore[attr-defined]

    found = athena.query(
        f"with given as (select * from (values {values}) as v (name, part)), {groups} "
        "select name, min(part), max(part), count(*) from grouped "
        "group by name, key_group order by 1, 2"
    )

    assert [tuple(row) for row in found] == [
        (name, *group) for name in sorted(lists) for group in groups_of(sorted(set(lists[name])))
    ]


def groups_of(keys: Sequence[str]) -> list[tuple[str, str, int]]:
    """Of each group of keys the least, the greatest, and how many they are."""
    length = max(length for length in range(65) if len({key[:length] for key in keys}) <= 200)
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(key[:length], []).append(key)
    return [(group[0], group[-1], len(group)) for group in groups.values()]
