from __future__ import annotations

import json

import pytest

from benchmarks.athena_requests import Price, Request
from benchmarks.athena_statements import described, read_statements

TEN = 10 * 2**20


def line(statement: str, at: str, billed: int, scanned: int = 0) -> str:
    return json.dumps(
        {
            "statement": statement,
            "submitted_at": f"2026-01-01T00:00:{at}+00:00",
            "billed_bytes": billed,
            "scanned_bytes": scanned,
        }
    )


def get(second: int, *, by_dbt: bool = False, is_raw: bool = False) -> Request:
    return Request(1_767_225_600 + second, "s3", by_dbt, Price.GET, is_raw)


def test_a_request_is_of_the_statement_sent_before_it() -> None:
    orders = '/* {"app": "dbt", "node_id": "model.retailpulse.orders"} */ merge into a.orders o'
    test = '/* {"app": "dbt", "node_id": "test.retailpulse.not_null_a.abc1"} */ select 1 from a.b'
    found = read_statements(
        # The log has them in the order in which they end.
        [
            line(test, "30", TEN),
            line(orders, "10", 3 * TEN, 3 * TEN),
            line("drop table x", "40", 0),
        ],
        [
            *(get(second) for second in (9, 10, 29)),
            get(31, is_raw=True),
            get(50, by_dbt=True),
        ],
    )
    assert [(each.node, each.is_billed, each.scanned_bytes, each.s3_gets) for each in found] == [
        ("orders", True, 3 * TEN, 3),
        ("not_null_a", True, 0, 1),
        ("hooks and operations", False, 0, 0),
        ("dbt itself", False, 0, 1),
    ]
    assert [each.raw_gets for each in found] == [0, 1, 0, 0]
    # Each statement's result and what it is made of.
    assert [each.s3_puts for each in found] == [2, 2, 2, 0]


def test_what_dbt_asks_without_statements_is_counted() -> None:
    (found,) = read_statements([], [get(1, by_dbt=True), get(2)])
    assert (found.node, found.s3_gets, found.is_statement) == ("dbt itself", 2, False)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            '/* {} */\n-- why\nMERGE  INTO "lake"."silver"."orders" as t '
            'using "lake"."silver"."orders__dbt_tmp_1a2b" as s on (t.a = s.a)',
            "merge into orders, reads orders__tmp",
        ),
        (
            'create table "lake"."silver"."orders__dbt_tmp_9"\nwith (x = \'y\') as '
            "with a as (select * from lake.raw.events) select * from a join lake.silver.b on true",
            "create table orders__tmp, reads b, events",
        ),
        ("(select 1 from lake.raw.events)", "select, reads events"),
        (
            "with a as (select extract(day from b.c) from lake.raw.events as b) "
            "select 1 from a where a.d is distinct from a.e",
            "select, reads events",
        ),
        ("select 1", "select"),
        ("optimize silver.orders rewrite data using bin_pack", "optimize orders"),
    ],
)
def test_a_statement_is_described_by_what_it_writes_and_reads(statement: str, told: str) -> None:
    assert described(statement) == told
