"""The page of what a month on AWS costs: pure text from priced workloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchmarks.athena_case import EVERY_MINUTES, QUIET, Case
from benchmarks.athena_record import AthenaRecord
from benchmarks.cloud_bill import Bill, bill, by_assumption, by_line, by_price, by_service
from benchmarks.cloud_priced import GOALS, ROADS, Priced, priced
from benchmarks.cloud_prices import PriceList
from benchmarks.cloud_source import SourceAssumptions, month_of_a_source
from benchmarks.cloud_usage import Assumptions, Road, Workload, recorded
from benchmarks.history import Ids
from benchmarks.tables import page_table

_WINDOWS: Final = (5, 20, 60, 120, 240, 300)
_OF_THE_WINDOW: Final = ("raw objects put", "GET of raw, fast runs", "GET of raw, daily runs")

# infra/main/environments/dev.tfvars.
_DEV_EVERY_MINUTES: Final = 60


def page(
    record: AthenaRecord, prices: PriceList, configured: Callable[[int, int], Workload]
) -> str:
    """Return the page.

    Args:
        record: What was counted.
        prices: AWS's.
        configured: Returns the workload of so many events a day, with a fast run every so many
            minutes.
    """
    cases = {
        case: priced(configured(_events(case), EVERY_MINUTES), case.ids, record, prices)
        for case in GOALS
        if record.find(case.name)
    }
    return "\n".join(
        [
            "# What a month on AWS costs",
            "",
            f"`make cost`: a fast run every {EVERY_MINUTES} minutes, 31 days, {prices.region},",
            f"prices of {prices.as_of}. Nothing of this comes from an AWS bill: no account was",
            "used. Athena's bytes and the requests to S3 and Glue are counted from runs of the",
            "real adapter on the local Athena ([where](athena-cost.md), and when). The other",
            "quantities follow from each case's volume, the configuration and the assumptions",
            "below.",
            "",
            *page_table(
                [
                    "case",
                    "events a day",
                    "days of history",
                    "ids",
                    "USD by the queue",
                    "by the bus",
                    "by the queue, by the list",
                    "goal",
                ],
                [_row(case, cases.get(case)) for case in GOALS],
            ),
            "",
            "A goal is for the bill that AWS sends by the queue, which leaves out what every",
            "account has for nothing each month, for as long as it exists: those units are with",
            "the prices below. An account's first year and credits count for nothing here. One",
            "that uses its allowances for something else pays up to the sum by the list; line by",
            "line, all is by the list. Late events are in: [how many](athena-cost.md), and how",
            "late.",
            "",
            "Producers choose the road. EventBridge charges for each event, and its rule sends",
            "each one to the queue by itself; a producer that sends to the queue by",
            "SendMessageBatch pays a tenth of the sends and no bus; its bare body lands like any",
            "other. There is no archive of what it sent but raw.",
            "",
            "## By service",
            "",
            "USD in 31 days by the queue, as AWS sends the bill.",
            "",
            *page_table(
                ["service", *(case.name for case in cases)],
                by_service([each.paid[Road.QUEUE] for each in cases.values()]),
            ),
            "",
            *_without_events(record, prices, configured, cases),
            *_config(cases, prices),
            *_windows(record, prices, cases),
            *_source(prices),
            *_lines(cases),
            "## What is assumed",
            "",
            *page_table(["what", "value", "where it is from"], by_assumption(Assumptions())),
            "",
            "Another volume or schedule (`make cost EVENTS_PER_DAY=… EVERY_MINUTES=…`) is priced",
            "by the line through the two cases: a fast run by its new events, the other runs by",
            "the events of a day. Athena queries of analysts are not in.",
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


def _events(case: Case) -> int:
    return case.events_per_day if case.fast_runs else 0


def _row(case: Case, found: Priced | None) -> list[str]:
    head = [case.name, f"{_events(case):,}", f"{case.days}", case.ids.value]
    if found is None:
        return [*head, "not counted", "", "", ""]
    usd, goal = found.paid[Road.QUEUE].total, GOALS[case]
    return [
        *head,
        f"{usd:.2f}",
        f"{found.paid[Road.BUS].total:.2f}",
        f"{found.listed[Road.QUEUE].total:.2f}",
        "" if goal is None else f"≤ {goal:g}: {'met' if usd <= goal else 'missed'}",
    ]


def _without_events(
    record: AthenaRecord,
    prices: PriceList,
    configured: Callable[[int, int], Workload],
    cases: Mapping[Case, Priced],
) -> Iterator[str]:
    if QUIET not in cases:
        return
    by_default = cases[QUIET].paid[Road.QUEUE]
    hourly = configured(0, _DEV_EVERY_MINUTES)
    in_dev, daily = (
        priced(each, Ids.RISING, record, prices).paid[Road.QUEUE]
        for each in (hourly, replace(hourly, hourly_runs_a_day=1))
    )
    yield from (
        "## A month without events",
        "",
        "Runs look for news and find none; the tables are tested and maintained all the same.",
        "",
    )
    yield from page_table(
        [
            "service",
            f"a run every {EVERY_MINUTES} minutes",
            f"every {_DEV_EVERY_MINUTES}",
            "and tests once a day (dev)",
        ],
        by_service([by_default, in_dev, daily]),
    )
    yield from (
        "",
        "What nobody waits for can be stopped: `schedules_enabled = false` in the tfvars leaves",
        "the queue's polls, images, metrics and the dashboard.",
        "",
    )


def _config(cases: Mapping[Case, Priced], prices: PriceList) -> Iterator[str]:
    if not cases:
        return
    use = recorded(next(iter(cases.values())).workload, Assumptions())
    usd = prices.prices[use.price].of(use.quantity)
    yield from (
        "## Where AWS Config is on",
        "",
        "Each run is a task of its own, with a network interface that is made and deleted: where",
        f"AWS Config records those, {use.quantity:,.0f} items cost USD {usd:.2f} more in any case",
        "(docs/deploy.md says how to exclude them). It is in none of the sums: many an account",
        "records nothing, one of an organization mostly does.",
        "",
    )


def _source(prices: PriceList) -> Iterator[str]:
    assumed = SourceAssumptions()
    added = bill("USD", month_of_a_source(assumed, Assumptions()), prices.prices)
    yield from (
        "## A database that is followed",
        "",
        f"What [a source](../docs/deploy.md#follow-a-database) of {assumed.tables:g} tables adds,",
        f"pulled every {EVERY_MINUTES} minutes in the environment's own network, by the list. What",
        "its rows cost from raw on is what events cost; a NAT in subnets of your own, and what the",
        "database itself costs, are not in.",
        "",
    )
    yield from page_table(["service", added.name], by_service([added]))
    yield ""
    yield from page_table(
        ["what is assumed besides", "value", "where it is from"], by_assumption(assumed)
    )
    yield from (
        "",
        "A lag is a metric of its own for each table, and most of CloudWatch's part. A table that",
        "each pull compares as a whole (`whole: true`) puts six objects each time, the hashes of",
        "all its keys among them.",
        "",
    )


def _windows(
    record: AthenaRecord, prices: PriceList, cases: Mapping[Case, Priced]
) -> Iterator[str]:
    if not cases:
        return
    case, now = next(iter(cases.items()))
    found = [
        (window, priced(replace(now.workload, window_seconds=window), case.ids, record, prices))
        for window in _WINDOWS
    ]
    yield from (
        "## How long Lambda gathers a batch",
        "",
        "`maximum_batching_window_seconds` in ingestion/queue_settings.json. Each of Lambda's",
        "pollers ends a batch when the window does, and a batch becomes an object for each",
        "event type, which fast runs open as long as it is new, and the daily run each day. The",
        f"window is the time that an event waits at most before it is in raw. Of {case.name}:",
        "",
    )
    yield from page_table(
        ["seconds", "invocations, logs, raw objects put and read, USD", *ROADS.values()],
        (
            [
                f"{window}{' (now)' if window == now.workload.window_seconds else ''}",
                f"{_gathering(each.listed[Road.QUEUE]):.2f}",
                *(f"{one.total:.2f}" for one in each.paid.values()),
            ]
            for window, each in found
        ),
    )
    yield ""


def _gathering(one: Bill) -> float:
    """What depends on the window."""
    return sum(
        usd
        for use, usd in one.lines
        if use.service == "Lambda" or use.what in _OF_THE_WINDOW or use.what == "logs"
    )


def _lines(cases: Mapping[Case, Priced]) -> Iterator[str]:
    if not cases:
        return
    case, found = next(iter(cases.items()))
    names = list(ROADS.values())
    yield from (f"## Line by line: {case.name}", "")
    yield from page_table(
        ["service", "what", *(f"{name}: how much" for name in names)]
        + [f"{name}: USD" for name in names],
        by_line(list(found.listed.values())),
    )
    yield from (
        "",
        "A further month of history adds its storage, as each is kept. The daily run opens the",
        "objects of raw of the last days (`conservation_days` in dbt_project.yml). What Athena",
        "puts are the files of each merge, in every partition that it touches, and each",
        "statement's result; what it lists are the hours of raw.",
        "",
    )
