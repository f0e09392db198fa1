"""What a contract refuses staging rejects, and the other way round.

Thousands of bodies are drawn, landed as one batch by the real ingester and judged by the staging
models in one query; the published contracts judge the same bodies by a JSON Schema validator.
Beside the project's own contracts there are two that have a field of each type.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal, localcontext
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator

from ingestion.contract_generator.contract import Contract, Field
from ingestion.contract_generator.contract_reader import read_contracts
from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from retailpulse.local.lakehouse import set_raw_zone
from tests.integration.dbt.test_cross_db_times import NO_SPELLINGS, SPELLINGS, instant
from tests.support.dbt.event_bodies import RECEIVED_AT, Body, event_bodies
from tests.support.dbt.fixture_project import known_types_of, project_with_fixtures
from tests.support.dbt.rendering import PROJECT, Rendering

# Of the fixtures, which stand for every type of a field, and of each of the project's contracts.
EVENTS_OF_FIXTURES = 300
EVENTS_OF_A_CONTRACT = 25

DUCKDB_TYPES = {
    "varchar": "VARCHAR",
    "decimal(18, 4)": "DECIMAL(18,4)",
    "timestamp(6)": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "bigint": "BIGINT",
    "decimal(38, 9)": "DECIMAL(38,9)",
    "double": "DOUBLE",
    "date": "DATE",
}

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
    *("unknown_event_type", "missing_field", "wrong_type", "invalid_value"),
    *("event_ts_is_number", "event_ts_without_offset", "event_ts_in_future", "event_ts_too_old"),
    *("time_in_future", "time_too_old"),
}

STATUS = (
    b'{"event_type": "order_status_changed", "event_ts": "2026-03-10T11:00:00Z",'
    b' "order_id": "o1", "status": "SHIPPED"'
)
ORDER = (
    b'{"event_type": "order_created", "event_ts": "2026-03-10T11:00:00Z",'
    b' "order_id": "o1", "customer_id": "c1"'
)

OF_EACH_TYPE = {
    "remark": "",
    "price": 1,
    "price_currency": "EUR",
    "seen_at": "2026-03-10T11:00:00Z",
    "is_new": True,
    "piece_count": 1,
    "made_on": "2026-03-10",
    "colour": "RED",
}
THING = {
    "event_type": "thing_happened",
    "event_ts": "2026-03-10T11:00:00Z",
    "thing_id": "t1",
    "place_id": "p1",
    **OF_EACH_TYPE,
    "parts": [],
}
PART = {"part_id": "p1", **OF_EACH_TYPE}


def _thing(**changes: object) -> bytes:
    return json.dumps(THING | changes).encode()


# Where they disagree, all of it: the reason, a body, whether the contract accepts it, and what
# staging says. (The contextual reasons, a moment too old or in the future, are contextual_reason.)
LIMITS = [
    (
        "of a duplicate key the engines read the first value, JSON Schema's parsers the last",
        *(STATUS + b', "status": "LOST"}', False, None),
    ),
    (
        "and of one in an item of a list",
        *(
            ORDER + b', "amount": 1, "items": [{"product_id": "p1", "quantity": 1,'
            b' "unit_price": 1, "quantity": "two"}]}',
            *(False, None),
        ),
    ),
    (
        "a number of more than 15 digits is read as a double",
        *(ORDER + b', "amount": 10.0000000000000000001}', False, None),
    ),
    (
        "a whole number is read as a double, too",
        *(
            _thing(piece_count=1).replace(
                b'"piece_count": 1', b'"piece_count": 1.00000000000000000001'
            ),
            False,
            None,
        ),
    ),
    (
        "an offset can lead out of the calendar",
        *(_thing(seen_at="0001-01-01T00:00:00+00:01"), True, "invalid_value"),
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


class Verdict(NamedTuple):
    """What staging says of a body; all None for a valid event."""

    reason: str | None
    field: str | None
    value: str | None


@dataclass(frozen=True)
class Judges:
    """The project's contracts and those of the fixtures, and their staging models."""

    project: Path
    rendering: Rendering
    contracts: tuple[Contract, ...]
    validators: tuple[Draft202012Validator, ...]
    staging_sql: str

    def staging(self, bodies: Sequence[bytes]) -> list[Verdict]:
        """The verdict on each body, landed as one batch."""
        raw = self.rendering.home / "raw"
        shutil.rmtree(raw, ignore_errors=True)
        ingester = Ingester(FolderRawZone(raw), clock=lambda: RECEIVED_AT)
        messages = [Message(body, f"{number:06d}") for number, body in enumerate(bodies)]
        with known_types_of(self.project):
            assert ingester.land(messages, lambda: 60.0).landed == len(bodies)
        with duckdb.connect() as connection:
            set_raw_zone(connection, raw)
            rows = connection.execute(
                f"select * from ({self.staging_sql}) order by message_id"
            ).fetchall()
        assert [row[0] for row in rows] == [message.message_id for message in messages]
        return [Verdict(*row[1:]) for row in rows]

    def contracts_accept(self, event: object) -> bool:
        # 1e99 has more digits in units of 0.0001 than Python's usual 28.
        with localcontext(Context(prec=600)):
            return any(validator.is_valid(event) for validator in self.validators)


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Judges:
    project = project_with_fixtures(tmp_path_factory.mktemp("project") / "project")
    contracts = read_contracts(project / "ingestion/contracts")
    rendering = Rendering(tmp_path_factory.mktemp("home"), "duckdb", project)
    models = [*(each.event_type.staging_model for each in contracts), "stg_events__unrecognised"]
    columns = "message_id, reject_reason, reject_field, reject_value"
    return Judges(
        project,
        rendering,
        contracts,
        # Decimal, because 19.99 is no multiple of 0.01 in floats.
        tuple(
            Draft202012Validator(
                json.loads(published(project, each).read_text("utf-8"), parse_float=Decimal)
            )
            for each in contracts
        ),
        rendering.compile(
            "\nunion all\n".join(
                f"select {columns} from {{{{ ref('{model}') }}}}" for model in models
            )
        ),
    )


