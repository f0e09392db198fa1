"""Random bodies around contracts: valid ones, and ones with a field or two gone wrong.

What is drawn follows from the types of the contract's fields, so that a new contract is drawn for
without a word here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from ingestion.contract_generator.contract import Contract, Field, Items
from ingestion.known_types import KNOWN_EVENT_TYPES

RECEIVED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""When the bodies are received; some of them happen around a day later."""

ROW_TYPES = tuple(
    f"row_{name}"
    for name in ("text", "integer", "decimal", "double", "boolean", "instant", "local_time", "day")
)
"""The types of a database's own texts."""

MAX_DIGITS = 15
"""The significant digits of a number that is drawn: what a double holds exactly."""

BODIES_OF_ONE_EVENT = 8

MOST_ITEMS_DRAWN = 2
"""The items of a list that is drawn at random; a list of one item over and over has more."""

_MISSING = object()
_ENVELOPE = {"event_id": "id", "event_type": "type", "event_ts": "time"}
_OF_A_ROW = ("op", "sequence")


@dataclass(frozen=True)
class Number:
    """A JSON number as it is written."""

    token: str


@dataclass(frozen=True)
class Body:
    """A body, and what was done to it.

    Attributes:
        body: What is sent.
        changed: The field that was changed, as the form of the event calls it; None where nothing
            or more than one was, or where another field can be at fault for it.
    """

    body: bytes
    changed: str | None


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
_AMOUNT_TOKENS = (
    st.decimals(0, Decimal("9999999999999.99"), places=2)
    | st.decimals(0, Decimal("99999999999.9999"), places=4)
).map(str)
_AMOUNTS = _AMOUNT_TOKENS | _AMOUNT_TOKENS.map(Number)
_NEGATIVE_AMOUNTS = _AMOUNT_TOKENS.map(lambda token: Number(f"-{token}"))
_EDGE_NUMBERS = st.sampled_from(
    [
        *("0", "-0", "-0.0", "0.000", "1e2", "1E-2", "1e-4", "1.10", "10.00005", "0.1" + "0" * 20),
        *("-0.01", "99999999999.9999", "99999999999.99999", "100000000000.001", "1e13", "9.9e12"),
        *("100000000000.0001", "9999999999999.99", "99999999999999.9", "99999999999999", "1e14"),
        *("123456789012.3456", "12345678901234.56", "100000000000000", "1234.5e-3", "1234.5e-4"),
        *("9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740991"),
        *("-9007199254740992", "5.0", "5.5", "50e-1", "1e99", "-1e99", "5e0", "1e-99"),
    ]
).map(Number)
_AMOUNT_TEXTS = st.sampled_from(
    [
        *("", "0", "0.0000", "00000000000001.5", "19.99", "19.99999", "99999999999999.9999"),
        *("100000000000000", "+1", "-1", "1e2", "1.", ".5", "1,5", " 1", "1\n", "\u0661", "$1"),
    ]
)
_DAYS = st.dates().map(str)
_DAYS_THAT_HAVE_COME = st.dates(date(2000, 1, 1), date(2026, 3, 11)).map(str)
_EDGE_DAYS = st.sampled_from(
    [
        *("2000-01-01", "1999-12-31", "2026-03-11", "2026-03-12"),
        *("0001-01-01", "9999-12-31", "0000-01-01", "2024-02-29", "2026-02-29", "2000-02-29"),
        *("1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "1582-10-10"),
        *("2026-1-4", "20260114", "2026-01-14T00:00:00Z", "2026-01-14 ", "2026-01-14\n", ""),
        *("2026-W03-3", "2026-014", "12026-01-14", "-2026-01-14", "2026/01/14", "infinity"),
    ]
) | st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]\Z", fullmatch=True)
_SEQUENCES = st.from_regex(r"\A[0-9A-Za-z._:/-]{1,12}\Z", fullmatch=True)
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
_TYPES = st.sampled_from([*KNOWN_EVENT_TYPES, "Order_created", "order_created "])
_LONG_TEXTS = st.sampled_from(["x" * 4096, "x" * 4097, "é" * 4096, "💶" * 4097])

