"""Values on which SQL engines tend to differ: by hand, and from seeded random numbers.

The values of the tests that compare DuckDB with Python (tests/integration/dbt) are among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from tests.integration.dbt.test_cross_db_json import JSON_VALUES
from tests.integration.dbt.test_cross_db_macros import AMOUNTS, COUNTS
from tests.integration.dbt.test_cross_db_macros import TEXTS as SHORT_TEXTS
from tests.integration.dbt.test_cross_db_times import (
    DAYS,
    ISO8601,
    NO_SPELLINGS,
    SPELLINGS,
)
from tests.integration.dbt.test_cross_db_times import INSTANTS as CLOCK_CHANGES

_DIGITS: Final = "0123456789"

ZONES: Final = (
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"),
    # Quarters of an hour, both ends of the date line, a skipped day, a negative summer time, a
    # change of two hours, a change by Ramadan, and names that are links or no places.
    *("Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "Etc/GMT+12", "Pacific/Apia"),
    *("Europe/Dublin", "Antarctica/Troll", "Africa/Casablanca", "US/Eastern", "EST5EDT", "GMT"),
)

# Years whose rules differ: of local time in the colonies, before and after 32 bits of seconds, and
# after the last year that a time zone database lists change by change. The years around Kolkata's
# and Berlin's ends of local mean time are left out: an offset of hours, minutes and seconds is not
# to be had on both engines (on 1 January 1906 Trino's day in Kolkata is the 2nd). No event comes
# from before `earliest_event_date`, which is 2000-01-01.
_YEARS: Final = (1900, 1970, 1999, 2000, 2019, 2026, 2037, 2038, 2100, 9998)

_CODE_POINTS: Final = (
    *"aZ09 -_.'\"\\/$*{}[]:,éßÄ日💶",
    *("\0", "\b", "\t", "\n", "\r", "\x1f", "\x7f", "\x80", "\x85", "\xa0", "\u0301", "\u200b"),
    *("\u2028", "\ufeff", "\ufffd", "\uffff", "\ud7ff", "\ue000", "\U0010ffff", "\uff21"),
)


def texts(random: Random, count: int) -> list[str | None]:
    """Texts with control characters, combining ones and all lengths of UTF-8."""
    by_hand = [
        *SHORT_TEXTS,
        "AAA",
        "AAAA",
        "\nAAA",
        "AAA\r\n",
        "AAA\u2028",
        "ΑΒΓ",
        "\uff45\uff55\uff52",
    ]
    return by_hand + [_text(random, _CODE_POINTS) for _ in range(count)]


def _text(random: Random, alphabet: tuple[str, ...]) -> str:
    return "".join(random.choices(alphabet, k=random.choice([1, 2, 3, 3, 3, 8])))


def iso8601_texts(random: Random, count: int) -> list[str | None]:
    """Moments as ISO-8601 writes them, and as nobody may."""
    by_hand = [
        *("2026-W01-1T00:00:00Z", "2026-014T20:00:00Z", "20260114T200000Z", "2026-01-14T20Z"),
        *("+2026-01-14T20:00:00Z", "12026-01-14T20:00:00Z", "2026-1-14T20:00:00Z"),
        *("2026-01-14T20:00:00+00:00:00", "2026-01-14T20:00:00 Z", "2026-01-14T20:00:00ZZ"),
        *("2026-01-14T20:00:00Z[UTC]", "2026-01-14T20:00:00 UTC", "2026-01-14T20:00:00,123Z"),
        *("2026-06-30T23:59:60+00:00", "1969-12-31T23:59:59.9999999Z", "1582-10-10T00:00:00Z"),
        *("0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.9999999-23:59", "infinity", "epoch"),
    ]
    return [
        *ISO8601,
        *SPELLINGS,
        *NO_SPELLINGS,
        *by_hand,
        *(_iso8601(random) for _ in range(count)),
    ]


def _iso8601(random: Random) -> str:
    """A text of which each part is likely right, and sometimes just beside that."""

    def part(right: tuple[str, ...], wrong: tuple[str, ...]) -> str:
        return random.choice(wrong if random.random() < 0.06 else right)

    def number(low: int, high: int) -> str:
        return f"{random.randint(low, high):02d}"

    def fraction() -> str:
        return "." + "".join(random.choices(random.choice([_DIGITS, "9", "0"]), k=length))

    length = random.randint(1, 12)
    offset = f"{number(0, 23)}:{number(0, 59)}"
    return "".join(
        [
            part(("0001", "9999", "1900", "2024", f"{random.randint(1, 9999):04d}"), ("0000", "")),
            part(("-",), ("", "/")) + part((number(1, 12), "02"), ("00", "13", "1")),
            part(("-",), ("", "/")) + part((number(1, 31), "28"), ("00", "32", "1")),
            part(("T", "t", " "), ("", "TT")),
            part((number(0, 23), "00", "23"), ("24", "25", "1")),
            part((":",), ("", ".")) + part((number(0, 59),), ("60", "1")),
            part((":",), ("", ".")) + part((number(0, 59), "59"), ("60", "61", "1")),
            part(("", fraction(), ",5"), (".", fraction() * 2)),
            part(
                ("Z", "z", f"+{offset}", f"-{offset}", f"-{offset[:2]}", "\u22120030", "-00:00"),
                ("", "+24:00", "-01:60", "+1", " +01:00", "+01:00:00", "Z\n"),
            ),
        ]
    )


def iso8601_days(random: Random, count: int) -> list[str | None]:
    """Days as YYYY-MM-DD, of all centuries, and texts just beside."""
    drawn = [
        f"{random.randint(0, 9999):04d}-{random.randint(0, 13):02d}-{random.randint(0, 32):02d}"
        for _ in range(count)
    ]
    return [*DAYS, *SPELLINGS, *drawn]


def json_documents(random: Random, count: int) -> list[str | None]:
    """Valid JSON; values of all shapes at `a`, and objects of random members.

    Only valid JSON that the ingester splices: it lands anything else as a text (lone surrogates,
    nesting deeper than 100 and number tokens longer than 100 characters among it).
    """
    by_hand = [
        None,
        *(f'{{"a": {value}}}' for value in JSON_VALUES if value is not None),
        *(f'{{"a":{{"b":{v}}},"é":{v},"l":{v}}}' for v in JSON_VALUES if v is not None),
        *("[1]", '"x"', "5", "null", "true", "{}", "[]", ' {"a":1} ', '{"\\u0061":1}'),
        *('{"a":1,"a":"x"}', '{"a":{"c":1},"a":{"b":2}}', '{"a":null,"a":{"b":1}}'),
        *('{"A":1}', '{"a.b":1}', '{"":{"a":1}}', '{"a":{"a":{"b":1}},"b":1}'),
        '{"a":' + "[" * 98 + "]" * 98 + "}",
        '{"a":{"b":' + '{"b":' * 96 + "1" + "}" * 97 + "}",
        # Texts that a JSON writer gives instead of what is no number in JSON.
        *('{"a":"Infinity"}', '{"a":"-Infinity"}', '{"a":"NaN"}', '{"a":-1e400}', '{"a":[1E+309]}'),
    ]
    return by_hand + [_object(random, depth=0) for _ in range(count)]


def json_lists(random: Random, count: int) -> list[str | None]:
    """Valid JSON with a list at `l`: of objects with values of all shapes at `a`, of no objects."""
    by_hand = [
        *(None, "{}", '{"l":null}', '{"l":5}', '{"l":"[1]"}', '{"l":{"a":1}}', '{"l":[]}'),
        *(f'{{"l":[{{"a":{v},"b":{v}}},{v}]}}' for v in JSON_VALUES if v is not None),
        *('{"l":[{"a":1,"a":"x"}]}', '{"l":[{"a":null,"a":1}]}', '{"l":[[{"a":1}]]}'),
        # Texts that look like a number too large for a double, and such numbers behind them.
        *(
            '{"l":[{"a":"1e400"}]}',
            '{"l":[{"a":"x: 1e400","b":1e400}]}',
            '{"l":[{"a":"Infinity"}]}',
        ),
        *('{"l":[{"a":"\\": 1e400","b":-1e400}]}', '{"l":[{"a":"\\\\","b":1E+0400}]}'),
        *('{"l":[{"a":0e400,"b":1e-400}]}', '{"l":[{"a":0.0000000001e310,"b":1.5e308}]}'),
        f'{{"l":[{",".join(["1"] * 1001)}]}}',
        f'{{"l":[{",".join(["1"] * 10_001)}]}}',
        '{"l":' + "[" * 98 + "]" * 98 + "}",
    ]
    return by_hand + [f'{{"l":{_array_of_objects(random)}}}' for _ in range(count)]


def _array_of_objects(random: Random) -> str:
    items = (
        _object(random, 2) if random.random() < 0.8 else json_value(random, 2)
        for _ in range(random.randint(0, 4))
    )
    return f"[{f'{_space(random)},'.join(items)}]"


_KEYS: Final = ('"a"', '"a"', '"b"', '"b"', '"é"', '"l"', '"\\u0061"', '"a.b"', '""', '"\\u00e9"')
_STRING_PARTS: Final = (
    *('\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\u001f", "\\uffff"),
    *("\\u00e9", "\\u00E9", "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\u0022", "\\u005c", "\\u2028"),
    *(character for character in _CODE_POINTS if character > "\x1f" and character not in '"\\'),
)


def _object(random: Random, depth: int) -> str:
    members = (
        f"{_key(random)}{_space(random)}:{_space(random)}{json_value(random, depth + 1)}"
        for _ in range(random.randint(0, 5))
    )
    return "{" + f"{_space(random)},{_space(random)}".join(members) + "}"


def json_value(random: Random, depth: int = 0) -> str:
    """The JSON text of some value."""
    kinds: list[Callable[[], str]] = [
        lambda: _number(random),
        lambda: _money(random),
        lambda: _string(random),
        lambda: _string(random),
        lambda: random.choice(["true", "false", "null"]),
    ]
    if depth < 5:
        kinds += [lambda: _object(random, depth + 1), lambda: _array(random, depth + 1)]
    return random.choice(kinds)()


def _array(random: Random, depth: int) -> str:
    items = (json_value(random, depth + 1) for _ in range(random.randint(0, 3)))
    return f"[{_space(random)}{','.join(items)}]"


def _key(random: Random) -> str:
    return random.choice(_KEYS) if random.random() < 0.8 else _string(random)


def _string(random: Random) -> str:
    return f'"{_text(random, _STRING_PARTS)}"' if random.random() < 0.9 else '""'


def _space(random: Random) -> str:
    return random.choice(["", "", "", " ", "  "])


def _number(random: Random) -> str:
    """Any number, also one too large or too small for a double."""
    whole = random.choice(["0", str(random.randint(1, 10 ** random.randint(1, 30)))])
    fraction = f".{''.join(random.choices(_DIGITS, k=random.choice([1, 2, 3, 17, 30])))}"
    exponent = random.choice(["e", "E", "e+", "E-"]) + str(random.choice([0, 2, 30, 299, 308, 400]))
    parts = [
        random.choice(["", "", "-"]),
        whole,
        random.choice(["", fraction]),
        random.choice(["", "", exponent]),
    ]
    return "".join(parts)


def _money(random: Random) -> str:
    """A number just inside or outside of what an amount may be."""
    digits = str(random.randint(1, 10 ** random.randint(1, 18)))
    places = random.choice([0, 1, 2, 2, 2, 3, 4])
    shifted = random.choice([0, 0, 0, 1, -1, 2, -2])
    text = f"{digits}.{''.join(random.choices(_DIGITS, k=places))}" if places else digits
    return f"{random.choice(['', '-'])}{text}{f'e{shifted}' if shifted else ''}"


def instants(random: Random) -> list[str | None]:
    """Moments in UTC, as SQL writes them: at clock changes, and in years with odd rules."""
    listed = [None if moment is None else moment.isoformat(sep=" ") for moment in CLOCK_CHANGES]
    edges = [
        *("0001-01-01 00:00:00", "0001-01-02 12:00:00", "9999-12-31 23:59:59.999999"),
        *("1582-10-04 23:00:00", "1582-10-15 01:00:00", "1970-01-01 00:00:00"),
    ]
    return [*listed, *edges, *(moment.isoformat(sep=" ") for moment in _spread(random))]


def _spread(random: Random) -> Iterator[datetime]:
    for year in _YEARS:
        for week in range(53):
            day = datetime(year, 1, 1) + timedelta(days=7 * week + random.randint(0, 6))
            # Where a day begins in some zone: at a full, half or quarter hour.
            midnight = day + timedelta(minutes=15 * random.randrange(96))
            yield midnight
            yield midnight - timedelta(microseconds=1)


def dates(random: Random, count: int) -> list[str | None]:
    """Days of all centuries of the calendar."""
    by_hand = ["0001-01-01", "9999-12-31", "1582-10-04", "1582-10-15", "1970-01-01", "2000-02-29"]
    last = date.max.toordinal()
    drawn = [date.fromordinal(random.randint(1, last)).isoformat() for _ in range(count)]
    return [None, *by_hand, *drawn]


def quotients(random: Random, count: int) -> list[tuple[str | None, str | None]]:
    """Amounts with a count to divide them by.

    No negative ones: staging rejects them (invalid_value), so that no sum is one. No quotient of
    10^14 or more, which decimal(18, 4) does not hold: no order has an amount of as much. And no
    amount of 10^28 or more, which is beyond the macro.
    """
    pairs: list[tuple[str | None, int | None]] = [
        (amount, number) for amount in [None, *AMOUNTS] for number in COUNTS
    ]
    for _ in range(count):
        number = random.randint(1, 10 ** random.randint(1, 9))
        # A multiple of half a ten-thousandth, and one beside: what rounding is about.
        units = number * random.randint(0, 10 ** random.randint(1, 15)) // 2 + random.randint(0, 1)
        pairs.append((f"{units // 10_000}.{units % 10_000:04d}", number))
    return [
        (amount, None if number is None else str(number))
        for amount, number in pairs
        if not amount or Decimal(amount) < 10**28
        if not (amount and number) or Decimal(amount) / number < 10**14 - 1
    ]


def sql_timestamps(random: Random, count: int) -> list[str | None]:
    """Zoneless moments as SQL writes them, with up to six digits behind the second.

    No more digits: what is cast from text has six, written by iso8601_timestamp or the ingester.
    """
    by_hand = [
        *("2026-03-29 02:30:00.123456", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"),
        *("1969-12-31 23:59:59.999999", "1582-10-10 00:00:00", "2026-01-01 00:00:00.1"),
    ]
    span = datetime.max - datetime.min
    drawn = (datetime.min + random.random() * span for _ in range(count))
    return [None, *by_hand, *(moment.isoformat(sep=" ") for moment in drawn)]
