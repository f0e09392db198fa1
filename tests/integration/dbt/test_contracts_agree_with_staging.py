"""What a contract refuses staging rejects, and the other way round.

Thousands of bodies are drawn, landed as one batch by the real ingester and judged by the staging
models in one query; the contracts judge the same bodies by a JSON Schema validator.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator

from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.raw_zone import FolderRawZone
from retailpulse.local.lakehouse import set_raw_zone
from tests.integration.dbt.test_cross_db_times import NO_SPELLINGS, SPELLINGS, instant
from tests.support.dbt.event_bodies import RECEIVED_AT, event_bodies
from tests.support.dbt.rendering import PROJECT, Rendering

EVENTS = 500

# Decimal, because 19.99 is no multiple of 0.01 in floats.
VALIDATORS = [
    Draft202012Validator(
        json.loads(
            (resources.files("ingestion") / "contracts" / f"{name}.json").read_text("utf-8"),
            parse_float=Decimal,
        )
    )
    for name in KNOWN_EVENT_TYPES
]

STAGING = "\nunion all\n".join(
    f"select message_id, reject_reason from {{{{ ref('{model}') }}}}"
    for model in [
        *(known.staging_model for known in KNOWN_EVENT_TYPES.values()),
        "stg_events__unrecognised",
    ]
)

EARLIEST = datetime(2000, 1, 1)
LATEST = RECEIVED_AT.replace(tzinfo=None) + timedelta(hours=24)

BY_HAND = [
    *(b"", b"{", b"null", b"[]", b'"text"', b"{}", b"\xff", b"\xef\xbb\xbf{}", b'{"a": NaN}'),
    # Keys may be written with escapes, and space may stand anywhere.
    b'{"event\\u005ftype": "order_status_changed", "event_ts": "2026-03-10T11:00:00Z",'
    b' "order_\\u0069d": "o1", "status": "\\u0053HIPPED"}',
    b'\r\n{\t"event_type"\n:\r"order_status_changed" , "event_ts": "2026-03-10T11:00:00Z",'
    b'"order_id":"o1","status":"SHIPPED"}\n',
    *(
        json.dumps(
            {"event_type": "order_status_changed", "event_ts": text}
            | {"order_id": "o1", "status": "SHIPPED"}
        ).encode()
        for text in [*SPELLINGS, *NO_SPELLINGS]
    ),
]

DRAWN_REASONS = {
    *("missing_event_type", "invalid_event_type", "unknown_event_type", "invalid_event_id"),
    *("invalid_event_ts", "event_ts_is_number", "event_ts_without_offset"),
    *("event_ts_in_future", "event_ts_too_old", "invalid_order_id"),
    *("invalid_customer_id", "invalid_amount", "negative_amount", "invalid_currency_code"),
    "invalid_status",
}

STATUS = (
    b'{"event_type": "order_status_changed", "event_ts": "2026-03-10T11:00:00Z",'
    b' "order_id": "o1", "status": "SHIPPED"'
)
ORDER = (
    b'{"event_type": "order_created", "event_ts": "2026-03-10T11:00:00Z",'
    b' "order_id": "o1", "customer_id": "c1"'
)

# Where they disagree, all of it: the reason, a body, whether the contract accepts it, and what
# staging says. (The contextual reasons, a moment too old or in the future, are contextual_reason.)
LIMITS = [
    (
        "of a duplicate key the engines read the first value, JSON Schema's parsers the last",
        *(STATUS + b', "status": "LOST"}', False, None),
    ),
    (
        "a number of more than 15 digits is read as a double",
        *(ORDER + b', "amount": 10.0000000000000000001}', False, None),
    ),
    (
        "a number too small for a double is 0",
        *(ORDER + b', "amount": 1e-400}', False, None),
    ),
    (
        "a lone surrogate is text to no engine",
        *(STATUS + b', "note": "\\ud800"}', True, "malformed_payload"),
    ),
    (
        "nesting deeper than 100 is not read alike",
        *(STATUS + b', "note": ' + b"[" * 101 + b"]" * 101 + b"}", True, "malformed_payload"),
    ),
    (
        "a number longer than 100 characters is not read alike",
        *(STATUS + b', "note": ' + b"1" * 101 + b"}", True, "malformed_payload"),
    ),
    (
        "a line is at most 1 MiB",
        *(STATUS + b', "note": "' + b"x" * 1_048_576 + b'"}', True, "oversized_payload"),
    ),
    (
        "an event with two ids has none",
        *(STATUS + b', "event_id": "a", "event_id": "b"}', True, "repeated_key"),
    ),
    (
        "an event with two times has none",
        *(STATUS + b', "event_ts": "2026-03-10T12:00:00Z"}', True, "repeated_key"),
    ),
    (
        "an id twice is one id",
        *(STATUS + b', "event_id": "a", "event_id": "a"}', True, None),
    ),
    (
        "of a repeated type the ingester takes the last",
        *(STATUS.replace(b"{", b'{"event_type": "x", ', 1) + b"}", True, None),
    ),
    (
        "fields named as EventBridge names its own make no EventBridge event",
        *(STATUS + b', "detail-type": "x", "source": "y", "detail": {"note": 1}}', True, None),
    ),
]


@pytest.fixture(scope="module")
def staging_sql(duckdb_project: Rendering) -> str:
    """message_id and reject_reason of every line in the raw zone, as SQL."""
    return duckdb_project.compile(STAGING)


def judge_in_staging(
    project: Rendering, staging_sql: str, bodies: Sequence[bytes]
) -> list[str | None]:
    """The reject_reason of each body, landed as one batch."""
    shutil.rmtree(project.home / "raw", ignore_errors=True)
    ingester = Ingester(FolderRawZone(project.home / "raw"), clock=lambda: RECEIVED_AT)
    messages = [Message(body, f"{number:06d}") for number, body in enumerate(bodies)]
    assert ingester.land(messages, lambda: 60.0).landed == len(bodies)
    with duckdb.connect() as connection:
        set_raw_zone(connection, project.home / "raw")
        rows = connection.execute(f"select * from ({staging_sql}) order by message_id").fetchall()
    assert [message_id for message_id, _ in rows] == [message.message_id for message in messages]
    return [reason for _, reason in rows]


def judged_event(body: bytes) -> Any:
    """The event that the contracts judge: of EventBridge's, the detail, with the type it names."""
    event = json.loads(body.decode(), parse_float=Decimal, parse_constant=refuse)
    if not (isinstance(event, dict) and event.keys() == {"detail-type", "source", "detail"}):
        return event
    detail = event["detail"]
    name = "type" if isinstance(detail.get("specversion"), str) else "event_type"
    return detail | {name: event["detail-type"]} if detail.get(name) is None else detail