_ROW_NUMBERS = st.from_regex(r"\A-?[0-9]{1,31}([.][0-9]{0,11})?\n?\Z", fullmatch=True)
_ROW_MOMENTS = st.from_regex(
    r"\A[0-9]{4,5}-[01][0-9]-[0-3][0-9]( [0-2][0-9]:[0-6][0-9]:[0-6][0-9]([.][0-9]{1,7})?"
    r"([-+][01][0-9](:[0-5][0-9])?)?)?( BC)?\Z",
    fullmatch=True,
)
# What databases write, and what no column can hold.
_ROW_TEXTS = (
    _TEXTS
    | _ROW_NUMBERS
    | _ROW_MOMENTS
    | st.integers(-(2**64), 2**64).map(str)
    | st.floats().map(str)
    | st.sampled_from(
        [
            *(
                "t",
                "f",
                "true",
                "false",
                "T",
                "NaN",
                "Infinity",
                "-infinity",
                "1e+30",
                "1e400",
                "0x1F",
            ),
            *("2026-02-28", "2026-02-29", "0000-00-00", "2026-01-01 24:00:00", "0044-03-15 BC"),
            *("2026-01-01 00:00:00.123456+00", "2026-01-01 00:00:00", "9999-12-31 23:59:59.999999"),
        ]
    )
)

# By the type of the field, and for what is no business field by its name.
_VALID: dict[str, st.SearchStrategy[Any]] = {
    "identifier": _IDS,
    "text": _TEXTS,
    "amount": _AMOUNTS,
    "currency": _CURRENCIES,
    "instant": _MOMENTS,
    "boolean": st.booleans(),
    "integer": st.integers(-(2**53 - 1), 2**53 - 1),
    "day": _DAYS,
    **dict.fromkeys(ROW_TYPES, _ROW_TEXTS | st.just({"cut_head": "x", "cut_bytes": 1})),
    "event_id": _IDS,
    "event_ts": _MOMENTS,
    "op": st.sampled_from(["upsert", "upsert", "delete"]),
    "sequence": _SEQUENCES,
}
# What lies just beside the rule, from either side.
_NEAR: dict[str, st.SearchStrategy[Any]] = {
    "identifier": _TEXTS,
    "text": _TEXTS | _LONG_TEXTS,
    "amount": _NUMBERS | _EDGE_NUMBERS | _NEGATIVE_AMOUNTS | _AMOUNT_TEXTS,
    "currency": st.from_regex(r"\A([A-Za-z]{2,4}|[A-Z]{3})[\n ]?\Z", fullmatch=True),
    "instant": _EDGE_MOMENTS.filter(lambda text: "0002" < text[:4] < "9998"),
    "boolean": st.sampled_from(["true", "false", "", Number("0"), Number("1"), [True]]),
    "integer": _NUMBERS | _EDGE_NUMBERS | st.sampled_from(["5", ""]),
    "day": _EDGE_DAYS,
    **dict.fromkeys(ROW_TYPES, _NUMBERS | st.booleans() | _TEXTS),
    "event_id": _TEXTS,
    "event_type": _TYPES,
    "event_ts": _EDGE_MOMENTS,
    "op": st.sampled_from(["upsert", "delete", "UPSERT", "insert", "delete ", "upsert\n", ""]),
    "sequence": st.sampled_from(["", "a" * 128, "a" * 129, "0/1:2._-Z", "a b", "a\n", "é", "+"]),
    "specversion": st.sampled_from(["1.0", "", "0.3"]),
    "data": st.just({}),
    "source": _TEXTS,
}


def _valid(field: Field) -> st.SearchStrategy[Any]:
    right = _right(field)
    return right if field.is_required else right | right | st.just(_MISSING) | st.none()


def _right(field: Field) -> st.SearchStrategy[Any]:
    if field.items is not None:
        return st.lists(_items(field.items), max_size=min(field.items.most, MOST_ITEMS_DRAWN))
    if field.is_past:
        return _DAYS_THAT_HAVE_COME if field.type.name == "day" else _MOMENTS
    return _VALID[field.type.name] if field.values is None else st.sampled_from(field.values)


def _items(items: Items) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {field.name: _right(field) for field in items.fields if field.is_required},
        optional={
            field.name: _right(field) | st.none() for field in items.fields if not field.is_required
        },
    )


