"""Who comes to the shop, and how the shop of that country tells of it."""

from __future__ import annotations

from random import Random

from simulator import catalog
from simulator.times import TimeStyle

_IN_UTC = (TimeStyle(None, 3),) * 12 + (TimeStyle(None, 6),) * 3 + (TimeStyle(None, 0),)
_STYLES = {
    country.code: (
        *_IN_UTC,
        TimeStyle(None, 9),
        TimeStyle(country.offset_minutes, 3),
        TimeStyle(country.offset_minutes, 3),
        TimeStyle(country.offset_minutes, 0),
    )
    for country in catalog.COUNTRIES
}


def draw_shopper(random: Random, cloudevents_share: float) -> tuple[int, TimeStyle, bool]:
    """Draw a customer's number, how timestamps are written, and whether as CloudEvents."""
    chance = random.random()
    customer = int(catalog.CUSTOMER_COUNT * chance * chance)
    styles = _STYLES[catalog.country_of(customer).code]
    style = styles[int(len(styles) * random.random())]
    return customer, style, random.random() < cloudevents_share
