"""The monthly bill of Athena, and the page that shows it: pure text from counted statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.athena_statements import Cost, Requests, total

DAYS: Final = 31

_MEBI: Final = 2**20


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of run.

    Attributes:
        name: What it is for.
        command: What runs it.
        costs: What each node of one run cost.
        runs_a_day: How often the schedule runs it.
        most_billed: The goal for its billed statements; none without one.
        requests: What one run asked of S3.
    """

    name: str
    command: str
    costs: Mapping[str, Cost]
    runs_a_day: int
    most_billed: int | None = None
    requests: Requests = field(default_factory=Requests)

    @property
    def dollars_a_month(self) -> float:
        """What its runs of 31 days cost, in USD."""
        return total(self.costs).dollars * self.runs_a_day * DAYS


@dataclass(frozen=True, slots=True)
class Growth:
    """What a fast run reads on a short and on a long history, in bytes, by node."""

    short: Mapping[str, Cost]
    long: Mapping[str, Cost]
    most: float

    @property
    def ratio(self) -> float:
        """The long history's bytes for one of the short one's."""
        return total(self.long).scanned_bytes / total(self.short).scanned_bytes


def bill_table(kinds: Sequence[Kind], most_dollars: float) -> list[str]:
    """Return the bill, a line a kind, and the sum against its goal."""
    month = sum(kind.dollars_a_month for kind in kinds)
    met = "met" if month < most_dollars else "missed"
    return [
        *_table_head(
            "run",
            "command",
            "billed statements",
            "free",
            "scanned",
            "S3 PUT, LIST",
            "S3 GET",
            "a day",
            "USD in 31 days",
        ),
        *(
            _line(
                kind.name,
                f"`{kind.command}`",
                _against(total(kind.costs).billed, kind.most_billed),
                total(kind.costs).free,
                _size(total(kind.costs).scanned_bytes),
                kind.requests.puts,
                kind.requests.gets,
                kind.runs_a_day or "",
                f"{kind.dollars_a_month:.2f}" if kind.runs_a_day else "",
            )
            for kind in kinds
        ),
        _line(
            "all", "", "", "", "", "", "", "", f"{month:.2f} (goal: under {most_dollars:g}, {met})"
        ),
    ]


def node_table(costs: Mapping[str, Cost]) -> list[str]:
    """Return what each node of one run cost, the dearest first; tests of one kind together."""
    ordered = sorted(costs.items(), key=lambda item: (-item[1].billed_bytes, item[0]))
    return [
        *_table_head("node", "billed statements", "free", "scanned", "billed"),
        *(
            _line(name, cost.billed, cost.free, _size(cost.scanned_bytes), _size(cost.billed_bytes))
            for name, cost in ordered
        ),
    ]


def run_table(runs: Sequence[tuple[Cost, Requests]]) -> list[str]:
    """Return what each of some runs came to, in their order."""
    return [
        *_table_head("run", "scanned", "billed", "S3 PUT, LIST", "S3 GET"),
        *(
            _line(
                number,
                _size(cost.scanned_bytes),
                _size(cost.billed_bytes),
                requests.puts,
                requests.gets,
            )
            for number, (cost, requests) in enumerate(runs, start=1)
        ),
    ]


def growth_table(growth: Growth, short: str, long: str) -> list[str]:
    """Return what a fast run reads on both histories, by node, and the ratio against its goal."""
    met = "met" if growth.ratio <= growth.most else "missed"
    names = sorted({*growth.short, *growth.long})
    return [
        *_table_head("node", short, long),
        *(
            _line(
                name,
                _size(growth.short.get(name, Cost()).scanned_bytes),
                _size(growth.long.get(name, Cost()).scanned_bytes),
            )
            for name in names
        ),
        _line(
            "all",
            _size(total(growth.short).scanned_bytes),
            f"{_size(total(growth.long).scanned_bytes)}: {growth.ratio:.2f} × "
            f"(goal: ≤ {growth.most:g}, {met})",
        ),
    ]


def _against(count: int, most: int | None) -> str:
    if most is None:
        return str(count)
    return f"{count} (goal: ≤ {most}, {'met' if count <= most else 'missed'})"


def _size(count: int) -> str:
    return f"{count / _MEBI:,.2f} MiB"


def _table_head(*columns: str) -> Iterable[str]:
    return (_line(*columns), _line(*["---"] * len(columns)))


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