@st.composite
def _near_lists(draw: st.DrawFn, items: Items) -> list[Any]:
    """Lists of a right item and one that is none or has a field changed, or of very many."""
    right = draw(_items(items))
    way = draw(st.sampled_from(["too many", "as many", "no item", "field", "field", "field"]))
    if way in ("too many", "as many"):
        return [right] * (items.most + (way == "too many"))
    if way == "no item":
        return draw(st.permutations([right, draw(_ANYTHING)]))
    field = draw(st.sampled_from(items.fields))
    wrong = dict(right)
    _change(draw, wrong, field.name, _near(field))
    return draw(st.permutations([right, {"note_beside": draw(_ANYTHING), **wrong}]))


def _near(field: Field) -> st.SearchStrategy[Any]:
    if field.items is not None:
        return st.just([]) | _near_lists(field.items)
    if field.values is None:
        return _NEAR[field.type.name]
    beside = [text for value in field.values for text in (value.lower(), f"{value} ", f"{value}\n")]
    return st.sampled_from([*field.values, *beside, "CREATED", ""])


@st.composite
def event_bodies(draw: st.DrawFn, contracts: Sequence[Contract]) -> list[Body]:
    """Bodies of one event: flat or a CloudEvent, bare or in an EventBridge event, right or wrong.

    Several of one event, because drawing its fields is what takes long.
    """
    contract = draw(st.sampled_from(contracts))
    attributes = ["event_id", "event_ts", *(_OF_A_ROW if contract.is_row else ())]
    drawn = {"event_type": contract.event_type.name}
    drawn |= {name: draw(_VALID[name]) for name in attributes}
    drawn |= {field.name: draw(_valid(field)) for field in contract.fields}
    event = {name: value for name, value in drawn.items() if value is not _MISSING}
    near = _NEAR | {field.name: _near(field) for field in contract.fields}
    # A list goes wrong as often as all of its items' fields would.
    fields = sorted(drawn)
    for field in contract.fields:
        fields += [field.name] * (len(field.items.fields) if field.items else 0)
    return [_body(draw, dict(event), fields, near) for _ in range(BODIES_OF_ONE_EVENT)]


def _body(
    draw: st.DrawFn,
    event: dict[str, Any],
    fields: list[str],
    near: Mapping[str, st.SearchStrategy[Any]],
) -> Body:
    changed = _mutate(draw, event, fields, near, draw(st.sampled_from([0, 1, 1, 1, 2])))
    if draw(st.booleans()):
        event = _cloudevent(event)
        changed = [_name_in_a_cloudevent(name) for name in changed]
        if draw(st.integers(0, 3)) == 0:
            changed += _mutate(draw, event, ["data", "specversion", "source"], near, 1)
    elif draw(st.integers(0, 3)) == 0:
        event |= {"specversion": draw(st.none() | _NUMBERS), "data": draw(_ANYTHING)}
    if draw(st.integers(0, 3)) == 0:
        event = {"note_beside": draw(_ANYTHING), **event}
    if draw(st.integers(0, 4)) == 0:
        event = {"detail-type": draw(_TYPES), "source": "bus", "detail": event}
    body = to_json(event, ascii_only=draw(st.booleans())).encode()
    # Of another type, an event lacks other fields; without specversion or data it lacks all.
    others = {"event_type", "type", "op", "specversion", "data", "source"}
    return Body(body, changed[0] if len(changed) == 1 and changed[0] not in others else None)


def _mutate(
    draw: st.DrawFn,
    event: dict[str, Any],
    fields: list[str],
    near: Mapping[str, st.SearchStrategy[Any]],
    count: int,
) -> list[str]:
    changed = draw(st.lists(st.sampled_from(fields), min_size=count, max_size=count))
    for field in changed:
        _change(draw, event, field, near[field])
    return changed


def _change(
    draw: st.DrawFn, fields: dict[str, Any], name: str, near: st.SearchStrategy[Any]
) -> None:
    value = draw(near | near | _ANYTHING | st.just(_MISSING) | st.none())
    if value is _MISSING:
        fields.pop(name, None)
    else:
        fields[name] = value


def _cloudevent(event: dict[str, Any]) -> dict[str, Any]:
    at_the_top = {name for name in event if name in _ENVELOPE or name in _OF_A_ROW}
    attributes = {_ENVELOPE.get(name, name): event[name] for name in event if name in at_the_top}
    data = {name: value for name, value in event.items() if name not in at_the_top}
    return {"specversion": "1.0", "source": "https://shop.example", **attributes, "data": data}


def _name_in_a_cloudevent(name: str) -> str:
    return name if name in _OF_A_ROW else _ENVELOPE.get(name, f"data.{name}")
