"""The grocery's deliveries as files, and what has to become of each of their faults."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from math import ceil
from pathlib import Path
from random import Random
from typing import Any, Final, TextIO

from simulator.files import EXPECTED_FILE, SUMMARY_FILE
from simulator.grocery.business import Grocery, Product, products
from simulator.grocery.lines import ACCEPTED, lines_of
from simulator.grocery.tables import CART_ABANDONMENTS, ORDER_ITEMS, ORDERS, PRODUCTS, Table

CART_FILE: Final = "cart_abandonment_data.csv"
CART_RECORDS: Final = 1_000
FAULT_RATE: Final = 0.02

_ORDERS_PER_FILE: Final = 500
# A product that comes with the second file is sold before.
_LATE_PRODUCTS: Final = 10


def grocery(seed: int, start: datetime) -> Grocery:
    """Return the business that files tell of: whose orders come first, and then its carts."""
    return Grocery(Random(f"{seed} grocery"), start)  # noqa: S311 (no secret)


def write_deliveries(
    folder: Path,
    seed: int,
    start: datetime,
    orders: int,
    *,
    with_faults: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Write the files of all feeds of the grocery into a folder.

    `expected.ndjson` has a line for each faulty one: `file`, `line` (from 1 on), `fault`,
    `outcome`, `reject_reason`. `summary.json` has their counts.

    Args:
        folder: Made if it is missing; files of these names are replaced.
        seed: The same seed gives the same bytes.
        start: When the first order is placed, UTC.
        orders: How many there are.
        with_faults: Whether anything goes wrong.
        progress: Told the name of each file that is written.

    Returns:
        What `summary.json` holds.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    business = grocery(seed, start)
    faults = Random(f"{seed} faults") if with_faults else None  # noqa: S311 (no secret)
    counts = _Counts()
    with (folder / EXPECTED_FILE).open("w", encoding="utf-8", newline="\n") as expected:

        def write(name: str, table: Table, rows: Iterable[Any]) -> None:
            progress(name)
            _write(folder / name, table, rows, faults, counts, expected)

        early, late = _split(products())
        write("products_1.csv", PRODUCTS, early)
        placing = business.orders(orders)
        for number in range(1, 1 + ceil(orders / _ORDERS_PER_FILE)):
            some = list(islice(placing, _ORDERS_PER_FILE))
            placed = [order for order, _ in some]
            items = [item for _, lines in some for item in lines]
            # Its lines are here before the order is.
            write(f"order_items_{number}.csv", ORDER_ITEMS, items)
            write(f"orders_{number}.csv", ORDERS, placed)
        write(CART_FILE, CART_ABANDONMENTS, business.left_items(CART_RECORDS))
        write("products_2.csv", PRODUCTS, late)
    summary = {
        "seed": seed,
        "start": start.isoformat(),
        "files": dict(counts.files),
        "outcomes": dict(sorted(counts.outcomes.items())),
        "faults": dict(sorted(counts.faults.items())),
        "reject_reasons": dict(sorted(counts.reasons.items())),
    }
    (folder / SUMMARY_FILE).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


class _Counts:
    def __init__(self) -> None:
        self.files: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()


def _split(sold: list[Product]) -> tuple[list[Product], list[Product]]:
    return sold[:-_LATE_PRODUCTS], sold[-_LATE_PRODUCTS:]


def _write(
    file: Path,
    table: Table,
    rows: Iterable[Any],
    faults: Random | None,
    counts: _Counts,
    expected: TextIO,
) -> None:
    with file.open("wb") as written:
        for number, line in enumerate(lines_of(table, rows, faults, FAULT_RATE), 1):
            written.write(line.text + b"\n")
            counts.outcomes[line.outcome] += 1
            counts.files[file.name] += line.outcome == ACCEPTED
            if line.fault is None:
                continue
            counts.faults[line.fault] += 1
            if line.reject_reason:
                counts.reasons[line.reject_reason] += 1
            told = {
                "file": file.name,
                "line": number,
                "fault": line.fault,
                "outcome": line.outcome,
                "reject_reason": line.reject_reason,
            }
            expected.write(json.dumps(told) + "\n")
