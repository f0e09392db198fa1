"""Messages that must be rejected, and what is wrong with each of them.

Every message here breaks one rule and no other. But for a conflicting duplicate, each tells of
a thing of its own (an order, a cart, a product) that no accepted event knows, so that rejecting it
changes none.
"""

from __future__ import annotations

import json
from random import Random
from typing import NamedTuple, TypeVar

from simulator.catalog import money
from simulator.events import Event, OrderEvent, ProductVersion
from simulator.life_cycle import STATUSES
from simulator.messages import Fields, render
from simulator.times import DAY_US, TimeStyle

_T = TypeVar("_T")

FUTURE_US = 50 * 365 * DAY_US
"""How far a future clock is ahead: in the future whenever its file is ingested."""


class Reject(NamedTuple):
    """A body that is to end in quarantine."""

    body: bytes
    event_id: str | None
    """The id it gives; None where none can be read, so that the hash stands in."""
    reason: str


class Model(NamedTuple):
    """A valid message for faults to spoil."""

    fields: Fields
    is_cloudevent: bool


_TYPES = ('"order_returned"', '"ORDER_CREATED"', '"../../order_created"', '"cart/✓"')
_NOT_TYPES = ("17", "false", '["order_created"]', '{"name":"order_created"}')
_MISSING, _WRONG, _INVALID = "missing_field", "wrong_type", "invalid_value"
_NO_OFFSET = "event_ts_without_offset"
_IS_NUMBER = "event_ts_is_number"
_AMOUNT = ((_INVALID, '"12,50"'), (_WRONG, "true"), (_WRONG, "[12.50]"), (_MISSING, "null"))
_IDENTIFIER = ((_WRONG, "10042"), (_WRONG, "true"), (_WRONG, '["o-1"]'), (_MISSING, "null"))
_CURRENCY = ((_INVALID, '"usd"'), (_WRONG, "840"), (_INVALID, '"EURO"'), (_WRONG, '["EUR"]'))
_ENVELOPE = (
    (
        "event_ts",
        (
            (_INVALID, '"2026-02-30T10:00:00Z"'),
            (_INVALID, '"2026-W02-1T10:00:00Z"'),
            (_INVALID, '"05.01.2026 10:00"'),
            (_MISSING, "null"),
        ),
    ),
    (
        "event_ts",
        (
            (_IS_NUMBER, "1767225600"),
            (_IS_NUMBER, "1767225600000"),
            (_IS_NUMBER, "1767225600.5"),
            (_IS_NUMBER, '"1767225600"'),
        ),
    ),
    ("event_ts", ((_NO_OFFSET, ""),)),
    ("event_id", ((_WRONG, "10042"), (_WRONG, "true"), (_WRONG, '{"id":"10042"}'))),
)
# By event type, for each field, values that it cannot have, and why.
_WRONG_FIELDS = {
    '"order_created"': (
        ("amount", _AMOUNT),
        ("order_id", _IDENTIFIER),
        ("customer_id", ((_WRONG, '{"id":"c00042"}'), (_WRONG, "42"), (_MISSING, "null"))),
        ("currency_code", _CURRENCY),
        (
            "status",
            ((_INVALID, '"shipped"'), (_INVALID, '"RETURNED"'), (_WRONG, "3"), (_MISSING, "null")),
        ),
        *_ENVELOPE,
    ),
    '"cart_abandoned"': (
        ("amount", _AMOUNT),
        ("cart_id", _IDENTIFIER),
        ("currency_code", _CURRENCY),
        *_ENVELOPE,
    ),
    '"product_changed"': (
        ("unit_price", ((_INVALID, '"12,50"'), (_WRONG, "true"), (_WRONG, "[12.50]"))),
        ("product_id", _IDENTIFIER),
        ("op", ((_INVALID, '"update"'), (_INVALID, '""'), (_WRONG, "2"), (_MISSING, "null"))),
        ("sequence", ((_INVALID, '"1 2"'), (_WRONG, "17"), (_MISSING, "null"))),
        *_ENVELOPE,
    ),
}
# The fields that say what a message tells of.
_KEYS = ("order_id", "refund_id", "cart_id", "product_id")
# Each makes the whole message unreadable by the value of one field.
_UNREADABLE_VALUES = (
    ("amount", "NaN"),
    ("amount", "-Infinity"),
    ("amount", "007.50"),
    ("customer_name", '"\\ud83d"'),
    ("customer_name", '"a\x01b"'),
    ("customer_name", "'Ann'"),
    ("loyalty_points", "9" * 120),
    ("items", "[" * 150 + "]" * 150),
)
_UNREADABLE_TEXTS = ("array", "string", "plain", "comma", "tail")