def refuse(token: str) -> None:
    raise ValueError(token)


def contract_accepts(event: object) -> bool:
    return any(validator.is_valid(event) for validator in VALIDATORS)


def contextual_reason(event: dict[str, Any]) -> str | None:
    """Why an event that the contract accepts is rejected all the same, for when it happened."""
    name = "time" if isinstance(event.get("specversion"), str) else "event_ts"
    try:
        event_at = instant(event[name])
    except OverflowError:
        # Beyond the calendar, on the side of its year.
        return "event_ts_too_old" if event[name].startswith("0") else "event_ts_in_future"
    assert event_at is not None
    if event_at > LATEST:
        return "event_ts_in_future"
    return "event_ts_too_old" if event_at < EARLIEST else None


def agrees(body: bytes, reason: str | None) -> bool:
    try:
        event = judged_event(body)
    except ValueError:
        return reason in ("malformed_payload", "undecodable_payload")
    if contract_accepts(event):
        return reason == contextual_reason(event)
    return reason is not None


def drawn_bodies(events: int) -> list[bytes]:
    """Different bodies of that many events.

    They are only collected, to be judged together: a query per example would take minutes. So there
    is nothing to shrink; a disagreement shows its shortest bodies.
    """
    bodies: dict[bytes, None] = {}

    @settings(
        max_examples=events,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(event_bodies())
    def collect(drawn: list[bytes]) -> None:
        bodies.update(dict.fromkeys(drawn))

    collect()
    return list(bodies)


def test_contracts_and_staging_agree(duckdb_project: Rendering, staging_sql: str) -> None:
    bodies = BY_HAND + drawn_bodies(EVENTS)
    reasons = judge_in_staging(duckdb_project, staging_sql, bodies)

    judged = zip(bodies, reasons, strict=True)
    disagreeing = [(body, reason) for body, reason in judged if not agrees(body, reason)]
    assert sorted(disagreeing, key=lambda pair: len(pair[0]))[:5] == []

    counts = Counter(reasons)
    with (PROJECT / "seeds/reject_reasons.csv").open(newline="") as file:
        documented = {row["reject_reason"] for row in csv.DictReader(file)}
    assert set(counts) - {None} <= documented
    # The bodies were worth drawing: each verdict came, to be put to the test.
    assert set(counts) >= DRAWN_REASONS
    assert counts[None] > len(bodies) / 5


@pytest.mark.parametrize(
    ("body", "accepted", "reason"), [pytest.param(*rest, id=why) for why, *rest in LIMITS]
)
def test_documented_limit(
    duckdb_project: Rendering, staging_sql: str, body: bytes, accepted: bool, reason: str | None
) -> None:
    assert contract_accepts(json.loads(body, parse_float=Decimal)) is accepted
    assert judge_in_staging(duckdb_project, staging_sql, [body]) == [reason]
