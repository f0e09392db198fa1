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


def reject_reason(body: bytes, received_at: datetime) -> str | None:
    """Why the body is rejected when it is looked at by itself."""
    try:
        told = parse(body)
    except UnicodeDecodeError:
        return "undecodable_payload"
    except MalformedError:
        return "malformed_payload"
    if "event_type" not in told:
        return "missing_event_type"
    if not isinstance(told["event_type"], str):
        return "invalid_event_type"
    if told["event_type"] not in ("order_created", "order_status_changed"):
        return "unknown_event_type"
    if told.get("event_id") is not None and not _is_id(told["event_id"]):
        return "invalid_event_id"
    at = instant(told.get("event_ts"))
    if at is None:
        given = str(told.get("event_ts"))
        if re.fullmatch(r"[0-9.]+", given):
            return "event_ts_is_number"
        is_local = instant(f"{given}Z") is not None
        return "event_ts_without_offset" if is_local else "invalid_event_ts"
    if at > received_at + timedelta(hours=24):
        return "event_ts_in_future"
    if not _is_id(told.get("order_id")):
        return "invalid_order_id"
    if told["event_type"] == "order_status_changed":
        known = told.get("status") in ("SHIPPED", "DELIVERED", "CANCELLED")
        return None if known else "invalid_status"
    if not _is_id(told.get("customer_id")):
        return "invalid_customer_id"
    if not _is_amount(told.get("amount")):
        return "invalid_amount"
    if told["amount"] < 0:
        return "negative_amount"
    currency = told.get("currency_code")
    if currency is None or (isinstance(currency, str) and re.fullmatch("[A-Z]{3}", currency)):
        return None
    return "invalid_currency_code"


def typed(body: bytes) -> tuple[object, ...]:
    """The columns in which two events with one id may not differ."""
    told = parse(body)
    names = ("event_type", "order_id", "customer_id", "amount", "currency_code", "status")
    return instant(told["event_ts"]), *(told.get(name) for name in names)


def all_broken_rules(body: bytes, received_at: datetime) -> list[str]:
    """Each rule the body breaks, by mending it with what is valid and looking again."""
    mends: dict[str, dict[str, object]] = {
        "missing_event_type": {"event_type": "order_created"},
        "invalid_event_type": {"event_type": "order_created"},
        "unknown_event_type": {"event_type": "order_created"},
        "invalid_event_id": {"event_id": "e"},
        "invalid_event_ts": {"event_ts": "2026-01-01T00:00:00Z"},
        "event_ts_is_number": {"event_ts": "2026-01-01T00:00:00Z"},
        "event_ts_without_offset": {"event_ts": "2026-01-01T00:00:00Z"},
        "event_ts_in_future": {"event_ts": "2026-01-01T00:00:00Z"},
        "invalid_order_id": {"order_id": "o"},
        "invalid_customer_id": {"customer_id": "c"},
        "invalid_amount": {"amount": 1},
        "negative_amount": {"amount": 1},
        "invalid_currency_code": {"currency_code": "EUR"},
        "invalid_status": {"status": "SHIPPED"},
    }
    broken: list[str] = []
    while (reason := reject_reason(body, received_at)) is not None:
        broken.append(reason)
        if reason not in mends:
            break
        told = parse(body)
        mend = dict(mends[reason])
        if "event_type" in mend and "status" in told:
            mend["event_type"] = "order_status_changed"
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
