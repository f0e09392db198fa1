"""AWS's prices, from prices.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Price:
    """What one thing costs.

    Attributes:
        usd: The price of `per` units.
        per: How many units that buys.
        unit: What is counted.
        page: The price list of AWS's that has it.
        checked: Where the figure was read.
        free: How many units of a month every account has for nothing, for as long as it exists.
        free_checked: Where that was read.
    """

    usd: float
    per: float
    unit: str
    page: str
    checked: str
    free: float = 0
    free_checked: str = ""

    def of(self, quantity: float) -> float:
        """Return what so many units cost by the list, in USD."""
        return quantity / self.per * self.usd


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of one region, by name, and the month they are of."""

    region: str
    as_of: str
    prices: Mapping[str, Price]


def read_prices(path: Path) -> PriceList:
    """Read a price list."""
    document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return PriceList(
        region=document.pop("region"),
        as_of=document.pop("as_of"),
        prices={name: Price(**price) for name, price in document.items()},
    )
