"""The monthly bill of AWS, in USD: by line and by service, as a table and as a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from rich.table import Table

from benchmarks.cloud_prices import Price, PriceList
from benchmarks.cloud_source import SourceAssumptions
from benchmarks.cloud_usage import Assumptions, Use

ALL = "all"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a month costs.

    Attributes:
        name: What it is the bill of.
        lines: What is used, and what that costs in USD.
    """

    name: str
    lines: Sequence[tuple[Use, float]]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(usd for _, usd in self.lines)

    def service(self, name: str) -> float:
        """One service's part."""
        return sum(usd for use, usd in self.lines if use.service == name)


def bill(name: str, uses: Iterable[Use], prices: Mapping[str, Price]) -> Bill:
    """Price what is used by the list.

    Raises:
        KeyError: The list has no such price.
    """
    return Bill(name, [(use, prices[use.price].of(use.quantity)) for use in uses])


def after_allowances(name: str, listed: Bill, prices: Mapping[str, Price]) -> Bill:
    """Take off what every account has for nothing, from the lines of a price in proportion."""
    used: defaultdict[str, float] = defaultdict(float)
    for use, _ in listed.lines:
        used[use.price] += use.quantity
    paid = {
        price: max(0.0, 1 - prices[price].free / quantity) if quantity else 1.0
        for price, quantity in used.items()
    }
    return Bill(name, [(use, usd * paid[use.price]) for use, usd in listed.lines])


def services(bills: Sequence[Bill]) -> list[str]:
    """Return the services of some bills, the dearest of the first bill first."""
    names = {use.service for each in bills for use, _ in each.lines}
    return sorted(names, key=lambda name: (-bills[0].service(name), name))


def by_service(bills: Sequence[Bill]) -> list[list[str]]:
    """Return a row for each service and one for the sum, with a column for each bill."""
    rows = [[name, *(_usd(each.service(name)) for each in bills)] for name in services(bills)]
    return [*rows, [ALL, *(_usd(each.total) for each in bills)]]


def by_line(bills: Sequence[Bill]) -> list[list[str]]:
    """Return a row for each line of the bills: quantity and price, and USD in each bill."""
    found: dict[tuple[str, str], list[tuple[Use, float] | None]] = {}
    for number, each in enumerate(bills):
        for use, usd in each.lines:
            row = found.setdefault((use.service, use.what), [None] * len(bills))
            row[number] = (use, usd)
    order = services(bills)
    return [
        [
            service,
            what,
            *(f"{cell[0].quantity:,.0f}" if cell else "" for cell in cells),
            *(_usd(cell[1]) if cell else "" for cell in cells),
        ]
        for (service, what), cells in sorted(found.items(), key=lambda row: order.index(row[0][0]))
    ]


def by_price(prices: PriceList) -> list[list[str]]:
    """Return a row for each price, with what is free of it."""
    return [
        [
            name,
            f"{price.usd:.10g}",
            f"{price.per:,.0f}",
            price.unit,
            price.page,
            price.checked,
            f"{price.free:,.0f}" if price.free else "",
            price.free_checked,
        ]
        for name, price in sorted(prices.prices.items())
    ]


def by_assumption(assumed: Assumptions | SourceAssumptions) -> list[list[str]]:
    """Return a row for each assumption."""
    return [
        [
            each.metadata["what"],
            f"{getattr(assumed, each.name):,.10g}",
            each.metadata["source"],
        ]
        for each in fields(assumed)
    ]


def terminal_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return rows as a terminal shows them: numbers to the right, the sum apart."""
    table = Table(title=title)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        if row[0] == ALL:
            table.add_section()
        table.add_row(*row)
    return table


def _usd(usd: float) -> str:
    return f"{usd:.2f}"
