"""A workload and its bills: by the queue and by the bus, by the list and as AWS sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from benchmarks.athena_case import FULL, FULL_RANDOM, QUIET, SMALL, SMALL_RANDOM
from benchmarks.athena_record import AthenaRecord
from benchmarks.cloud_bill import Bill, after_allowances, bill
from benchmarks.cloud_prices import PriceList
from benchmarks.cloud_runs import runs_of
from benchmarks.cloud_usage import Assumptions, Road, Workload, month
from benchmarks.history import Ids

ROADS: Final = {Road.QUEUE: "straight to the queue", Road.BUS: "through the bus"}

# What is priced on the page, and the goal for it in USD a month by the queue: for the bill that an
# account gets that has nothing else, so after the allowances that every account has without end.
GOALS: Final = {SMALL: 25.0, SMALL_RANDOM: 25.0, FULL: 60.0, FULL_RANDOM: 60.0, QUIET: None}


@dataclass(frozen=True, slots=True)
class Priced:
    """A workload and its bills.

    Attributes:
        workload: What arrives, and how often dbt runs.
        listed: By the list, for each road.
        paid: After the allowances of an account that has nothing else.
    """

    workload: Workload
    listed: dict[Road, Bill]
    paid: dict[Road, Bill]


def priced(workload: Workload, ids: Ids, record: AthenaRecord, prices: PriceList) -> Priced:
    """Price a workload.

    Raises:
        BenchmarkError: A case that is needed has not been counted.
    """
    runs = runs_of(record, workload.events_per_day, workload.every_minutes, ids)
    listed = {
        road: bill(
            f"{name}, by the list", month(workload, road, runs, Assumptions()), prices.prices
        )
        for road, name in ROADS.items()
    }
    paid = {
        road: after_allowances(ROADS[road], each, prices.prices) for road, each in listed.items()
    }
    return Priced(workload, listed, paid)