def malformed(model: Model, own_id: str, random: Random) -> Reject:
    """A body that is no JSON object all engines read alike, or is not even UTF-8."""
    fields = _with_ids(model, own_id)
    chance = random.random()
    if chance < 0.2:
        # U+DCFF stands for the lone byte FF.
        spoilt = render({**fields, "customer_name": '"\udcff"'}, is_cloudevent=model.is_cloudevent)
        return Reject(spoilt.encode(errors="surrogateescape"), None, "undecodable_payload")
    text = render(fields, is_cloudevent=model.is_cloudevent)
    if chance < 0.4:
        # Behind the id, which every form gives within 60 characters: no two bodies are alike.
        text = text[: 60 + int(random.random() * (len(text) - 60))]
    elif chance < 0.7:
        name, value = _choice(_UNREADABLE_VALUES, random)
        text = render({**fields, name: value}, is_cloudevent=model.is_cloudevent)
    else:
        text = {
            "array": f"[{json.dumps(text)}]",
            "string": json.dumps(text),
            "plain": f"ERROR could not tell order {own_id}",
            "comma": f"{text[:-1]},}}",
            "tail": f"{text} {own_id}",
        }[_choice(_UNREADABLE_TEXTS, random)]
    return Reject(text.encode(), None, "malformed_payload")


def unknown_type(model: Model, own_id: str, random: Random) -> Reject:
    """A message whose type is none of ours, is missing or is not text."""
    fields = _with_ids(model, own_id)
    chance = random.random()
    if chance < 0.6:
        fields["event_type"] = _choice(_TYPES, random)
        reason = "unknown_event_type"
    elif chance < 0.8:
        del fields["event_type"]
        reason = _MISSING
    else:
        fields["event_type"] = _choice(_NOT_TYPES, random)
        reason = _WRONG
    return _reject(fields, model, own_id, reason)


def wrong_field_type(model: Model, own_id: str, random: Random) -> Reject:
    """A message with one field of the wrong type or form; of an order, its creation."""
    fields = _with_ids(model, own_id)
    name, values = _choice(_WRONG_FIELDS[fields["event_type"]], random)
    reason, value = _choice(values, random)
    if name == "status":
        fields = {key: fields[key] for key in ("event_id", "event_type", "event_ts", "order_id")}
        fields["event_type"] = '"order_status_changed"'
    # Cut behind the seconds.
    fields[name] = f'{fields[name][:20]}"' if reason == _NO_OFFSET else value
    return _reject(fields, model, None if name == "event_id" else own_id, reason)


def negative_amount(model: Model, own_id: str, random: Random) -> Reject:
    """A message with an amount or a price from -0.01 to -1000.00; of an order, its creation."""
    fields = _with_ids(model, own_id)
    name = "unit_price" if "product_id" in fields else "amount"
    fields[name] = money(-1 - int(random.random() * 100_000))
    return _reject(fields, model, own_id, _INVALID)


def future_clock(model: Model, own_id: str, at_us: int) -> Reject:
    """A message from a clock that is 50 years ahead of `at_us`."""
    fields = _with_ids(model, own_id)
    fields["event_ts"] = f'"{TimeStyle(None, 3).text(at_us + FUTURE_US)}"'
    return _reject(fields, model, own_id, "event_ts_in_future")


def conflicting_duplicate(event: Event, fields: Fields, random: Random) -> Reject:
    """The message of `event` once more, with another amount, price or status but the same id."""
    more_cents = 1 + int(random.random() * 9_999)
    if isinstance(event, ProductVersion):
        changed = {"unit_price": money(event.price_cents + more_cents)}
    elif isinstance(event, OrderEvent) and event.status in STATUSES:
        others = tuple(status for status in STATUSES if status != event.status)
        changed = {"status": f'"{_choice(others, random)}"'}
    else:
        changed = {"amount": money(event.amount_cents + more_cents)}
    model = Model(fields | changed, event.is_cloudevent)
    return _reject(model.fields, model, event.event_id, "conflicting_duplicate")


def _with_ids(model: Model, own_id: str) -> Fields:
    text = f'"{own_id}"'
    keys = [name for name in _KEYS if name in model.fields]
    return model.fields | dict.fromkeys(["event_id", *keys], text)


def _reject(fields: Fields, model: Model, event_id: str | None, reason: str) -> Reject:
    return Reject(render(fields, is_cloudevent=model.is_cloudevent).encode(), event_id, reason)


def _choice(values: tuple[_T, ...], random: Random) -> _T:
    return values[int(len(values) * random.random())]
