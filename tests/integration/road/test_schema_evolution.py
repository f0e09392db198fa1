"""A new optional field: a new column, NULL for history until a backfill fills it from raw."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from ingestion.contract_generator.__main__ import main
from tests.support.progress import run
from tests.support.project.followed import project_following
from tests.support.road.lakehouse import Lakehouse

FIRST_RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND_RUN = datetime(2026, 3, 12, 12, tzinfo=UTC)
BACKFILL = "backfill: {from: '2026-03-10', to: '2026-03-11'}"

CHANGES = {
    "ingestion/contracts/orders/order_created.json": [
        (
            '    "currency_code": {',
            '    "coupon": {"$ref": "types.json#/$defs/text", "description": "A coupon."},\n'
            '    "currency_code": {',
        ),
    ],
}


def order(number: int, coupon: str) -> bytes:
    return json.dumps(
        {
            "event_id": f"e{number}",
            "event_type": "order_created",
            "event_ts": "2026-03-10T08:00:00Z",
            "order_id": f"o{number}",
            "customer_id": "c1",
            "amount": 10,
            "coupon": coupon,
        }
    ).encode()


def test_a_new_column_is_null_for_history_until_a_backfill(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project_following(project)
    lakehouse = Lakehouse(tmp_path / "home")

    def build(at: datetime, *more: str) -> None:
        variables = ", ".join([f"run_at: '{at:%Y-%m-%d %H:%M:%S.%f}'", *more])
        done = run(
            [
                *(Path(sys.executable).with_name("dbt"), "--quiet", "build"),
                *("--selector", "fast", "--vars", f"{{{variables}}}"),
            ],
            cwd=project,
            env=os.environ | lakehouse.environment,
        )
        assert done.returncode == 0, done.stdout

    lakehouse.land([order(1, "web"), order(2, "shop")], FIRST_RUN.replace(hour=9), "first")
    build(FIRST_RUN)
    for name, changes in CHANGES.items():
        text = (project / name).read_text()
        for old, new in changes:
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        (project / name).write_text(text)
    assert main([], project) == 0
    lakehouse.land([order(3, "web"), order(1, "web")], SECOND_RUN.replace(hour=9), "second")

    build(SECOND_RUN)

    coupons = "select event_id, coupon from retailpulse_silver.orders_events order by all"
    assert lakehouse.query(coupons) == [("e1", None), ("e2", None), ("e3", "web")]

    build(SECOND_RUN.replace(hour=13), BACKFILL)

    assert lakehouse.query(coupons) == [("e1", "web"), ("e2", "shop"), ("e3", "web")]
    orders = "select count(*), sum(order_amount) from retailpulse_silver.orders"
    assert [[str(value) for value in row] for row in lakehouse.query(orders)] == [["3", "30.0000"]]


def test_a_seed_that_has_got_a_column_replaces_the_table_of_the_version_before(
    lakehouse: Lakehouse,
) -> None:
    assert lakehouse.dbt("seed") == []
    with lakehouse.connect(writable=True) as connection:
        connection.execute("alter table retailpulse_silver.reject_reasons drop column meaning")

    assert lakehouse.dbt("seed") == []

    meanings = "select count(meaning) from retailpulse_silver.reject_reasons"
    assert lakehouse.query(meanings)[0][0] > 0