def published(project: Path, contract: Contract) -> Path:
    """The JSON Schema that producers are given."""
    event_type = contract.event_type
    return project / "docs/contracts" / event_type.domain / f"{event_type.name}.json"


def wrong_example(project: Path, contract: Contract, field: Field) -> Body:
    """An example that producers are given, with a value in one field that its type cannot be."""
    event = json.loads(published(project, contract).read_text("utf-8"))["examples"][0]
    wrong = event | {field.name: [] if field.items is None else {}}
    return Body(json.dumps(wrong).encode(), field.name)


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


def contextual_reason(event: dict[str, Any], contracts: Sequence[Contract]) -> str | None:
    """Why an event that the contract accepts is rejected all the same, for when it happened."""
    is_cloudevent = isinstance(event.get("specversion"), str)
    name = "time" if is_cloudevent else "event_ts"
    try:
        event_at = instant(event[name])
    except OverflowError:
        # Beyond the calendar, on the side of its year.
        return "event_ts_too_old" if event[name].startswith("0") else "event_ts_in_future"
    assert event_at is not None
    if event_at > LATEST:
        return "event_ts_in_future"
    if event_at < EARLIEST:
        return "event_ts_too_old"
    event_type = event["type" if is_cloudevent else "event_type"]
    [contract] = [each for each in contracts if each.event_type.name == event_type]
    fields = event["data"] if is_cloudevent else event
    times = (fields.get(field.name) for field in contract.fields if field.is_past)
    return next((reason for time in times if time and (reason := _reason_of_time(time))), None)


def _reason_of_time(text: str) -> str | None:
    """Why an instant or a day that has to have come is refused."""
    at = instant(text) or datetime.fromisoformat(text)
    is_day = len(text) == len("2026-03-10")
    if at > (LATEST.replace(hour=0, minute=0, second=0, microsecond=0) if is_day else LATEST):
        return "time_in_future"
    return "time_too_old" if at < EARLIEST else None


