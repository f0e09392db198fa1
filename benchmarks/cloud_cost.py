"""`python -m benchmarks.cloud_cost`: what a month of RetailPulse on AWS costs, service by service.

Athena's part and S3's are counted from a real run on the local Athena (benchmarks.athena_cost);
what cannot be counted here is an assumption, and the page lists them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

import typer

from benchmarks.athena_record import (
    BUSY_RUN,
    COMPACT_RUN,
    DAILY_RUN,
    FAST_RUN,
    HOURLY_RUN,
    RECORD_FILE,
    UPKEEP_RUN,
    AthenaRecord,
    read_record,
)
from benchmarks.cloud_bill import (
    Bill,
    after_allowances,
    bill,
    by_assumption,
    by_line,
    by_price,
    by_service,
    page_table,
    terminal_table,
)
from benchmarks.cloud_prices import PriceList, read_prices
from benchmarks.cloud_usage import (
    Assumptions,
    Road,
    Schedule,
    Workload,
    month,
    on_days_of,
    recorded,
)
from benchmarks.command import PROJECT
from retailpulse.terminal import Terminal

PAGE: Final = PROJECT / "benchmarks" / "cloud-cost.md"
_PRICES: Final = PROJECT / "benchmarks" / "prices.toml"
_QUEUE_SETTINGS: Final = PROJECT / "ingestion" / "queue_settings.json"
_CONTRACTS: Final = PROJECT / "ingestion" / "contracts"

EVENTS_PER_DAY: Final = 1_000_000
EVERY_MINUTES: Final = 5

# USD a month, for a million events a day and a run every five minutes: what AWS charges an account
# that has nothing else, so after the allowances that every account has without end.
_MOST: Final = 40.0
_MOST_ATHENA: Final = 15.0

_ROADS: Final = {Road.QUEUE: "straight to the queue", Road.BUS: "through the bus"}
_WINDOWS: Final = (5, 20, 60, 120, 240, 300)
_OF_THE_BUS: Final = ("events", "sends by the rule, one an event")
_OF_THE_WINDOW: Final = ("raw objects put", "Athena's GET of raw, fast runs", "logs")


def main(
    events_per_day: Annotated[int, typer.Option(min=1, help="How many events arrive.")] = (
        EVENTS_PER_DAY
    ),
    every_minutes: Annotated[
        int, typer.Option(min=1, max=1440, help="How often the fast path runs.")
    ] = EVERY_MINUTES,
) -> None:
    """Print the bill; for the project's goals, write its page as well."""
    terminal = Terminal()
    prices, record = read_prices(_PRICES), read_record(RECORD_FILE)
    workload = _workload(events_per_day, every_minutes)
    listed = _listed(workload, prices, record)
    bills = _paid(listed, prices)
    terminal.show(
        terminal_table(
            f"USD in 31 days: {events_per_day:,} events a day, a run every {every_minutes} minutes",
            ["service", *(each.name for each in (*bills, *listed))],
            by_service([*bills, *listed]),
        )
    )
    terminal.say(_config(workload, prices))
    if (events_per_day, every_minutes) == (EVENTS_PER_DAY, EVERY_MINUTES):
        for sentence in _goals(bills, listed):
            terminal.say(sentence)
        windows = [
            (window, _listed(replace(workload, window_seconds=window), prices, record))
            for window in _WINDOWS
        ]
        PAGE.write_text(_page(workload, listed, windows, prices, record), encoding="utf-8")
        terminal.say(f"Each line, price and assumption: {PAGE.relative_to(PROJECT)}")


def _workload(events_per_day: int, every_minutes: int) -> Workload:
    settings = json.loads(_QUEUE_SETTINGS.read_text(encoding="utf-8"))
    return Workload(
        events_per_day=events_per_day,
        every_minutes=every_minutes,
        event_types=len(list(_CONTRACTS.glob("*.json"))),
        window_seconds=settings["maximum_batching_window_seconds"],
        batch_size=settings["batch_size"],
    )


def _listed(workload: Workload, prices: PriceList, record: AthenaRecord) -> list[Bill]:
    """What each road costs by the price list."""
    schedule = Schedule(
        fast=on_days_of(workload.events_per_day, record.run(FAST_RUN), record.run(BUSY_RUN)),
        hourly=[record.run(HOURLY_RUN), record.run(COMPACT_RUN)],
        daily=[record.run(DAILY_RUN), record.run(UPKEEP_RUN)],
    )
    return [
        bill(
            f"{name}, by the list",
            month(workload, road, record, schedule, Assumptions()),
            prices.prices,
        )
        for road, name in _ROADS.items()
    ]


def _paid(listed: Sequence[Bill], prices: PriceList) -> list[Bill]:
    """What each road costs an account that has nothing else."""
    return [
        after_allowances(name, each, prices.prices)
        for each, name in zip(listed, _ROADS.values(), strict=True)
    ]


def _config(workload: Workload, prices: PriceList) -> str:
    use = recorded(workload, Assumptions())
    usd = prices.prices[use.price].of(use.quantity)
    return (
        f"AWS Config, where it records network interfaces: {usd:.2f} more, for {use.quantity:,.0f} "
        "items (docs/deploy.md says how to exclude them)"
    )


