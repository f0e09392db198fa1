"""The rules an event has to keep, written once more for the tests: plain Python, none of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from simulator.deliveries import Delivery, simulate
from simulator.settings import Faults, Settings

TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)
Verdict = tuple[str, str | None]
KEYS = {
    "order_created": ("order_id", "customer_id"),
    "order_refunded": ("refund_id", "order_id"),
    "order_status_changed": ("order_id",),
    "cart_abandoned": ("cart_id",),
    "product_changed": ("product_id",),
}
"""By event type, the ids that it must have."""


class MalformedError(ValueError):
    pass


def _number(text: str) -> Decimal:
    if len(text) > 100:
        raise MalformedError("long number")
    return Decimal(text)


def _constant(text: str) -> None:
    raise MalformedError(text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        depth += (bracket in "[{") - (bracket in "]}")
        deepest = max(deepest, depth)
    return deepest


def parse(body: bytes) -> dict[str, Any]:
    """The body's members in the flat form's names. UnicodeDecodeError: not UTF-8."""
    text = body.decode()
    if text.count("[") + text.count("{") > 100 and _depth(text) > 100:
        raise MalformedError("deep")
    try:
        told = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_constant)
        json.dumps(told, ensure_ascii=False, default=str).encode()
    except ValueError as error:
        raise MalformedError(str(error)) from error
    if not isinstance(told, dict):
        raise MalformedError("no object")
    fields: dict[str, Any] = told
    if "specversion" not in fields:
        return fields
    names = {"id": "event_id", "type": "event_type", "time": "event_ts"}
    data: dict[str, Any] = fields.pop("data")
    return {names.get(name, name): value for name, value in fields.items()} | data


def instant(text: object) -> datetime | None:
    match = TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    clock, fraction, offset = match.groups()
    try:
        at = datetime.fromisoformat(clock + offset.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (at + timedelta(microseconds=int(f"{fraction or '.':0<7}"[1:7]))).astimezone(UTC)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[^\x00-\x1f\x7f]{1,256}", value))


def _is_amount(value: object) -> bool:
    return isinstance(value, Decimal) and value < 10**13 and value == round(value, 2)


def _is_text_amount(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9]{1,14}([.][0-9]{1,4})?", value))


def fault(body: bytes, received_at: datetime) -> tuple[str, str | None] | None:
    """Why the body is rejected when it is looked at by itself, and for which field."""
    try:
        told = parse(body)
    except UnicodeDecodeError:
        return "undecodable_payload", None
    except MalformedError:
        return "malformed_payload", None

    def of_field(name: str, json_types: tuple[type, ...], is_allowed: bool) -> str | None:
        if told.get(name) is None:
            return "missing_field"
        if isinstance(told[name], bool) or not isinstance(told[name], json_types):
            return "wrong_type"
        return None if is_allowed else "invalid_value"

    if reason := of_field("event_type", (str,), is_allowed=True):
        return reason, "event_type"
    if told["event_type"] not in KEYS:
        return "unknown_event_type", "event_type"
    if told.get("event_id") is not None and not _is_id(told["event_id"]):
        return of_field("event_id", (str,), is_allowed=False) or "", "event_id"
    at = instant(told.get("event_ts"))
    if at is None:
        given = str(told.get("event_ts"))
        if re.fullmatch(r"[0-9.]+", given):
            return "event_ts_is_number", "event_ts"
        if instant(f"{given}Z") is not None:
            return "event_ts_without_offset", "event_ts"
        return of_field("event_ts", (str,), is_allowed=False) or "", "event_ts"
    if at > received_at + timedelta(hours=24):
        return "event_ts_in_future", "event_ts"
    if told["event_type"] == "product_changed":
        for name, pattern in (("op", "upsert|delete"), ("sequence", "[0-9A-Za-z._:/-]{1,128}")):
            is_allowed = bool(re.fullmatch(pattern, str(told.get(name))))
            if reason := of_field(name, (str,), is_allowed):
                return reason, name
    for name in KEYS[told["event_type"]]:
        if reason := of_field(name, (str,), _is_id(told.get(name))):
            return reason, name
    if told["event_type"] == "order_status_changed":
        known = told.get("status") in ("SHIPPED", "DELIVERED", "CANCELLED")
        reason = of_field("status", (str,), known)
        return None if reason is None else (reason, "status")
    if told["event_type"] == "product_changed":
        reason = of_field("name", (str,), is_allowed=True)
        if reason is not None and (told["op"] == "upsert" or reason != "missing_field"):
            return reason, "name"
    price = "unit_price" if told["event_type"] == "product_changed" else "amount"
    amount = told.get(price)
    is_amount = _is_text_amount(amount) or (_is_amount(amount) and amount >= 0)  # type: ignore[operator]
    reason = of_field(price, (str, Decimal), is_amount)
    if reason is not None and (price == "amount" or reason != "missing_field"):
        return reason, price
    currency = told.get("currency_code")
    is_currency = isinstance(currency, str) and bool(re.fullmatch("[A-Z]{3}", currency))
    reason = of_field("currency_code", (str,), is_currency)
    # Left out or null, it is the default.
    return None if reason is None or currency is None else (reason, "currency_code")


def reject_reason(body: bytes, received_at: datetime) -> str | None:
    """Why the body is rejected when it is looked at by itself."""
    found = fault(body, received_at)
    return None if found is None else found[0]


def typed(body: bytes) -> tuple[object, ...]:
    """The columns in which two events with one id may not differ."""
    told = parse(body)
    names = (
        *("event_type", "order_id", "customer_id", "currency_code", "status"),
        *("refund_id", "channel", "is_test", "cart_id", "session_id"),
        *("op", "sequence", "product_id", "name", "category", "is_active"),
    )
    amounts = (told.get(name) for name in ("amount", "unit_price"))
    return (
        instant(told["event_ts"]),
        *(None if amount is None else Decimal(amount) for amount in amounts),
        *(told.get(name) for name in names),
    )


def all_broken_rules(body: bytes, received_at: datetime) -> list[str]:
    """Each rule the body breaks, by mending it with what is valid and looking again."""
    mends: dict[str | None, dict[str, object]] = {
        "event_type": {"event_type": "order_created"},
        "event_id": {"event_id": "e"},
        "event_ts": {"event_ts": "2026-01-01T00:00:00Z"},
        "order_id": {"order_id": "o"},
        "customer_id": {"customer_id": "c"},
        "amount": {"amount": 1},
        "currency_code": {"currency_code": "EUR"},
        "status": {"status": "SHIPPED"},
        "cart_id": {"cart_id": "k"},
        "product_id": {"product_id": "p"},
        "unit_price": {"unit_price": 1},
        "op": {"op": "delete"},
        "sequence": {"sequence": "1"},
    }
    broken: list[str] = []
    while (found := fault(body, received_at)) is not None:
        reason, field = found
        broken.append(reason)
        if field not in mends:
            break
        told = parse(body)
        mend = dict(mends[field])
        if "event_type" in mend:
            owns = ("status", "refund_id", "cart_id", "sequence")
            types = ("order_status_changed", "order_refunded", "cart_abandoned", "product_changed")
            for name, event_type in zip(owns, types, strict=True):
                if name in told:
                    mend["event_type"] = event_type
        flat = {name: value for name, value in told.items() if name != "specversion"} | mend
        body = json.dumps(flat, default=float).encode()
    return broken


def verdicts(deliveries: list[Delivery]) -> list[Verdict]:
    """What becomes of each delivery, in the order given."""
    found: list[Verdict] = []
    seen: dict[str, tuple[object, ...]] = {}
    for delivery in deliveries:
        reason = reject_reason(delivery.body, delivery.arrives_at)
        if reason is not None:
            found.append(("quarantined", reason))
            continue
        event_id = parse(delivery.body)["event_id"]
        first = seen.setdefault(event_id, columns := typed(delivery.body))
        if first is columns:
            found.append(("accepted", None))
        elif first == columns:
            found.append(("duplicate", None))
        else:
            found.append(("quarantined", "conflicting_duplicate"))
    return found


@pytest.fixture(name="parse", scope="session")
def parse_fixture() -> Callable[[bytes], dict[str, Any]]:
    return parse


@pytest.fixture(name="instant", scope="session")
def instant_fixture() -> Callable[[object], datetime | None]:
    return instant


@pytest.fixture(name="verdicts", scope="session")
def verdicts_fixture() -> Callable[[list[Delivery]], list[Verdict]]:
    return verdicts


@pytest.fixture(name="all_broken_rules", scope="session")
def all_broken_rules_fixture() -> Callable[[bytes, datetime], list[str]]:
    return all_broken_rules


FAULTY = Settings(
    seed=7,
    events=8_000,
    orders_per_day=500,
    faults=Faults(**dict.fromkeys(Faults().rates(), 0.03)),
    cloudevents_share=0.3,
)


@pytest.fixture(scope="session")
def faulty_settings() -> Settings:
    """More than a fortnight in which every fault is frequent."""
    return FAULTY


@pytest.fixture(scope="session")
def faulty() -> list[Delivery]:
    return list(simulate(FAULTY))
