"""What becomes of an order after its creation, and when."""

from __future__ import annotations

from random import Random

from simulator.times import DAY_US, HOUR_US, MINUTE_US

CREATED = "CREATED"
SHIPPED = "SHIPPED"
DELIVERED = "DELIVERED"
CANCELLED = "CANCELLED"
STATUSES = (SHIPPED, DELIVERED, CANCELLED)
REFUNDED = "REFUNDED"
"""A step of an order's life that is no status: money is given back for what was delivered."""

# Shares of orders. The rest, 90 in 100, are shipped and delivered.
_CANCELLED_EARLY = 0.05
_CANCELLED_AFTER_SHIPPING = 0.02
_NEVER_SHIPPED = 0.015
_NEVER_DELIVERED = 0.015
_DELIVERED = 1 - _CANCELLED_EARLY - _CANCELLED_AFTER_SHIPPING - _NEVER_SHIPPED - _NEVER_DELIVERED
# Of those that are delivered.
_REFUNDED = 0.06

EVENTS_PER_ORDER = 1 + (
    _CANCELLED_EARLY
    + 2 * _CANCELLED_AFTER_SHIPPING
    + _NEVER_DELIVERED
    + (2 + _REFUNDED) * _DELIVERED
)
SHORTEST_STEP_US = 5 * MINUTE_US
LONGEST_LIFE_US = 7 * DAY_US


def steps_after_creation(random: Random, shrink: float) -> tuple[tuple[str, int], ...]:
    """Draw an order's life: each status or refund with the time since creation, in microseconds.

    Times increase, the first is at least 5 minutes and the last at most 7 days (times shrink).
    """
    fate = random.random()
    first = random.random()
    if fate < _CANCELLED_EARLY:
        # Squared: who cancels mostly does so within the first hours.
        wait = SHORTEST_STEP_US + int((12 * HOUR_US - SHORTEST_STEP_US) * first * first)
        return ((CANCELLED, int(wait * shrink)),)
    fate -= _CANCELLED_EARLY
    if fate < _NEVER_SHIPPED:
        return ()
    fate -= _NEVER_SHIPPED
    shipped = 2 * HOUR_US + int(46 * HOUR_US * first)
    shipping = (SHIPPED, int(shipped * shrink))
    if fate < _NEVER_DELIVERED:
        return (shipping,)
    fate -= _NEVER_DELIVERED
    then = random.random()
    if fate < _CANCELLED_AFTER_SHIPPING:
        cancelled = shipped + HOUR_US + int(2 * DAY_US * then)
        return (shipping, (CANCELLED, int(cancelled * shrink)))
    delivered = shipped + 12 * HOUR_US + int(108 * HOUR_US * then)
    delivery = (DELIVERED, int(delivered * shrink))
    left = LONGEST_LIFE_US - delivered - HOUR_US
    if random.random() >= _REFUNDED or left < 0:
        return (shipping, delivery)
    refunded = delivered + HOUR_US + int(left * random.random())
    return (shipping, delivery, (REFUNDED, int(refunded * shrink)))