def agrees(judges: Judges, body: Body, verdict: Verdict) -> bool:
    try:
        event = judged_event(body.body)
    except ValueError:
        return verdict.reason in ("malformed_payload", "undecodable_payload")
    if judges.contracts_accept(event):
        return verdict.reason == contextual_reason(event, judges.contracts)
    is_told = body.changed is None or f"{verdict.field}.".startswith(f"{body.changed}.")
    return verdict.reason is not None and is_told


def drawn_bodies(contracts: Sequence[Contract], events: int) -> list[Body]:
    """Different bodies of that many events.

    They are only collected, to be judged together: a query per example would take minutes. So there
    is nothing to shrink; a disagreement shows its shortest bodies.
    """
    bodies: dict[Body, None] = {}

    @settings(
        max_examples=events,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(event_bodies(contracts))
    def collect(drawn: list[Body]) -> None:
        bodies.update(dict.fromkeys(drawn))

    collect()
    return list(bodies)


def test_contracts_and_staging_agree(judges: Judges) -> None:
    by_hand = [Body(body, None) for body in BY_HAND]
    fixtures = [each for each in judges.contracts if each.event_type.domain == "things"]
    [parts] = (field.items for field in fixtures[0].fields if field.name == "parts")
    assert parts is not None
    # Each field of an item, of whatever type.
    by_hand += [
        Body(_thing(parts=[PART, PART | {field.name: {}}, {}]), "parts") for field in parts.fields
    ]
    # And each field of the event.
    by_hand += [
        wrong_example(judges.project, contract, field)
        for contract in fixtures
        for field in contract.fields
    ]
    bodies = by_hand + drawn_bodies(fixtures, EVENTS_OF_FIXTURES)
    for contract in judges.contracts:
        bodies += drawn_bodies([contract], EVENTS_OF_A_CONTRACT)
    verdicts = judges.staging([body.body for body in bodies])

    judged = zip(bodies, verdicts, strict=True)
    disagreeing = [pair for pair in judged if not agrees(judges, *pair)]
    assert sorted(disagreeing, key=lambda pair: len(pair[0].body))[:5] == []

    counts = Counter(verdict.reason for verdict in verdicts)
    with (PROJECT / "seeds/reject_reasons.csv").open(newline="") as file:
        documented = {row["reject_reason"] for row in csv.DictReader(file)}
    assert set(counts) - {None} <= documented
    # The bodies were worth drawing: each verdict came, to be put to the test.
    assert set(counts) >= DRAWN_REASONS
    assert counts[None] > len(bodies) / 5
    told = {verdict.field.removeprefix("data.") for verdict in verdicts if verdict.field}
    fields = {field.name for contract in fixtures for field in contract.fields}
    fields |= {f"parts.{field.name}" for field in parts.fields}
    assert told >= {*fields, "op", "sequence", "event_id", "event_ts", "event_type"}
    assert told >= {"id", "time", "type"}


def test_the_yaml_of_each_model_names_its_columns_and_their_types(judges: Judges) -> None:
    # DuckDB refuses to read a raw zone without an object.
    judges.staging([b"{}"])
    models = [contract.event_type.staging_model for contract in judges.contracts]
    references = ", ".join(f"{{{{ ref('{model}') }}}}" for model in models)
    mark = "-- the models end here"
    models_sql = judges.rendering.compile(f"{mark}\nselect 1 from {references}").partition(mark)[0]
    for model in models:
        [file] = (judges.project / "models/staging").rglob(f"{model}.yml")
        [described] = yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
        with duckdb.connect() as connection:
            set_raw_zone(connection, judges.rendering.home / "raw")
            columns = connection.execute(
                f"describe {models_sql} select * from __dbt__cte__{model}"
            ).fetchall()
        assert [(name, type_) for name, type_, *_ in columns] == [
            (column["name"], DUCKDB_TYPES[column["data_type"]]) for column in described["columns"]
        ]


@pytest.mark.parametrize(
    ("body", "accepted", "reason"), [pytest.param(*rest, id=why) for why, *rest in LIMITS]
)
def test_documented_limit(judges: Judges, body: bytes, accepted: bool, reason: str | None) -> None:
    assert judges.contracts_accept(json.loads(body, parse_float=Decimal)) is accepted
    assert [verdict.reason for verdict in judges.staging([body])] == [reason]
