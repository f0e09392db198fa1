"""What the lakehouse says about itself, as tables for people."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import duckdb

from retailpulse.formats import ResultTable, table_of

_DAILY_REVENUE: Final = """
    select
        event_date,
        currency_code,
        order_count as orders,
        daily_revenue as revenue,
        bar(daily_revenue, 0, max(daily_revenue) over (), 16) as " "
    from retailpulse.agg_daily_revenue
    where currency_code = (
        select currency_code from retailpulse.agg_daily_revenue
        group by currency_code order by sum(order_count) desc, currency_code limit 1
    )
    qualify row_number() over (order by event_date desc) <= $days
    order by event_date
"""
_TOTAL_REVENUE: Final = """
    select
        currency_code,
        sum(order_count) as orders,
        sum(gross_revenue) as gross,
        sum(cancelled_revenue) as cancelled,
        sum(daily_revenue) as revenue
    from retailpulse.agg_daily_revenue
    group by currency_code
    order by currency_code
"""
_CITIES: Final = """
    select
        city,
        currency_code,
        order_count as orders,
        premium_order_count as premium,
        premium_share_percent as "premium %"
    from retailpulse.agg_city_performance
    where city <> 'unknown'
    order by order_count desc, city, currency_code
    limit $cities
"""
_ORDER_STATUS: Final = """
    select status, sum(order_count) as order_count
    from retailpulse.agg_order_status
    group by status
    order by min(case status when 'CREATED' then 1 when 'SHIPPED' then 2 when 'DELIVERED' then 3
        else 4 end), status
"""
_QUARANTINE: Final = """
    select
        reject_reason,
        reject_field,
        count(*) as event_count,
        count(*) filter (status = 'open') as open_count,
        count(*) filter (status = 'closed') as closed_count
    from retailpulse_silver.quarantined_events_status
    where status <> 'repeated'
    group by reject_reason, reject_field
    order by event_count desc, reject_reason, reject_field
"""
_REJECTED: Final = """
    select reject_reason, count(*) as event_count
    from retailpulse_silver.quarantined_events_status
    where status <> 'repeated'
    group by reject_reason
    order by event_count desc, reject_reason
"""
_CONSERVATION: Final = """
    select
        coalesce(sum(landed_count), 0),
        coalesce(sum(accepted_count), 0),
        coalesce(sum(quarantined_count), 0),
        coalesce(sum(duplicate_count), 0)
    from retailpulse_silver.event_conservation
"""


class Conservation(NamedTuple):
    """What became of all raw lines that silver has read."""

    landed: int
    accepted: int
    quarantined: int
    duplicate: int

    @property
    def holds(self) -> bool:
        """Whether nothing was lost and nothing counted twice."""
        return self.landed == self.accepted + self.quarantined + self.duplicate


def daily_revenue(connection: duckdb.DuckDBPyConnection, days: int) -> ResultTable:
    """Return the revenue of the latest days, in the currency of most orders."""
    return _table(connection, f"Daily revenue, the last {days} days", _DAILY_REVENUE, days=days)


def city_performance(connection: duckdb.DuckDBPyConnection, cities: int) -> ResultTable:
    """Return the cities with most orders."""
    return _table(connection, f"The {cities} cities with most orders", _CITIES, cities=cities)


def total_revenue(connection: duckdb.DuckDBPyConnection) -> ResultTable:
    """Return the revenue of all days, by currency."""
    return _table(connection, "Revenue, all days", _TOTAL_REVENUE)


def order_status(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return each current status with its number of orders, in the order of a life."""
    return [(status, int(count)) for status, count in _query(connection, _ORDER_STATUS)[1]]


def quarantine(connection: duckdb.DuckDBPyConnection) -> ResultTable:
    """Return the rejected events by reason and field, each event once however often it came."""
    return _table(connection, "Quarantine, by reason and field", _QUARANTINE)


def rejected(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return each reason with its number of rejected events, the most frequent first."""
    return [(reason, int(count)) for reason, count in _query(connection, _REJECTED)[1]]


def conservation(connection: duckdb.DuckDBPyConnection) -> Conservation:
    """Count what became of the raw lines, each class on its own."""
    return Conservation(*(int(count) for count in _query(connection, _CONSERVATION)[1][0]))


def _table(
    connection: duckdb.DuckDBPyConnection, title: str, sql: str, **parameters: object
) -> ResultTable:
    return table_of(*_query(connection, sql, **parameters), title)


def _query(
    connection: duckdb.DuckDBPyConnection, sql: str, **parameters: object
) -> tuple[list[str], list[tuple[Any, ...]]]:
    connection.execute(sql, parameters)
    return [column[0] for column in connection.description or ()], connection.fetchall()
