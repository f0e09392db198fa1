"""What an earlier version built: by what it is known, and what of it would change its meaning."""

from __future__ import annotations

from typing import Final

import duckdb

from retailpulse.formats import ResultTable, table_of
from retailpulse.local.lakehouse import SILVER, has_table

# As macros/engine/former_tables.sql has it.
_FORMER: Final = "order_events"
_SHOWN: Final = 20

# The key of an order was (source, order_id), and is (system, order_id). By default all sources are
# of one system, which macros/engine/accepted_tables.sql names.
_SHARED_ORDERS: Final = """
    with
    named as (
        select unnest($sources::varchar[]) as source, unnest($systems::varchar[]) as system
    ),
    created as (
        select order_events.*, coalesce(system, 'retailpulse') as system
        from retailpulse_silver.order_events
        left join named using (source)
        where event_type = 'order_created'
    )
    select
        order_id,
        source,
        max_by(customer_id, (event_at, event_id)) as customer_id,
        max_by(amount, (event_at, event_id)) as amount,
        max_by(currency_code, (event_at, event_id)) as currency_code
    from created
    group by system, order_id, source
    qualify count(*) over (partition by system, order_id) > 1
    order by order_id, system, source
"""


def is_former(lakehouse: duckdb.DuckDBPyConnection) -> bool:
    """Say whether an earlier version built these tables."""
    return has_table(lakehouse, SILVER, _FORMER)


def shared_orders(
    lakehouse: duckdb.DuckDBPyConnection, systems: dict[str, str]
) -> ResultTable | None:
    """Return the orders of an earlier version's tables that would be one order; None without any.

    Args:
        lakehouse: What an earlier version built.
        systems: The variable of that name: the system of each source that it names.
    """
    found = lakehouse.execute(
        _SHARED_ORDERS, {"sources": [*systems], "systems": [*systems.values()]}
    )
    columns, rows = [column[0] for column in found.description], found.fetchall()
    ids = len({row[0] for row in rows})
    title = f"Ids of orders that several sources created: {ids:,}, of {len(rows):,} orders"
    return table_of(columns, rows[:_SHOWN], title) if rows else None
