"""How often things happen: by the hour and the weekday, or evenly."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from simulator.times import DAY_US, HOUR_US

CARTS_PER_ORDER = 0.08
"""Carts that are left with something in them, for an order that is placed."""

CHANGES_PER_ORDER = 0.01
"""Changes of the catalog for an order: 30 on a day of 3,000 orders."""

# Orders by the hour (UTC), 24 is the mean; the night is quiet and the evening busiest.
_HOURS = (8, 6, 4, 4, 5, 8, 13, 19, 24, 28, 31, 33, 35, 33, 31, 30, 31, 34, 39, 45, 44, 35, 22, 14)
# By weekday from Monday on, 14 is the mean.
_WEEKDAYS = (12, 12, 13, 13, 15, 18, 15)
_RHYTHM = tuple(
    hour * weekday / (sum(_HOURS) * sum(_WEEKDAYS) / (24 * 7))
    for weekday in _WEEKDAYS
    for hour in _HOURS
)
_FIRST_WEEKDAY = 3  # 1970-01-01 was a Thursday.


class Pace(NamedTuple):
    """How fast a business runs."""

    order_gap_us: float
    """Mean time between two orders, once orders have reached the end of their life."""
    has_rhythm: bool
    """Whether hours and weekdays differ."""
    shrink: float
    """Every duration of an order's life and of a fault is multiplied by this (at most 1)."""

    def gap_us(self, per_order: float, random: Random) -> float:
        """Draw a time between two things of which so many happen for an order."""
        # The product of two chances has a mean of a quarter.
        return self.order_gap_us / per_order * 4.0 * random.random() * random.random()

    def next_us(self, at_us: int, per_order: float, random: Random) -> int:
        """Draw when the next such thing happens after `at_us`."""
        gap = self.gap_us(per_order, random)
        if self.has_rhythm:
            day, of_day = divmod(at_us, DAY_US)
            gap /= _RHYTHM[(day + _FIRST_WEEKDAY) % 7 * 24 + of_day // HOUR_US]
        return at_us + int(gap)
