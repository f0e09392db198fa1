"""What every build of the same raw events must come to, whoever built it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.command import BenchmarkError
from simulator.truth import Truth

_ACCEPTED: Final = "select count(*) from retailpulse_silver.orders_events"
_QUARANTINED: Final = """
    select reject_reason, count(*)
    from retailpulse_silver.quarantined_events
    group by reject_reason
"""
_ORDERS: Final = "select count(*) from retailpulse.fact_orders"
_REVENUE: Final = """
    select event_date || ' ' || currency_code, cast(daily_revenue as varchar)
    from retailpulse.agg_daily_revenue
"""
_STATUSES: Final = """
    select status || ' ' || currency_code, order_count || ' ' || order_amount
    from retailpulse.agg_order_status
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """What silver and gold hold.

    Attributes:
        accepted: Rows of `orders_events`.
        quarantined: Rows of `quarantined_events` by reject reason.
        orders: Rows of `fact_orders`.
        revenue: `daily_revenue` by `YYYY-MM-DD CUR`.
        statuses: Number and amount of the orders by `STATUS CUR`.
    """

    accepted: int
    quarantined: dict[str, int]
    orders: int
    revenue: dict[str, str]
    statuses: dict[str, str]

    @property
    def lines(self) -> int:
        """Accepted and quarantined together."""
        return self.accepted + sum(self.quarantined.values())


def totals_of_truth(truth: Truth) -> Totals:
    """Return what a simulation says must come of it."""
    statuses = truth.by_status()
    return Totals(
        accepted=truth.accepted,
        quarantined=dict(truth.quarantined),
        orders=sum(total.order_count for total in statuses.values()),
        revenue={
            f"{day} {currency}": f"{total.daily_revenue:.4f}"
            for (day, currency), total in truth.daily().items()
        },
        statuses={
            f"{status} {currency}": f"{total.order_count} {total.amount:.4f}"
            for (status, currency), total in statuses.items()
        },
    )


def totals_of_tables(connection: duckdb.DuckDBPyConnection) -> Totals:
    """Return what the tables of a lakehouse, or tables of the same names, hold."""
    return Totals(
        accepted=_count(connection, _ACCEPTED),
        quarantined=dict(connection.execute(_QUARANTINED).fetchall()),
        orders=_count(connection, _ORDERS),
        revenue=dict(connection.execute(_REVENUE).fetchall()),
        statuses=dict(connection.execute(_STATUSES).fetchall()),
    )


def write_totals(totals: Totals, file: Path) -> None:
    """Write totals as JSON."""
    file.write_text(json.dumps(asdict(totals), indent=2) + "\n", encoding="utf-8")


def read_totals(file: Path) -> Totals:
    """Read totals that `write_totals` wrote."""
    return Totals(**json.loads(file.read_text(encoding="utf-8")))


def require_agreement(totals: Mapping[str, Totals]) -> None:
    """Check that all totals are the same.

    Args:
        totals: By whose they are; the first are compared with each of the others.

    Raises:
        BenchmarkError: Some differ; the sentence says whose, in what and where first.
    """
    (first, expected), *others = totals.items()
    for name, found in others:
        for part, value in asdict(expected).items():
            other = getattr(found, part)
            if other != value:
                raise BenchmarkError(
                    f"{first} and {name} do not agree on {part}: {_difference(value, other)}"
                )


def _difference(left: object, right: object) -> str:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = sorted(key for key in {*left, *right} if left.get(key) != right.get(key))
        return f"{keys[0]} is {left.get(keys[0])} and {right.get(keys[0])}, {len(keys)} differ"
    return f"{left} and {right}"


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
