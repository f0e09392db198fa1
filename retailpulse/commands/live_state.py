"""What a live session knows: what landed, what of it is in gold, and how long that took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import duckdb

from retailpulse.local.domain_tables import accepted_rows, gold_read_until

_REVENUE: Final = """
    select event_date, currency_code, daily_revenue
    from retailpulse.agg_daily_revenue
    where event_date = (select max(event_date) from retailpulse.agg_daily_revenue)
    order by currency_code
"""
_STATUS: Final = """
    select status, cast(sum(order_count) as bigint)
    from retailpulse.agg_order_status
    group by status
    order by status
"""


@dataclass(frozen=True, slots=True)
class Gold:
    """What gold shows after a run.

    Attributes:
        new_rows: Events of the session that came with the run: when they were received (UTC,
            without a time zone), and how many.
        processed_at: When the run that wrote the latest event began; None without events.
        read_until: Everything received before is in all of gold, UTC without a time zone.
        revenue_date: The latest business day with revenue.
        revenue: Its revenue by currency.
        orders: The number of orders by status.
    """

    new_rows: tuple[tuple[datetime, int], ...] = ()
    processed_at: datetime | None = None
    read_until: datetime | None = None
    revenue_date: date | None = None
    revenue: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)


def read_gold(
    connection: duckdb.DuckDBPyConnection, started: datetime, since: datetime | None
) -> Gold:
    """Ask the lakehouse.

    Args:
        connection: To the lakehouse.
        started: When the session started, UTC without a time zone.
        since: The `processed_at` of the gold before; None for the first time.
    """
    accepted = accepted_rows(connection, ["received_at", "processed_at"])
    # A run's rows have its start as their processed_at: this is what it brought of the session.
    new_rows = connection.execute(
        f"select received_at, count(*) from ({accepted}) "  # noqa: S608
        "where processed_at > $since and received_at >= $started group by received_at",
        {"started": started, "since": since or datetime.min},
    ).fetchall()
    last = connection.execute(f"select max(processed_at) from ({accepted})").fetchone()  # noqa: S608
    until = gold_read_until(connection)
    revenue = connection.execute(_REVENUE).fetchall()
    return Gold(
        new_rows=tuple((received_at, count) for received_at, count in new_rows),
        processed_at=last[0] if last else None,
        read_until=until.replace(tzinfo=None) if until else None,
        revenue_date=revenue[0][0] if revenue else None,
        revenue={currency: amount for _, currency, amount in revenue},
        orders=dict(connection.execute(_STATUS).fetchall()),
    )


@dataclass(slots=True)
class LiveState:
    """A session as it goes. One thread lands, another builds; each writes fields of its own.

    Attributes:
        started: When the session started, UTC without a time zone.
        batches: What landed: when it was received (UTC, without a time zone), how many messages.
        building: What the run of dbt that goes on is doing; empty between two.
        builds: How many runs of dbt have ended.
        build_seconds: How long the last took.
        gold: What gold shows since then.
        latencies: From being received to the end of the run that brought it to gold, in seconds,
            and of how many events.
        newest_seconds: The same for the newest event of the last run that brought any.
    """

    started: datetime | None = None
    batches: list[tuple[datetime, int]] = field(default_factory=list)
    building: str = ""
    builds: int = 0
    build_seconds: float = 0.0
    gold: Gold = field(default_factory=Gold)
    latencies: list[tuple[float, int]] = field(default_factory=list)
    newest_seconds: float | None = None

    @property
    def landed(self) -> int:
        """How many messages have landed."""
        return sum(count for _, count in self.batches)

    @property
    def rate(self) -> float:
        """How many messages have landed a second since the session started."""
        if self.started is None or not self.batches:
            return 0.0
        seconds = (self.batches[-1][0] - self.started).total_seconds()
        return self.landed / seconds if seconds > 0 else 0.0

    @property
    def lag(self) -> int:
        """How many messages have landed that no ended run has read."""
        until = self.gold.read_until or datetime.min
        return sum(count for received_at, count in self.batches if received_at >= until)

    def built(self, gold: Gold, ended: datetime, seconds: float) -> None:
        """Take note of a run of dbt.

        Args:
            gold: What gold shows after it.
            ended: When it ended, UTC without a time zone.
            seconds: How long it took.
        """
        new = [
            ((ended - received_at).total_seconds(), count) for received_at, count in gold.new_rows
        ]
        self.latencies += new
        if new:
            self.newest_seconds = min(new)[0]
        self.gold = gold
        self.building = ""
        self.builds += 1
        self.build_seconds = seconds

    def latency(self, share: float) -> float | None:
        """Return the latency in seconds that `share` (0 to 1) of the events did not exceed."""
        return weighted_percentile(self.latencies, share)


def weighted_percentile(samples: Sequence[tuple[float, int]], share: float) -> float | None:
    """Return the smallest value that `share` of the samples do not exceed; None without any.

    Args:
        samples: Values, and how many there are of each.
        share: From 0 to 1.
    """
    needed = share * sum(count for _, count in samples)
    seen = 0
    for value, count in sorted(samples):
        seen += count
        if seen >= needed:
            return value
    return None
