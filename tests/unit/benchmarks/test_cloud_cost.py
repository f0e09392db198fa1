"""The month's bill against sums made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.athena_case import FULL, QUIET, SMALL, SMALL_RANDOM
from benchmarks.athena_record import AthenaRecord
from benchmarks.cloud_bill import after_allowances, bill, by_line, by_price, by_service
from benchmarks.cloud_cost import PRICES as PRICES_FILE
from benchmarks.cloud_page import page
from benchmarks.cloud_prices import Price, PriceList, read_prices
from benchmarks.cloud_runs import Runs, runs_of
from benchmarks.cloud_source import SourceAssumptions, month_of_a_source
from benchmarks.cloud_usage import Assumptions, Road, Use, Workload, batches, month, recorded
from benchmarks.cloud_workload import configured
from benchmarks.command import BenchmarkError
from benchmarks.history import Ids
from tests.unit.benchmarks.counted import FAST, counted

PRICES = read_prices(PRICES_FILE)
MILLION = Workload(
    events_per_day=1_000_000,
    every_minutes=5,
    type_shares=(0.4, 0.6),
    window_seconds=60,
    batch_size=1000,
)
NONE = replace(MILLION, events_per_day=0)
RECORD = AthenaRecord([counted(SMALL), counted(FULL), counted(QUIET)])
RUNS = runs_of(RECORD, 1_000_000, 5, Ids.RISING)


def uses(workload: Workload, road: Road, runs: Runs = RUNS) -> list[Use]:
    return list(month(workload, road, runs, Assumptions()))


def dollars(road: Road, service: str, workload: Workload = MILLION) -> float:
    return bill("", uses(workload, road), PRICES.prices).service(service)


def quantity(what: str, workload: Workload = MILLION, road: Road = Road.QUEUE) -> float:
    (found,) = (use.quantity for use in uses(workload, road) if use.what == what)
    return found


def test_every_event_of_the_bus_is_paid_for_three_times() -> None:
    # 31 million events at USD 1 a million, 24.8 GB archived at 0.10, 14/31 of them kept at 0.023,
    # and 9,703 schedules.
    assert dollars(Road.BUS, "EventBridge") == pytest.approx(31 + 2.48 + 0.2576 + 0.0097, abs=1e-4)
    # 31 million sends and as many receives, 3.1 million deletes, 5 pollers every 20 seconds.
    assert dollars(Road.BUS, "SQS") == pytest.approx((31 + 31 + 3.1 + 0.6696) * 0.40)


def test_a_batch_becomes_an_object_for_each_type_that_it_has() -> None:
    # A poller's window has 1,000 events: both types are in it, surely.
    assert quantity("raw objects put") == pytest.approx(31 * 24 * 60 * 5 * 2, rel=1e-3)
    # An event a window has one type.
    few = replace(MILLION, events_per_day=100)
    assert quantity("raw objects put", few) == pytest.approx(3_100)


def test_the_queue_is_paid_for_by_tens() -> None:
    assert dollars(Road.QUEUE, "SQS") == pytest.approx((3 * 3.1 + 0.6696) * 0.40)
    assert dollars(Road.QUEUE, "EventBridge") == pytest.approx(0.009703)


@pytest.mark.parametrize(
    ("workload", "invocations"),
    [
        (NONE, 0),
        # 5 pollers, 2,678,400 seconds.
        (MILLION, 223_200),
        (replace(MILLION, window_seconds=5), 2_678_400),
        # A hundred a day cannot fill more batches than there are events.
        (replace(MILLION, events_per_day=100), 3_100),
        # A billion a day fills batches before the window ends.
        (replace(MILLION, events_per_day=1_000_000_000), 31_000_000),
    ],
)
def test_a_batch_ends_with_its_window_or_when_it_is_full(
    workload: Workload, invocations: float
) -> None:
    assert batches(workload, Assumptions()) == pytest.approx(invocations)


def test_a_batch_is_an_object_for_each_type_and_never_more_than_events() -> None:
    assert quantity("raw objects put") == pytest.approx(446_400)
    assert quantity("raw objects put", replace(MILLION, events_per_day=100)) == 3_100


def test_a_delete_is_a_batch_s_and_of_ten_messages_at_most() -> None:
    assert quantity("deletes, ten messages in one") == pytest.approx(3_100_000)
    # 33,333 a day are 223,200 batches of four or five.
    small = replace(MILLION, events_per_day=33_333)
    assert quantity("deletes, ten messages in one", small) == pytest.approx(223_200)


def test_a_fast_run_opens_the_objects_of_the_hours_that_it_reads() -> None:
    # 500 were opened where a day had 7,200 objects, and now it has 14,400.
    assert quantity("GET of raw, fast runs") == pytest.approx(8_928 * 1_000)
    # Once an hour it reads 95 minutes of arrivals, and not 40.
    hourly = replace(MILLION, every_minutes=60)
    assert quantity("GET of raw, fast runs", hourly) == pytest.approx(744 * 1_000 * 95 / 40)


def test_a_daily_run_opens_the_objects_of_the_days_that_it_counts() -> None:
    # Each of 3,000 was opened once, and three days have 43,200.
    assert quantity("GET of raw, daily runs") == pytest.approx(31 * 3 * 14_400)


def test_the_function_is_paid_by_the_second() -> None:
    # 223,200 × 0.1 s and 31 million at 30,000 a second, with half a GB.
    seconds = 22_320 + 1_033.33
    expected = seconds * 0.5 * 0.0000133334 + 0.2232 * 0.20
    assert dollars(Road.QUEUE, "Lambda") == pytest.approx(expected, rel=1e-4)


def test_athena_is_paid_by_the_counted_bytes_of_every_run() -> None:
    # 8,928 fast runs of 0.2 GB, 744 hourly ones, 31 days of 2 GB, at USD 5 a TB.
    expected = (8_928 * 0.0002 + 744 * 0.0002 + 31 * 0.002) * 5
    assert dollars(Road.QUEUE, "Athena") == pytest.approx(expected)
    assert quantity("PUT and LIST, fast runs") == 892_800
    # Those of raw have a line of their own.
    assert quantity("GET, fast runs") == 8_928_000
    assert quantity("GET, daily runs") == 31 * 7_000
    assert quantity("requests") == 8_928 * 90 + 744 * 50 + 31 * 500


def test_tests_that_run_once_a_day_are_paid_once_a_day() -> None:
    daily = replace(MILLION, hourly_runs_a_day=1)
    assert quantity("hourly runs, bytes", daily) == 31 * 200_000_000
    assert quantity("schedules", daily) == 8_928 + 31 + 31


def test_fargate_is_paid_by_the_statements_of_each_kind_of_run() -> None:
    # 20 seconds for the image, 30 for each of 1, 2 and 2 commands, 2.6 for each statement.
    on_spot = 8_928 * (50 + 52) / 3600
    hours = (744 * (80 + 52) + 31 * (80 + 260)) / 3600
    expected = (
        on_spot * (0.5 * 0.01619 + 0.00178)
        + hours * (0.5 * 0.03238 + 0.00356)
        + (on_spot + hours) * 0.005
    )
    assert dollars(Road.QUEUE, "Fargate") == pytest.approx(expected)


def test_a_task_is_billed_a_minute_at_least() -> None:
    short = Assumptions(image_seconds=1, dbt_seconds=1, statement_seconds=0)
    used = {use.what: use.quantity for use in month(MILLION, Road.QUEUE, RUNS, short)}
    assert used["GB-hours on Spot"] == pytest.approx(8_928 * 60 / 3600)
    assert used["GB-hours"] == pytest.approx((744 + 31) * 60 / 3600)


@pytest.mark.parametrize(
    ("events_per_day", "every_minutes", "billed"),
    [
        (10, 5, 200),  # Fewer than the first case's are as many.
        (33_333, 5, 200),
        (1_000_000, 5, 800),
        (516_667, 5, 500),  # Half of the way: 1,794 new events.
        (43_056, 60, 500),
        (1_966_667, 5, 1_400),
    ],
)
def test_a_fast_run_costs_by_its_new_events(
    events_per_day: int, every_minutes: int, billed: int
) -> None:
    fast = replace(FAST, billed_bytes=200), replace(FAST, billed_bytes=800)
    record = AthenaRecord([counted(SMALL, fast[0]), counted(FULL, fast[1])])
    runs = runs_of(record, events_per_day, every_minutes, Ids.RISING)
    assert runs.fast.counts.billed_bytes == pytest.approx(billed, abs=1)
    assert runs.fast.counts.s3_gets == FAST.s3_gets


def test_one_case_is_enough_for_its_own_volume() -> None:
    record = AthenaRecord([counted(SMALL)])
    assert runs_of(record, 33_333, 5, Ids.RISING).fast.counts == FAST
    for asked in ((1_000_000, Ids.RISING), (33_333, Ids.RANDOM), (0, Ids.RISING)):
        with pytest.raises(BenchmarkError, match="make bench-athena-cost"):
            runs_of(record, asked[0], 5, asked[1])


def test_a_month_without_events_has_runs_and_nothing_that_arrives() -> None:
    quiet = {
        use.what: use.quantity for use in uses(NONE, Road.QUEUE, runs_of(RECORD, 0, 5, Ids.RISING))
    }
    arriving = ("invocations", "GB-seconds", "raw objects put", "receives, one a send")
    assert {quiet[what] for what in arriving} == {0}
    assert quiet["polls that find nothing, at most"] == 669_600
    assert quiet["fast runs, bytes"] > 0
    assert quiet["GET of raw, daily runs"] == 31 * 3_000


def test_config_records_the_making_and_the_end_of_each_task_and_is_in_no_sum() -> None:
    use = recorded(MILLION, Assumptions())
    # 8,928 fast runs, 744 hourly ones and 31 daily ones.
    assert use.quantity == 2 * 9_703
    assert PRICES.prices[use.price].of(use.quantity) == pytest.approx(58.218)
    assert "AWS Config" not in {each.service for road in Road for each in uses(MILLION, road)}


def test_a_bill_sums_its_services() -> None:
    roads = [bill(road.value, uses(MILLION, road), PRICES.prices) for road in Road]
    *rows, last = by_service(roads)
    for column, each in enumerate(roads, start=1):
        assert sum(float(row[column]) for row in rows) == pytest.approx(each.total, abs=0.1)
        assert last[column] == f"{each.total:.2f}"


def test_a_line_that_one_road_does_not_have_is_empty_there() -> None:
    roads = [bill(road.value, uses(MILLION, road), PRICES.prices) for road in Road]
    (row,) = (row for row in by_line(roads) if row[:2] == ["SQS", "sends, several events in one"])
    assert row[2:] == ["", "3,100,000", "", "1.24"]


def test_an_allowance_is_taken_off_once_from_all_lines_of_its_price() -> None:
    prices = {
        "a": Price(usd=2, per=1, unit="x", page="p", checked="c", free=10, free_checked="d"),
        "b": Price(usd=1, per=1, unit="x", page="p", checked="c"),
    }
    uses = [Use("S", "one", 30, "a"), Use("S", "two", 10, "a"), Use("T", "three", 5, "b")]
    listed = bill("listed", uses, prices)
    paid = after_allowances("paid", listed, prices)
    assert listed.total == 85
    # Ten of forty are free.
    assert [usd for _, usd in paid.lines] == pytest.approx([45, 15, 5])


def test_an_allowance_never_pays_for_more_than_is_used() -> None:
    prices = {"a": Price(usd=2, per=1, unit="x", page="p", checked="c", free=10)}
    for used in (0, 4, 10):
        listed = bill("listed", [Use("S", "one", used, "a")], prices)
        assert after_allowances("paid", listed, prices).total == 0


def test_the_queue_s_first_million_requests_are_free() -> None:
    listed = bill("", uses(MILLION, Road.QUEUE), PRICES.prices)
    paid = after_allowances("", listed, PRICES.prices)
    assert paid.service("SQS") == pytest.approx((3 * 3.1 + 0.6696 - 1) * 0.40)
    # Of what no account has for nothing, all is paid.
    for service in ("Athena", "DynamoDB", "ECR", "Fargate", "S3"):
        assert paid.service(service) == listed.service(service)


def test_every_allowance_says_where_it_was_read() -> None:
    for name, price in PRICES.prices.items():
        assert bool(price.free) == bool(price.free_checked), name
    (row,) = by_price(PriceList("here", "now", {"a": PRICES.prices["sqs_request"]}))
    assert row[-2] == "1,000,000"


def test_every_price_is_used_and_every_line_has_one() -> None:
    used = [
        *(use for road in Road for use in uses(MILLION, road)),
        *month_of_a_source(SourceAssumptions(), Assumptions()),
        recorded(MILLION, Assumptions()),
    ]
    assert {use.price for use in used} == set(PRICES.prices)


def test_a_price_without_its_source_is_refused(tmp_path: Path) -> None:
    list_without = tmp_path / "prices.toml"
    list_without.write_text(
        'region = "x"\nas_of = "y"\n[a]\nusd = 1.0\nper = 1\nunit = "events"\n', encoding="utf-8"
    )
    with pytest.raises(TypeError, match="page"):
        read_prices(list_without)


def test_the_page_says_of_each_case_whether_its_goal_is_met() -> None:
    cheap = counted(SMALL, replace(FAST, billed_bytes=0, s3_puts=0, s3_gets=0, raw_gets=0))
    dear = counted(SMALL_RANDOM, replace(FAST, billed_bytes=10**10))

    text = page(AthenaRecord([cheap, dear, counted(QUIET)]), PRICES, configured)
    rows = {row.split(" | ")[0]: row for row in text.splitlines() if row.count("|") == 9}
    assert rows["| 33k-rising"].endswith("| ≤ 25: met |")
    assert rows["| 33k-random"].endswith("| ≤ 25: missed |")
    assert "not counted" in rows["| 1m-rising"]
    assert "## A month without events" in text


def test_the_page_can_be_written_before_anything_is_counted() -> None:
    assert "not counted" in page(AthenaRecord([]), PRICES, configured)


def test_a_source_costs_its_pulls_and_a_metric_for_each_table() -> None:
    added = bill("", month_of_a_source(SourceAssumptions(), Assumptions()), PRICES.prices)
    # 8,928 pulls of a minute: a quarter of a processor, half a GB and an address.
    hours = 8_928 / 60
    expected = hours * (0.25 * 0.01619 + 0.5 * 0.00178 + 0.005)
    assert added.service("Fargate") == pytest.approx(expected)
    # A lag of each of eight tables, and three others; three alarms; 22 MB of lines; a metric put.
    assert added.service("CloudWatch") == pytest.approx(11 * 0.30 + 3 * 0.10 + 0.01116 + 0.08928)
    # Five tables without news and three with it put 5 + 3 * 4 objects.
    assert added.service("S3") == pytest.approx(8_928 * (17 * 0.005 + 8 * 0.0004) / 1_000)
    assert added.service("Secrets Manager") == pytest.approx(0.40 + 8_928 * 0.05 / 10_000)
