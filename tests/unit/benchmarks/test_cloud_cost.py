"""The month's bill against sums made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.athena_record import AthenaRecord, CountedRun
from benchmarks.cloud_bill import after_allowances, bill, by_line, by_price, by_service
from benchmarks.cloud_cost import _PRICES
from benchmarks.cloud_prices import Price, PriceList, read_prices
from benchmarks.cloud_usage import (
    Assumptions,
    Road,
    Schedule,
    Use,
    Workload,
    batches,
    month,
    on_days_of,
    recorded,
)

PRICES = read_prices(_PRICES)
MILLION = Workload(
    events_per_day=1_000_000, every_minutes=5, event_types=2, window_seconds=60, batch_size=1000
)
FAST = CountedRun("fast", 100, 20, 0, 0, 200_000_000, s3_puts=100, s3_gets=1_000)
HOURLY = CountedRun("hourly", 100, 20, 0, 0, 200_000_000, s3_puts=10, s3_gets=100)
DAILY = CountedRun("daily", 100, 20, 0, 0, 1_000_000_000, s3_puts=1_000, s3_gets=10_000)
RECORD = AthenaRecord("by hand", 3_472, [FAST, HOURLY, DAILY])
SCHEDULE = Schedule(FAST, [HOURLY], [DAILY, DAILY])


def uses(workload: Workload, road: Road) -> list[Use]:
    return list(month(workload, road, RECORD, SCHEDULE, Assumptions()))


def dollars(road: Road, service: str, workload: Workload = MILLION) -> float:
    return bill("", uses(workload, road), PRICES.prices).service(service)


def quantity(what: str, workload: Workload = MILLION, road: Road = Road.QUEUE) -> float:
    (found,) = (use.quantity for use in uses(workload, road) if use.what == what)
    return found


def test_every_event_of_the_bus_is_paid_for_three_times() -> None:
    # 31 million events at USD 1 a million, 24.8 GB archived at 0.10, 14/31 of them kept at 0.023,
    # and 9,703 schedules.
    assert dollars(Road.BUS, "EventBridge") == pytest.approx(31 + 2.48 + 0.2576 + 0.0097, abs=1e-4)
    # 31 million sends, 3.1 million receives and as many deletes, 5 pollers every 20 seconds.
    assert dollars(Road.BUS, "SQS") == pytest.approx((31 + 3.1 + 3.1 + 0.6696) * 0.40)


def test_the_queue_is_paid_for_by_tens() -> None:
    assert dollars(Road.QUEUE, "SQS") == pytest.approx((3 * 3.1 + 0.6696) * 0.40)
    assert dollars(Road.QUEUE, "EventBridge") == pytest.approx(0.009703)


@pytest.mark.parametrize(
    ("workload", "invocations"),
    [
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


def test_a_fast_run_opens_the_objects_of_the_hours_that_it_reads() -> None:
    # 10 objects a minute: seven times those of 50 minutes in the mean, thrice those of 65.
    assert quantity("Athena's GET of raw, fast runs") == pytest.approx(8_928 * 10 * (350 + 195))


def test_the_function_is_paid_by_the_second() -> None:
    # 223,200 × 0.1 s and 31 million at 30,000 a second, with half a GB.
    seconds = 22_320 + 1_033.33
    expected = seconds * 0.5 * 0.0000133334 + 0.2232 * 0.20
    assert dollars(Road.QUEUE, "Lambda") == pytest.approx(expected, rel=1e-4)


def test_athena_is_paid_by_the_counted_bytes_of_every_run() -> None:
    # 8,928 fast runs of 0.2 GB, 744 hourly ones, 31 days of twice 1 GB, at USD 5 a TB.
    expected = (8_928 * 0.0002 + 744 * 0.0002 + 31 * 0.002) * 5
    assert dollars(Road.QUEUE, "Athena") == pytest.approx(expected)
    assert quantity("Athena's PUT and LIST, fast runs") == 892_800
    assert quantity("Athena's GET, daily runs") == 620_000


def test_a_run_with_more_events_than_the_counted_one_reads_more() -> None:
    twice = replace(MILLION, every_minutes=10)
    assert quantity("fast runs, bytes", twice) == pytest.approx(4_464 * 2e8 * 6_944 / 3_472)
    fewer = replace(MILLION, events_per_day=10)
    assert quantity("fast runs, bytes", fewer) == 8_928 * 2e8


@pytest.mark.parametrize(
    ("events_per_day", "billed"),
    [(50, 200), (100, 200), (550, 350), (1_000, 500), (1_900, 800)],
)
def test_a_run_on_fuller_days_reads_more_in_proportion(events_per_day: int, billed: int) -> None:
    thin, full = replace(FAST, billed_bytes=200), replace(FAST, events_per_day=1_000)
    found = on_days_of(events_per_day, thin, replace(full, billed_bytes=500, s3_gets=9))
    assert (found.billed_bytes, found.s3_gets) == (billed, FAST.s3_gets)


def test_fargate_is_paid_by_the_seconds_of_each_kind_of_run() -> None:
    hours = (8_928 * 100 + 744 * 150 + 31 * 900) / 3600
    expected = hours * (0.5 * 0.03238 + 0.00356 + 0.005)
    assert dollars(Road.QUEUE, "Fargate") == pytest.approx(expected)


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
    (row,) = (row for row in by_line(roads) if row[:2] == ["SQS", "sends, ten events in one"])
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
    used = {use.price for road in Road for use in uses(MILLION, road)}
    assert used | {recorded(MILLION, Assumptions()).price} == set(PRICES.prices)


def test_a_price_without_its_source_is_refused(tmp_path: Path) -> None:
    list_without = tmp_path / "prices.toml"
    list_without.write_text(
        'region = "x"\nas_of = "y"\n[a]\nusd = 1.0\nper = 1\nunit = "events"\n', encoding="utf-8"
    )
    with pytest.raises(TypeError, match="page"):
        read_prices(list_without)
