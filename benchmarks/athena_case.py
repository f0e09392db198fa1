"""What is counted on the local Athena: businesses of two sizes, with ids of two kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from benchmarks.history import Ids

EVERY_MINUTES: Final = 5
RUNS_A_DAY: Final = 24 * 60 // EVERY_MINUTES
# The hour between two compactions: each run reads the small files of those before it besides.
FAST_RUNS: Final = 60 // EVERY_MINUTES

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Case:
    """A business, its history, and what happens then.

    Attributes:
        name: What it is asked for by.
        millions: Million events in its history.
        busy: Whether each day has a million, and not 33,333.
        ids: What its ids are like.
        partition_by: The project's variable: what fits the volume (docs/decisions/0012).
        fast_runs: Runs of the fast path that are counted; with none nothing comes any more, and
            one run is counted that finds nothing.
        is_whole: Whether the hourly and the daily run are counted, too.
    """

    name: str
    millions: int
    busy: bool = False
    ids: Ids = Ids.RISING
    partition_by: str = "month"
    fast_runs: int = FAST_RUNS
    is_whole: bool = True

    @property
    def events_per_day(self) -> int:
        """Events of each day."""
        return 1_000_000 // self._days_per_million

    @property
    def days(self) -> int:
        """Days of history."""
        return self.millions * self._days_per_million

    @property
    def new_events(self) -> int:
        """Deliveries that a fast run finds, in the mean."""
        return round(self.events_per_day / RUNS_A_DAY) if self.fast_runs else 0

    @property
    def _days_per_million(self) -> int:
        return 1 if self.busy else 30


SMALL: Final = Case("33k-rising", 2)
SMALL_RANDOM: Final = Case("33k-random", 2, ids=Ids.RANDOM)
FULL: Final = Case("1m-rising", 8, busy=True, partition_by="day")
FULL_RANDOM: Final = Case("1m-random", 8, busy=True, ids=Ids.RANDOM, partition_by="day")
QUIET: Final = Case("quiet", 2, fast_runs=0)
LONG: Final = Case("long", 10, fast_runs=4, is_whole=False)
CASES: Final = {case.name: case for case in (SMALL, SMALL_RANDOM, FULL, FULL_RANDOM, QUIET, LONG)}


def in_batches(items: Sequence[_Item], size: float) -> Iterator[Sequence[_Item]]:
    """Part items into batches of a mean size, which need not be whole: of 2.5 each, 2 and 3."""
    number, start = 0, 0
    while start < len(items):
        number += 1
        end = max(start + 1, round(number * size))
        yield items[start:end]
        start = end