def _goals(bills: Sequence[Bill], listed: Sequence[Bill]) -> list[str]:
    athena = bills[0].service("Athena")
    return [
        f"Athena: {athena:.2f} (goal: under {_MOST_ATHENA:g}, {_met(athena, _MOST_ATHENA)})",
        *(
            f"Everything, {each.name}: {each.total:.2f} "
            f"(goal: under {_MOST:g}, {_met(each.total, _MOST)}); "
            f"without AWS's allowances {by_list.total:.2f}"
            for each, by_list in zip(bills, listed, strict=True)
        ),
    ]


def _met(usd: float, most: float) -> str:
    return "met" if usd < most else "missed"


def _page(
    workload: Workload,
    listed: Sequence[Bill],
    windows: Sequence[tuple[int, Sequence[Bill]]],
    prices: PriceList,
    record: AthenaRecord,
) -> str:
    bills = _paid(listed, prices)
    names = list(_ROADS.values())
    return "\n".join(
        [
            "# What a month on AWS costs",
            "",
            f"`make cost`: {workload.events_per_day:,} events a day, a fast run every "
            f"{workload.every_minutes} minutes, 31 days, {prices.region},",
            f"prices of {prices.as_of}. Nothing of this comes from an AWS bill: no account was",
            "used. Athena's statements and bytes, and its requests to S3, are counted from a run",
            "of the real adapter on the local Athena ([where](athena-cost.md)):",
            f"{record.measured}.",
            "The other quantities follow from the configuration and from the assumptions below.",
            "",
            *(f"- {sentence}" for sentence in _goals(bills, listed)),
            "",
            *page_table(
                ["USD in 31 days", *names, *(each.name for each in listed)],
                by_service([*bills, *listed]),
            ),
            "",
            "The goal is for the bill that AWS sends, which leaves out what every account has for",
            "nothing each month, for as long as it exists: those units are with the prices below.",
            "An account's first year and credits count for nothing here. One that uses its",
            "allowances for something else pays up to the sums by the list; line by line, all is",
            "by the list.",
            "",
            "Producers choose the road. EventBridge charges for each event, and its rule sends",
            "each one to the queue by itself; a producer that sends to the queue by",
            "SendMessageBatch pays a tenth of the sends and no bus; its bare body lands like any",
            "other. There is no archive of what it sent but raw. No setting brings the bus under",
            f"the goal: its events and the rule's sends alone cost {_of_the_bus(listed):.2f}.",
            "",
            "## Where AWS Config is on",
            "",
            f"- {_config(workload, prices)}",
            "",
            "Each run is a task of its own, with a network interface that is made and deleted.",
            "It is in none of the sums: many an account records nothing, one of an organization",
            "mostly does.",
            "",
            "## How long Lambda gathers a batch",
            "",
            "`maximum_batching_window_seconds` in ingestion/queue_settings.json. Each of Lambda's",
            "pollers ends a batch when the window does, and a batch becomes an object for each",
            "event type; each fast run opens the objects of its hours ten times. The window is the",
            "time that an event waits at most before it is in raw.",
            "",
            *page_table(
                ["seconds", "invocations, logs, raw objects put and read, USD", *names],
                (
                    [
                        f"{window}{' (now)' if window == workload.window_seconds else ''}",
                        f"{_gathering(each[0]):.2f}",
                        *(f"{one.total:.2f}" for one in _paid(each, prices)),
                    ]
                    for window, each in windows
                ),
            ),
            "",
            "## Line by line",
            "",
            *page_table(
                ["service", "what", *(f"{name}: how much" for name in names)]
                + [f"{name}: USD" for name in names],
                by_line(listed),
            ),
            "",
            "A further month of history adds its storage, as each is kept. What Athena puts are",
            "the files of each merge, in every day that it touches, and each statement's result;",
            "what it lists are the hours of raw.",
            "",
            "## What is assumed",
            "",
            *page_table(["what", "value", "where it is from"], by_assumption(Assumptions())),
            "",
            f"A fast run was counted with {record.new_events:,} new events; with more, it is taken",
            "to read as many times more. Its bytes are those on days as full as the bill's, by a",
            f"line through two histories, of {record.run(FAST_RUN).events_per_day:,} and of "
            f"{record.run(BUSY_RUN).events_per_day:,} events a day.",
            "The second has four such days; on one of weeks a run touches more. Requests to S3,",
            "and all of the hourly and the daily runs, are those on the first: on fuller days they",
            "are more. Athena queries of analysts are not in.",
            "",
            "## Prices",
            "",
            *page_table(
                ["price", "USD", "for", "unit", "AWS's page", "read in", "free a month", "read in"],
                by_price(prices),
            ),
            "",
        ]
    )


def _of_the_bus(listed: Sequence[Bill]) -> float:
    """What the road by the bus costs for each event, whatever is done with it later."""
    by_bus = listed[list(_ROADS).index(Road.BUS)]
    return sum(usd for use, usd in by_bus.lines if use.what in _OF_THE_BUS)


def _gathering(one: Bill) -> float:
    """What depends on the window."""
    return sum(
        usd for use, usd in one.lines if use.service == "Lambda" or use.what in _OF_THE_WINDOW
    )


if __name__ == "__main__":
    typer.run(main)
