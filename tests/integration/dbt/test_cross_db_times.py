"""The macros of macros/cross_db for moments and days, on DuckDB over edge values."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.integration.dbt.macro_calls import CALLS, assert_agrees, results
from tests.integration.dbt.rendering import Rendering, RenderingError

ISO8601 = [
    *(
        None,
        "",
        " ",
        "2026-01-14T20:00:00Z",
        "2026-01-14T20:00:00+00:00",
        "2026-01-14T20:00:00-00:00",
    ),
    *("2026-01-14T20:00:00+05:45", "2026-01-14T20:00:00-23:59", "2026-01-14T20:00:00+23:59"),
    *(f"2026-01-14T20:00:00.{'123456789'[:digits]}Z" for digits in range(1, 10)),
    *("2026-01-14T23:59:59.999999999Z", "2026-01-14T20:00:00.000000001-01:30"),
    *("2026-01-14T20:00:00.100000+01:00", "2026-01-14T20:00:00.1234567890Z"),
    *("2026-01-14T20:00:00.Z", "2026-01-14T20:00:00,5Z"),
    *("2016-12-31T23:59:60Z", "2026-01-14T24:00:00Z", "2026-01-14T20:60:00Z"),
    *("2026-01-14T20:00:00+24:00", "2026-01-14T20:00:00+01:60", "2026-01-14T20:00:00+0100"),
    *("2026-01-14T20:00:00+01", "2026-01-14T20:00:00", "2026-01-14T20:00Z", "2026-01-14"),
    *("2026-01-14t20:00:00Z", "2026-01-14T20:00:00z", "2026-01-14 20:00:00Z"),
    *(
        "2026-01-14T20:00:00Z\n",
        "\n2026-01-14T20:00:00Z",
        "2026-01-14T20:00:00Z ",
        "2026-01-14T20:00:00Z\0",
    ),
    *(
        "2024-02-29T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
    ),
    *(
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-01-00T00:00:00Z",
    ),
    *("2026-03-29T02:30:00+01:00", "2026-10-25T02:30:00+02:00"),
    *("0001-01-01T00:00:00Z", "0001-01-02T00:00:00+23:59", "9999-12-31T23:59:59.999999Z"),
    *(
        "9999-12-31T00:00:00-23:59",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-001-01-01T00:00:00Z",
    ),
    *("٢٠٢٦-01-14T20:00:00Z", "2026-01-14T20:00:00\u221201:00", "yesterday", "null", "1768420800"),
]

_ISO8601 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)


def instant(text: str | None) -> datetime | None:
    match = _ISO8601.fullmatch(text or "")
    if match is None:
        return None
    *fields, fraction, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = map(int, fields)
    microsecond = int((fraction or "").ljust(6, "0")[:6])
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        return None
    try:
        local = datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return local + offset if sign == "-" else local - offset


def instant_within_calendar(text: str | None) -> datetime | None:
    try:
        return instant(text)
    except OverflowError:
        return None


def test_iso8601_timestamp_is_the_instant(on_duckdb: dict[str, str]) -> None:
    assert_agrees(on_duckdb["iso8601_timestamp"], ISO8601, instant_within_calendar)


def test_iso8601_timestamp_may_leave_the_four_digit_years(on_duckdb: dict[str, str]) -> None:
    # Valid texts all the same; staging rejects them as too old and in the future.
    edges = [["0001-01-01T00:00:00+00:01"], ["9999-12-31T23:59:59-00:01"]]
    expression = f"cast({on_duckdb['iso8601_timestamp']} as varchar)"
    assert results(expression, edges, "value varchar") == [
        "0001-12-31 (BC) 23:59:00",
        "10000-01-01 00:00:59",
    ]


INSTANTS = [
    None,
    *(datetime(1999, 12, 31, 23, 59, 59, 999999) + timedelta(hours=h) for h in range(-30, 30, 5)),
    # Each hour around clock changes in Berlin, New York and Apia, which had no 30 December 2011.
    *(datetime(2026, 3, 28, 20) + timedelta(hours=h) for h in range(30)),
    *(datetime(2026, 10, 24, 20) + timedelta(hours=h) for h in range(32)),
    *(datetime(2026, 11, 1, 0) + timedelta(hours=h) for h in range(32)),
    *(datetime(2011, 12, 29, 0) + timedelta(hours=h) for h in range(60)),
    *(datetime(2024, 2, 28, 18, 15) + timedelta(minutes=m) for m in range(0, 60, 5)),
    datetime(2026, 6, 30, 21, 59, 59, 999999),
    datetime(2100, 1, 1),
]


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
)
def test_business_date_is_the_day_on_the_walls_of_the_zone(
    duckdb_project: Rendering, zone: str
) -> None:
    rendered = duckdb_project.render(
        {"business_date": CALLS["business_date"]}, {"business_timezone": zone}
    )

    def day(moment: datetime | None) -> date | None:
        return moment and moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()

    assert_agrees(rendered["business_date"], INSTANTS, day, "timestamp")


@pytest.mark.parametrize("zone", ["UTC' as date) --", "", "Europe/Berlin\n", "+01:00"])
def test_business_timezone_must_be_a_name(duckdb_project: Rendering, zone: str) -> None:
    with pytest.raises(RenderingError, match="business_timezone must be an IANA time zone"):
        duckdb_project.render({"x": CALLS["business_date"]}, {"business_timezone": zone})


def test_iso_day_of_week_counts_from_monday(on_duckdb: dict[str, str]) -> None:
    days = [
        None,
        *(date(2026, 3, 2) + timedelta(days=n) for n in range(8)),
        date(1, 1, 1),
        date(9999, 12, 31),
    ]
    assert_agrees(on_duckdb["iso_day_of_week"], days, lambda day: day and day.isoweekday(), "date")


def test_type_timestamp6_keeps_microseconds_and_no_zone(on_duckdb: dict[str, str]) -> None:
    texts = [
        None,
        "2026-03-29 02:30:00.123456",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59.999999",
    ]
    assert_agrees(on_duckdb["type_timestamp6"], texts, lambda t: t and datetime.fromisoformat(t))
