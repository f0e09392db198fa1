"""Messages that must be rejected, and what is wrong with each of them.

Every message here breaks one rule and no other. But for a conflicting duplicate, each tells of
an order of its own that no accepted event knows, so that rejecting it changes no order.
"""

from __future__ import annotations

import json
from random import Random
from typing import NamedTuple, TypeVar

from simulator.business import Event
from simulator.catalog import money
from simulator.life_cycle import CREATED, REFUNDED, STATUSES
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
# For each field, values that it cannot have, and why.
_WRONG_FIELDS = (
    ("amount", ((_INVALID, '"12,50"'), (_WRONG, "true"), (_WRONG, "[12.50]"), (_MISSING, "null"))),
    ("order_id", ((_WRONG, "10042"), (_WRONG, "true"), (_WRONG, '["o-1"]'), (_MISSING, "null"))),
    ("customer_id", ((_WRONG, '{"id":"c00042"}'), (_WRONG, "42"), (_MISSING, "null"))),
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
    (
        "currency_code",
        ((_INVALID, '"usd"'), (_WRONG, "840"), (_INVALID, '"EURO"'), (_WRONG, '["EUR"]')),
    ),
    (
        "status",
        ((_INVALID, '"shipped"'), (_INVALID, '"RETURNED"'), (_WRONG, "3"), (_MISSING, "null")),
    ),
    ("event_id", ((_WRONG, "10042"), (_WRONG, "true"), (_WRONG, '{"id":"10042"}'))),
)
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


def wrong_field_type(created: Model, own_id: str, random: Random) -> Reject:
    """A message with one field of the wrong type or form. `created` tells of a creation."""
    fields = _with_ids(created, own_id)
    name, values = _choice(_WRONG_FIELDS, random)
    reason, value = _choice(values, random)
    if name == "status":
        fields = {key: fields[key] for key in ("event_id", "event_type", "event_ts", "order_id")}
        fields["event_type"] = '"order_status_changed"'
    # Cut behind the seconds.
    fields[name] = f'{fields[name][:20]}"' if reason == _NO_OFFSET else value
    return _reject(fields, created, None if name == "event_id" else own_id, reason)


def negative_amount(created: Model, own_id: str, random: Random) -> Reject:
    """A creation with an amount from -0.01 to -1000.00."""
    fields = _with_ids(created, own_id)
    fields["amount"] = money(-1 - int(random.random() * 100_000))
    return _reject(fields, created, own_id, _INVALID)


def future_clock(model: Model, own_id: str, at_us: int) -> Reject:
    """A message from a clock that is 50 years ahead of `at_us`."""
    fields = _with_ids(model, own_id)
    fields["event_ts"] = f'"{TimeStyle(None, 3).text(at_us + FUTURE_US)}"'
    return _reject(fields, model, own_id, "event_ts_in_future")


def conflicting_duplicate(event: Event, fields: Fields, random: Random) -> Reject:
    """The message of `event` once more, with another amount or status but the same id and time."""
    if event.status in (CREATED, REFUNDED):
        changed = {"amount": money(event.amount_cents + 1 + int(random.random() * 9_999))}
    else:
        others = tuple(status for status in STATUSES if status != event.status)
        changed = {"status": f'"{_choice(others, random)}"'}
    model = Model(fields | changed, event.order.is_cloudevent)
    return _reject(model.fields, model, event.event_id, "conflicting_duplicate")


def _with_ids(model: Model, own_id: str) -> Fields:
    text = f'"{own_id}"'
    own = {"event_id": text, "order_id": text}
    if "refund_id" in model.fields:
        own["refund_id"] = text
    return model.fields | own


def _reject(fields: Fields, model: Model, event_id: str | None, reason: str) -> Reject:
    return Reject(render(fields, is_cloudevent=model.is_cloudevent).encode(), event_id, reason)


def _choice(values: tuple[_T, ...], random: Random) -> _T:
    return values[int(len(values) * random.random())]
