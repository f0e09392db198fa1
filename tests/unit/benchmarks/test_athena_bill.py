from __future__ import annotations

import json

import pytest

from benchmarks.athena_bill import DAYS, Growth, Kind, bill_table, growth_table, node_table
from benchmarks.athena_statements import Cost, read_log, total

TEN = 10 * 2**20


def line(statement: str, billed: int, scanned: int = 0) -> str:
    record = {"statement": statement, "billed_bytes": billed, "scanned_bytes": scanned}
    return json.dumps(record)


def test_statements_are_counted_by_node() -> None:
    orders = '-- /* {"app": "dbt", "node_id": "model.retailpulse.orders"} */\nmerge …'
    test = '-- /* {"app": "dbt", "node_id": "test.retailpulse.not_null_orders_status.abc1"} */ s'
    costs = read_log(
        [
            line(orders, TEN, 7),
            line(orders, 3 * TEN, 3 * TEN),
            line(orders, 0),
            line(test, TEN, 1),
            line("optimize retailpulse.fact_orders rewrite data using bin_pack", TEN),
        ]
    )
    assert costs == {
        "orders": Cost(billed=2, free=1, scanned_bytes=3 * TEN + 7, billed_bytes=4 * TEN),
        "not_null_orders_status": Cost(1, 0, 1, TEN),
        "hooks and operations": Cost(1, 0, 0, TEN),
    }
    assert total(costs) == Cost(4, 1, 3 * TEN + 8, 6 * TEN)


def test_a_month_is_every_run_of_31_days() -> None:
    kind = Kind("fast", "dbt build", {"a": Cost(1, 0, 0, 10**12)}, runs_a_day=2)
    assert kind.dollars_a_month == pytest.approx(5 * 2 * DAYS)


@pytest.mark.parametrize(("goal", "told"), [(11.0, "met"), (9.0, "missed")])
def test_the_bill_says_whether_it_meets_its_goals(goal: float, told: str) -> None:
    cost = {"a": Cost(3, 1, 0, 2 * 10**12 // (DAYS))}
    text = "\n".join(bill_table([Kind("fast", "dbt build", cost, 1, most_billed=3)], goal))
    assert "3 (goal: ≤ 3, met)" in text
    assert f"10.00 (goal: under {goal:g}, {told})" in text
    over = bill_table([Kind("fast", "dbt build", cost, 1, most_billed=2)], goal)
    assert "3 (goal: ≤ 2, missed)" in "\n".join(over)


def test_the_dearest_node_comes_first() -> None:
    rows = node_table({"cheap": Cost(1, 0, 0, TEN), "dear": Cost(1, 0, 0, 9 * TEN)})[2:]
    assert [row.split(" | ")[0] for row in rows] == ["| dear", "| cheap"]


@pytest.mark.parametrize(("long", "told"), [(120, "met"), (121, "missed")])
def test_growth_is_that_of_the_bytes_scanned(long: int, told: str) -> None:
    growth = Growth({"a": Cost(scanned_bytes=100)}, {"a": Cost(scanned_bytes=long)}, most=1.2)
    assert f"{told})" in growth_table(growth, "short", "long")[-1]
