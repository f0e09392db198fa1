"""The macros of macros/cross_db for moments and days, on DuckDB over edge values."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.dbt.macro_calls import CALLS, assert_agrees, results
from tests.support.dbt.rendering import Rendering, RenderingError

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
    *("2026-02-29T24:00Z", "20260229T000000Z", "00000101T000000Z", "2026-01-14T23:59:60.9999999Z"),
    *("9999-12-31T23:59:60+00:01", "0001-01-01T00:00:60+00:01", "2026-01-14T20:59:60,1-23:59"),
]

# Spellings of one instant, and its neighbours where the spelling says so.
EIGHT = datetime(2026, 1, 14, 20)
HALF_PAST = datetime(2026, 1, 14, 20, 0, 0, 500_000)
SPELLINGS = {
    # RFC 3339: lower case, a space for the T, any number of digits.
    "2026-01-14T20:00:00Z": EIGHT,
    "2026-01-14t20:00:00z": EIGHT,
    "2026-01-14 20:00:00Z": EIGHT,
    "2026-01-14 21:00:00.000+01:00": EIGHT,
    "2026-01-14T20:00:00-00:00": EIGHT,
    f"2026-01-14T20:00:00.5{'0' * 40}Z": HALF_PAST,
    "2026-01-14T20:00:00.5000009999Z": HALF_PAST,
    # ISO 8601: no seconds, a decimal comma, short offsets, a minus sign, the basic format.
    "2026-01-14T20:00Z": EIGHT,
    "2026-01-14 20:00z": EIGHT,
    "2026-01-14T20:00:00,5Z": HALF_PAST,
    "2026-01-14T22:00:00+0200": EIGHT,
    "2026-01-14T22:00+02": EIGHT,
    "2026-01-15T01:45:00+05:45": EIGHT,
    "2026-01-14T16:30:00-0330": EIGHT,
    "2026-01-14T16:30\u221203:30": EIGHT,
    "20260114T200000Z": EIGHT,
    "20260114T2000Z": EIGHT,
    "20260114t220000,5+02": HALF_PAST,
    "20260114T163000.5-0330": HALF_PAST,
    # The end of a day is the next one's beginning.
    "2026-01-14T24:00:00Z": datetime(2026, 1, 15),
    "2026-01-14T24:00-01:00": datetime(2026, 1, 15, 1),
    "20260114T240000,000Z": datetime(2026, 1, 15),
    # A leap second is the first of the next minute, as for POSIX.
    "2016-12-31T23:59:60Z": datetime(2017, 1, 1),
    "2017-01-01T05:29:60.25+05:30": datetime(2017, 1, 1, 0, 0, 0, 250_000),
}
# Dates and times, but not both with an offset, or no spelling of either standard.
NO_SPELLINGS = [
    *("2026-01-14T20:00:00", "2026-01-14 20:00", "2026-01-14", "20260114T200000", "1768420800"),
    *("2026-01-14T20Z", "2026-01-14T20:00,5Z", "2026-01-14T24:00:01Z", "2026-01-14T24:00:00.1Z"),
    *("2026-01-14T20:00:61Z", "2026-01-14T20:0000Z", "2026-01-14T2000Z", "20260114T20:00:00Z"),
    *("20260114 200000Z", "2026-0114T20:00:00Z", "2026-01-14T20:00:00 +02:00"),
    *("2026-01-14T20:00:00+2", "2026-01-14T20:00:00+02:0", "2026-01-14T20:00:00+02:00:00"),
    *("2026-01-14T20:00:00Z+02:00", "2026-01-14T20:00:00+01:00[Europe/Berlin]"),
    *("2026-W03-3T20:00:00Z", "2026-014T20:00:00Z", "+002026-01-14T20:00:00Z"),
    *("2026-01-14T20:00:00 UTC", "2026-01-14T20:00:00GMT", "Wed, 14 Jan 2026 20:00:00 +0000"),
]

_ISO8601 = re.compile(
    r"""
    (\d{4}) (?P<dash>-?) (\d\d) (?P=dash) (\d\d)
    (?: [Tt] | (?<=\d-\d\d) [ ])
    (\d\d) (?P<colon>:?) (\d\d) (?: (?P=colon) (\d\d) (?: [.,] (\d+))? )?
    (?: [Zz] | ([+\u2212-]) (\d\d) (?: :? (\d\d))? )
    """,
    re.ASCII | re.VERBOSE,
)


def instant(text: str | None) -> datetime | None:
    match = _ISO8601.fullmatch(text or "")
    if match is None or bool(match["dash"]) != bool(match["colon"]):
        return None
    year, _, month, day, hour, _, minute, second, fraction, sign, *offset = match.groups()
    of_day = [int(part or 0) for part in (hour, minute, second, fraction)]
    hours, minutes = (int(part or 0) for part in offset)
    is_midnight = of_day == [24, 0, 0, 0]
    if not (of_day[0] <= 23 or is_midnight) or of_day[1] > 59 or of_day[2] > 60:
        return None
    if hours > 23 or minutes > 59:
        return None
    try:
        midnight = datetime(int(year), int(month), int(day))
    except ValueError:
        return None
    time_of_day = timedelta(
        hours=of_day[0],
        minutes=of_day[1],
        seconds=of_day[2],
        microseconds=int((fraction or "").ljust(6, "0")[:6]),
    )
    east = timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
    return midnight + (time_of_day - east)


def instant_within_calendar(text: str | None) -> datetime | None:
    try:
        return instant(text)
    except OverflowError:
        return None


def test_every_spelling_is_its_instant(on_duckdb: dict[str, str]) -> None:
    # Python's reading of them is put to the test as well: the other tests rest on it.
    assert {text: instant(text) for text in SPELLINGS} == SPELLINGS
    assert_agrees(on_duckdb["iso8601_timestamp"], list(SPELLINGS), SPELLINGS.get)
    assert_agrees(on_duckdb["iso8601_timestamp"], NO_SPELLINGS, lambda _: None)


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


DAYS = [
    *(None, "", "2026-01-14", "0001-01-01", "9999-12-31", "0000-01-01", "0000-12-31", "1582-10-10"),
    *("2024-02-29", "2026-02-29", "2000-02-29", "1900-02-29", "2026-04-31", "2026-13-01"),
    *("2026-00-01", "2026-01-00", "2026-01-32", "2026-1-4", "26-01-14", "20260114", "2026/01/14"),
    *("2026-01-14 ", " 2026-01-14", "2026-01-14\n", "2026-01-14T00:00:00Z", "2026-01-14 00:00:00"),
    *("2026-01-14 (BC)", "-2026-01-14", "12026-01-14", "infinity", "epoch", "2026-W03-3"),
    *("\u0662026-01-14", "2026\u201301\u201314"),
]


def day(text: str | None) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text or "", re.ASCII):
        return None
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def test_iso8601_date_is_a_day_of_the_calendar(on_duckdb: dict[str, str]) -> None:
    assert_agrees(on_duckdb["iso8601_date"], DAYS, day)
    # Each day of a year, and of one that leaps.
    texts = [
        f"{year}-{m:02d}-{d:02d}" for year in (2023, 2024) for m in range(14) for d in range(33)
    ]
    assert_agrees(on_duckdb["iso8601_date"], texts, day)


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
