"""Random bodies around the contracts: valid ones, and ones with a field or two gone wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

RECEIVED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""When the bodies are received; some of them happen around a day later."""

MAX_DIGITS = 15
"""The significant digits of a number that is drawn: what a double holds exactly."""

BODIES_OF_ONE_EVENT = 8

_MISSING = object()
_ENVELOPE = {"event_id": "id", "event_type": "type", "event_ts": "time"}


@dataclass(frozen=True)
class Number:
    """A JSON number as it is written."""

    token: str


def to_json(value: Any, *, ascii_only: bool) -> str:
    """Write a value; a `Number` as its token, which json.dumps cannot."""
    if isinstance(value, Number):
        return value.token
    if isinstance(value, dict):
        members = (
            f"{to_json(k, ascii_only=ascii_only)}: {to_json(v, ascii_only=ascii_only)}"
            for k, v in value.items()
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(to_json(item, ascii_only=ascii_only) for item in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def _few_digits(token: str) -> bool:
    return len(Decimal(token).as_tuple().digits) <= MAX_DIGITS


_CHARACTERS = st.characters(exclude_categories=["Cs"])
_TEXTS = st.text(_CHARACTERS, max_size=6) | st.sampled_from(
    [
        *("", " ", "a\n", "\0", "\x1f", "\x7f", "\x80", "\u2028", "a\tb", "null", "5", "\\", '"'),
        *("x" * 256, "x" * 257, "é" * 256, "é" * 257, "💶" * 256, "💶" * 257, "e\u0301" * 128),
        *("e\u0301" * 128 + "e", "\ufeff", "{}", "\ud7ff\ue000"),
    ]
)
_IDS = st.text(_CHARACTERS.filter(lambda c: c > "\x1f" and c != "\x7f"), min_size=1, max_size=8)
_NUMBERS = (
    st.from_regex(
        r"\A-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?([eE][-+]?[0-9]{1,2})?\Z", fullmatch=True
    )
    .filter(_few_digits)
    .map(Number)
)
_AMOUNTS = st.decimals(0, Decimal("9999999999999.99"), places=2).map(lambda d: Number(str(d)))
_NEGATIVE_AMOUNTS = _AMOUNTS.map(lambda number: Number(f"-{number.token}"))
_EDGE_NUMBERS = st.sampled_from(
    [
        *("0", "-0", "-0.0", "0.000", "1e2", "1E-2", "1e-3", "1.10", "10.005", "0.1" + "0" * 20),
        *("-0.01", "9999999999999.99", "9999999999999", "1e13", "10000000000000", "9.9e12"),
        *("9999999999999.9", "1234.5e-1", "1234.5e-2", "1e99", "-1e99", "5e0", "1e-99"),
    ]
).map(Number)
_ZONES = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))


def _write_moment(moment: datetime, digits: int) -> str:
    text = moment.strftime("%H:%M:%S")
    fraction = f"{moment.microsecond:06d}123"[:digits]
    offset = moment.strftime("%z")
    # strftime does not fill a year before 1000 on every platform.
    day = f"{moment.year:04d}-{moment:%m-%d}"
    zone = "Z" if offset == "+0000" and digits % 2 else f"{offset[:3]}:{offset[3:5]}"
    return f"{day}T{text}{'.' if fraction else ''}{fraction}{zone}"


_MOMENTS = st.builds(
    _write_moment,
    st.datetimes(datetime(2000, 1, 3), datetime(2026, 3, 9), timezones=_ZONES),
    st.integers(0, 9),
)
_EDGE_MOMENTS = (
    st.builds(
        _write_moment,
        st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=_ZONES)
        | st.datetimes(datetime(1999, 12, 31), datetime(2000, 1, 2), timezones=_ZONES)
        | st.datetimes(datetime(2026, 3, 11), datetime(2026, 3, 12, 12), timezones=_ZONES),
        st.integers(0, 9),
    )
    | st.from_regex(
        r"\A[0-9]{4}-?[01][0-9]-?[0-3][0-9][Tt ][0-2][0-9]:?[0-6][0-9](:?[0-6][0-9])?"
        r"([.,][0-9]{0,10})?(Z|z||[-+\u2212][0-2][0-9](:?[0-6][0-9])?)\n?\Z",
        fullmatch=True,
    )
    | st.sampled_from(
        [
            *("2000-01-01T00:00:00Z", "1999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00Z"),
            *(
                "2026-03-11T12:00:00Z",
                "2026-03-11T12:00:00.000000999Z",
                "2026-03-11T12:00:00.000001Z",
            ),
            *("2024-02-29T00:00:00Z", "2026-02-29T00:00:00Z", "2016-12-31T23:59:60Z"),
            *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2100-02-29T00:00:00Z"),
        ]
    )
)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _EDGE_NUMBERS | _TEXTS | _EDGE_MOMENTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2),
    max_leaves=3,
)
_CURRENCIES = st.from_regex(r"\A[A-Z]{3}\Z", fullmatch=True)
_STATUSES = st.sampled_from(["SHIPPED", "DELIVERED", "CANCELLED"])
_TYPES = st.sampled_from(
    ["order_created", "order_status_changed", "Order_created", "order_created "]
)

