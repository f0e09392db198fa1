"""Events at the edges of what the contracts allow, and beyond them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

# Days on which clocks change in New York, at 2 o'clock: the business's days have 23 and 25 hours.
_LOCAL_MIDNIGHTS = (
    "2025-11-02T04:00:00", "2025-11-03T05:00:00", "2026-03-08T05:00:00", "2026-03-09T04:00:00",
)  # fmt: skip
_TIMES = (
    "2026-03-09T23:59:59.999999Z",
    "2026-03-09T23:59:59.9999999Z",
    "2026-03-10T00:00:00+14:00",
    "2026-03-10T00:00:00-12:00",
    "2026-03-09T12:00:00.1Z",
    "2026-03-09T12:00:00.123456789Z",
    "2026-03-09T12:00:60Z",
    "2026-02-29T12:00:00Z",
    "2024-02-29T12:00:00Z",
    "1999-12-31T23:59:59Z",
    "2000-01-01T00:00:00Z",
    "2000-01-01T00:00:00+00:01",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-03-09 12:00:00Z",
    "20260309t120000,25+0530",
    "2026-03-09T24:00-01",
    "1773057600",
    "2026-03-09T12:00:00",
    "2026-03-09T12:00:00Z\\n",
    "٢٠٢٦-03-09T12:00:00Z",
)
_AMOUNTS = (
    "1e2", "1E+2", "1.5e-1", "0.01", "0.001", "-0", "-0.0", "-0.01", "10.005", "1.10",
    "9999999999999.99", "9999999999999.98", "10000000000000", "99999999999999999999",
    "0.1e1", "1e-400", "1e400", "123456.70", "true", "null", '"1e2"', "[1]", "{}",
    "1.0000000000000001",
    "4503599627370497.5", "33333333333.33", "1e15",
    "2.675", "0.07", "0.29",
)  # fmt: skip
# JSON strings, as they stand in the body.
_IDS = (
    '"ünï💶\\u00e9"', '"\\ud83d\\ude00"', '"e\\u0301"', '"\\u00e9"', '" spaced "', '"\\u0000"',
    '"a\\tb"', '"\\u007f"', '"\\u0085"', '"\\u2028"', '"it\'s"', '"\\"quoted\\""',
    '"back\\\\slash"', '"null"', '""', "null", "7", "1.50", "true", '"%_{}"',
    '"<a&b>"', '"\\/"', '"İıſ"',
)  # fmt: skip
_CURRENCIES = ('"EUR"', '"eur"', '"EURO"', '"ÀÉÎ"', '"EU\\u0052"', "null", "5")


def odd_events(before: datetime) -> Iterator[bytes]:
    """One event for each oddity; all that are not odd about it are of the day before `before`."""
    midnights = [datetime.fromisoformat(text) for text in _LOCAL_MIDNIGHTS]
    around = [
        f"{midnight + timedelta(microseconds=step):%Y-%m-%dT%H:%M:%S.%f}Z"
        for midnight in midnights
        for step in (-1, 0)
    ]
    at = f"{before - timedelta(days=1):%Y-%m-%d}T10:00:00Z"
    for number, time in enumerate((*_TIMES, *around)):
        yield _created(f'"t{number}"', f'"{time}"', f'"at{number}"', "10.50")
    for number, amount in enumerate(_AMOUNTS):
        yield _created(f'"a{number}"', f'"{at}"', f'"amount{number}"', amount)
    # In a currency of their own: no double has the cents of their sum, in whichever order it adds.
    for number in range(15):
        yield _created(f'"s{number}"', f'"{at}"', f'"summed{number}"', "9999999999999.99", '"XTS"')
    for number, name in enumerate((*_IDS, f'"{"é" * 256}"', f'"{"💶" * 256}"', f'"{"x" * 257}"')):
        yield _created(name, f'"{at}"', f'"named{number}"', "1")
        yield _created(f'"i{number}"', f'"{at}"', name, "2")
    for number, currency in enumerate(_CURRENCIES):
        yield _created(f'"c{number}"', f'"{at}"', f'"coin{number}"', "3", currency)
    # A key twice: the first counts, on both engines; of an id or a time neither does.
    yield _created('"twice"', f'"{at}"', '"first"', '4, "order_id": "second"')
    yield _created('"first"', f'"{at}"', '"two ids"', '4, "event_id": "second"')
    yield _created('"same"', f'"{at}"', '"one id"', '4, "event_id": "same"')
    yield _created('"two times"', f'"{at}"', '"two times"', '4, "event_ts": "2026-01-01T00:00:00Z"')
    yield from _malformed()


def _created(event_id: str, time: str, order: str, amount: str, currency: str = '"USD"') -> bytes:
    return (
        f'{{"event_id": {event_id}, "event_type": "order_created", "event_ts": {time}, '
        f'"order_id": {order}, "customer_id": "c1", "amount": {amount}, '
        f'"currency_code": {currency}}}'
    ).encode()


def _malformed() -> Iterator[bytes]:
    yield from (
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"not json",
        b'{"event_type": "order_created"}',
    )
    yield b'{"event_type": "\\u0000"}'
    yield b'{"event_type": {"a": 1}}'
    yield b'{"specversion": "1.0", "type": "order_created", "id": "x1", "source": "caf\xc3\xa9"}'
    yield b'{"specversion": "1.0", "type": "order_created", "id": "x2", "data": "text"}'
    yield b'{"specversion": 1.0, "type": "order_created", "event_type": "order_created"}'
    yield b'{"event_id": "l1", "event_type": "order_created", "note": "\\u2028, \\"c\\"\\n\\u0001"}'
    yield (
        b'{"event_id": "deep", "event_type": "order_created", "a": ' + b"[" * 60 + b"]" * 60 + b"}"
    )