_VALID: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "order_created": {
        "order_id": _IDS,
        "customer_id": _IDS,
        "amount": _AMOUNTS,
        "currency_code": _CURRENCIES,
    },
    "order_status_changed": {"order_id": _IDS, "status": _STATUSES},
}
# What lies just beside a field's rule, from either side.
_NEAR: dict[str, st.SearchStrategy[Any]] = {
    "event_id": _TEXTS,
    "event_type": _TYPES,
    "event_ts": _EDGE_MOMENTS,
    "order_id": _TEXTS,
    "customer_id": _TEXTS,
    "amount": _NUMBERS | _EDGE_NUMBERS | _NEGATIVE_AMOUNTS,
    "currency_code": st.from_regex(r"\A([A-Za-z]{2,4}|[A-Z]{3})[\n ]?\Z", fullmatch=True),
    "status": st.sampled_from(["CREATED", "shipped", "SHIPPED ", "SHIPPED\n", "CANCELED", ""]),
    "specversion": st.sampled_from(["1.0", "", "0.3"]),
    "data": st.just({}),
    "source": _TEXTS,
}


@st.composite
def event_bodies(draw: st.DrawFn) -> list[bytes]:
    """Bodies of one event: flat or a CloudEvent, bare or in an EventBridge event, right or wrong.

    Several of one event, because drawing its fields is what takes long.
    """
    name = draw(st.sampled_from(sorted(_VALID)))
    fields = {"event_id": _IDS, "event_ts": _MOMENTS, **_VALID[name]}
    valid = {"event_type": name} | {field: draw(values) for field, values in fields.items()}
    return [_body(draw, dict(valid)) for _ in range(BODIES_OF_ONE_EVENT)]


def _body(draw: st.DrawFn, event: dict[str, Any]) -> bytes:
    _mutate(draw, event, sorted(event), draw(st.sampled_from([0, 1, 1, 1, 2])))
    if draw(st.booleans()):
        event = _cloudevent(event)
        if draw(st.integers(0, 3)) == 0:
            _mutate(draw, event, ["data", "specversion", "source"], 1)
    elif draw(st.integers(0, 3)) == 0:
        event |= {"specversion": draw(st.none() | _NUMBERS), "data": draw(_ANYTHING)}
    if draw(st.integers(0, 3)) == 0:
        event = {"note": draw(_ANYTHING), **event}
    if draw(st.integers(0, 4)) == 0:
        event = {"detail-type": draw(_TYPES), "source": "bus", "detail": event}
    return to_json(event, ascii_only=draw(st.booleans())).encode()


def _mutate(draw: st.DrawFn, event: dict[str, Any], fields: list[str], count: int) -> None:
    for field in draw(st.lists(st.sampled_from(fields), min_size=count, max_size=count)):
        value = draw(_NEAR[field] | _NEAR[field] | _ANYTHING | st.just(_MISSING) | st.none())
        if value is _MISSING:
            event.pop(field, None)
        else:
            event[field] = value


def _cloudevent(event: dict[str, Any]) -> dict[str, Any]:
    attributes = {_ENVELOPE[name]: v for name, v in event.items() if name in _ENVELOPE}
    data = {name: v for name, v in event.items() if name not in _ENVELOPE}
    return {"specversion": "1.0", "source": "https://shop.example", **attributes, "data": data}
