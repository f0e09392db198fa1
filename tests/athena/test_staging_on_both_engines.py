"""The staging models on both engines, over one raw zone: the same typed columns and verdicts.

The bodies are landed by the real ingester, into a folder and a bucket alike, and read by what reads
them in earnest: DuckDB's CSV reader, and the raw table that Terraform makes. Beside the project's
own contracts there are two that have a field of each type.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import duckdb
import pytest

from ingestion.contract_generator.contract import Contract
from ingestion.contract_generator.contract_reader import read_contracts
from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.raw_zone import FolderRawZone, RawZone, S3RawZone
from retailpulse.cloud.athena_lake import RAW_TABLE, raw_table
from retailpulse.local.lakehouse import set_raw_zone
from simulator.deliveries import Simulation
from simulator.settings import Faults, Settings
from tests.integration.dbt.test_contracts_agree_with_staging import BY_HAND, LIMITS, drawn_bodies
from tests.support.athena.both_engines import BothEngines, paired, with_types
from tests.support.athena.edge_values import iso8601_texts, json_value, texts
from tests.support.dbt.event_bodies import RECEIVED_AT, to_json
from tests.support.dbt.fixture_project import known_types_of, project_with_fixtures
from tests.support.dbt.rendering import PROJECT, Rendering

if TYPE_CHECKING:
    from local_athena import LocalAthena

JUDGING_MODELS = [
    *(known.staging_model for known in KNOWN_EVENT_TYPES.values()),
    *("stg_things__thing_changed", "stg_things__thing_happened", "stg_events__unrecognised"),
]
MODELS = [*JUDGING_MODELS, "stg_events__landed"]
# The engines spell a number in it differently.
NOT_COMPARED = {"reject_value"}

# What somebody put into raw past the ingester, in an hour of its own.
FOREIGN_HOUR = f"{RECEIVED_AT + timedelta(hours=1):dt=%Y-%m-%d/hour=%H}"
FOREIGN = [
    b'{"event_type": "order_created", "event_id": "e1", "order_id": "o1", "amount": 1}',
    b'{"received_at": "yesterday", "message_id": "m1", "source": "shop"}',
    b'{"received_at": 5, "message_id": "m1", "source": "shop"}',
    b"not json",
    b"[1]",
]

# As sources.yml names it; here it lies in the database that BothEngines made.
RAW_DATABASE = '"retailpulse_raw"'

# Athena takes 262,144 bytes, and a staging model has up to 20,000.
MODELS_A_STATEMENT = 6

# The end of what dbt writes before a statement.
END = "-- end of the models"


def bodies(contracts: Sequence[Contract]) -> list[bytes]:
    """What producers send, rightly and wrongly."""
    return [
        *BY_HAND,
        *(body for _, body, _, _ in LIMITS),
        *(drawn.body for each in contracts for drawn in drawn_bodies([each], 60)),
        *odd_fields(Random(8), 300),
        *simulated(200),
        # A long line, and what a reader of text could take for the end of a line or a value.
        b'{"event_type": "order_created", "note": "' + b"x" * 300_000 + b'"}',
        *(
            to_json({"event_type": "order_created", "note": note}, ascii_only=False).encode()
            for note in ("\x7f", "\x85", "\u2028", "\u2029", "'", "\\N", '\\"', "\ufeff")
        ),
        b"\\N",
        b"\x01",
        b'"',
    ]


def odd_fields(random: Random, count: int) -> Iterator[bytes]:
    """Events whose fields are values of any shape and size, each field given once or twice."""
    moments = iso8601_texts(random, count)
    names = texts(random, count)
    for _ in range(count):
        members = {
            "event_type": random.choice(['"order_created"', '"order_status_changed"']),
            "event_id": '"e1"',
            "event_ts": '"2026-03-10T11:00:00Z"',
            "order_id": '"o1"',
            "customer_id": '"c1"',
            "amount": "19.99",
            "currency_code": '"EUR"',
            "status": '"SHIPPED"',
            "items": '[{"product_id": "p1", "quantity": 2, "unit_price": 12.30}]',
        }
        odd = {name: random.choice([json_value(random), "1e400", '"Infinity"']) for name in members}
        odd["event_ts"] = to_json(random.choice(moments), ascii_only=True)
        odd["items"] = odd_items(random, names)
        for name in ("event_id", "order_id", "customer_id", "currency_code"):
            if random.random() < 0.5:
                odd[name] = to_json(random.choice(names), ascii_only=random.random() < 0.5)
        given = list(members.items())
        for name in random.sample(sorted(members), random.choice([1, 1, 2])):
            given.append((name, odd[name]))
            if random.random() < 0.9:
                given.remove((name, members[name]))
        random.shuffle(given)
        flat = ", ".join(f'"{name}": {value}' for name, value in given)
        yield f"{{{flat}}}".encode()


def odd_items(random: Random, names: Sequence[str | None]) -> str:
    """A list of items with a field or two of any shape and size, perhaps given twice."""
    items = []
    for _ in range(random.choice([1, 2])):
        given = [
            ("product_id", to_json(random.choice(names), ascii_only=random.random() < 0.5)),
            ("quantity", random.choice(["1", "5.0", "2e0"])),
            ("unit_price", random.choice(["12.30", '"19.99"', "1e2"])),
        ]
        for _ in range(random.choice([0, 0, 1, 2])):
            name, _ = given.pop(random.randrange(len(given)))
            given.append((name, random.choice([json_value(random), "1e400", '"Infinity"'])))
        if random.random() < 0.1:
            given.append(random.choice(given))
        random.shuffle(given)
        items.append("{" + ", ".join(f'"{name}": {value}' for name, value in given) + "}")
    if random.random() < 0.1:
        items.append(json_value(random))
    return f"[{', '.join(items)}]"


def simulated(events: int) -> Iterator[bytes]:
    """Deliveries of the simulator, half of them with a fault."""
    faults = Faults(**dict.fromkeys(Faults.none().rates(), 0.06))
    start = RECEIVED_AT - timedelta(days=3)
    settings = Settings(seed=9, events=events, faults=faults, start=start, orders_per_day=50.0)
    return (delivery.body for delivery in Simulation(settings))


def land(zone: RawZone, messages: list[Message]) -> None:
    landed = Ingester(zone, clock=lambda: RECEIVED_AT).land(messages, lambda: 60.0)
    assert landed.landed == len(messages)
    zone.put(
        f"events/event_type=order_created/{FOREIGN_HOUR}/foreign.ndjson.gz",
        gzip.compress(b"\n".join(FOREIGN) + b"\n"),
    )


@dataclass(frozen=True)
class Staging:
    """The landed messages, and how each engine reads them."""

    engines: BothEngines
    messages: list[Message]
    # The models as common table expressions, as dbt inlines them in whatever reads them: for
    # Athena, which takes no statement with all of them, those that have the model; for DuckDB all.
    athena: Mapping[str, str]
    duckdb: str
    # Where DuckDB reads.
    raw: Path


@pytest.fixture(scope="module")
def staging(local_athena: LocalAthena, tmp_path_factory: pytest.TempPathFactory) -> Staging:
    """All bodies, landed for both engines."""
    engines = BothEngines(local_athena)
    project = project_with_fixtures(tmp_path_factory.mktemp("project") / "project")
    contracts = read_contracts(project / "ingestion/contracts")
    messages = [Message(body, f"{number:06d}") for number, body in enumerate(bodies(contracts))]
    rendering = {
        target: Rendering(tmp_path_factory.mktemp(target), target, project)
        for target in ("athena", "duckdb")
    }
    raw = rendering["duckdb"].home / "raw"
    with known_types_of(project):
        land(FolderRawZone(raw), messages)
    on_athena: dict[str, str] = {}
    for first in range(0, len(MODELS), MODELS_A_STATEMENT):
        models = MODELS[first : first + MODELS_A_STATEMENT]
        text = inlined(rendering["athena"], models)
        assert text.count(RAW_DATABASE) == len(models)
        text = text.replace(RAW_DATABASE, f'"{engines.database}"')
        on_athena |= dict.fromkeys(models, text)
    with known_types_of(project):
        land(S3RawZone(engines.s3, engines.bucket), messages)
        table = raw_table(
            (PROJECT / RAW_TABLE).read_text(), f"s3://{engines.bucket}/", RECEIVED_AT.date()
        )
    engines.glue.create_table(DatabaseName=engines.database, TableInput=table)  # type: ignore[arg-type]
    return Staging(engines, messages, on_athena, inlined(rendering["duckdb"], MODELS), raw)


def inlined(rendering: Rendering, models: Sequence[str]) -> str:
    references = ", ".join(f"{{{{ ref('{model}') }}}}" for model in models)
    return rendering.compile(f"{END}\nselect 1 from {references}").partition(END)[0]


@pytest.mark.parametrize("model", MODELS)
def test_the_engines_judge_alike(staging: Staging, model: str) -> None:
    # The hour of arrival as literals, without which Athena lists every hour until today.
    rows = (
        f"from __dbt__cte__{model} "
        f"where dt = '{RECEIVED_AT:%Y-%m-%d}' and hour = '{RECEIVED_AT:%H}'"
    )
    with duckdb.connect() as connection:
        set_raw_zone(connection, staging.raw)
        described = connection.execute(f"describe {staging.duckdb} select * {rows}").fetchall()
        columns = [column[0] for column in described if column[0] not in NOT_COMPARED]
        key = "message_id" if "message_id" in columns else "received_at"
        query = f"select {with_types([*columns, key])} {rows} order by {key}"
        of_duckdb = connection.execute(f"{staging.duckdb} {query}").fetchall()
    of_athena = staging.engines.athena(f"{staging.athena[model]} {query}")

    bodies = {message.message_id: repr(message.body) for message in staging.messages}
    given = [[bodies.get(row[2 * len(columns)])] for row in of_duckdb]
    pairs = paired(columns, given, of_athena, of_duckdb)
    assert [pair for pair in pairs if pair.athena != pair.duckdb][:10] == []
    assert len(given) > 50


def test_every_verdict_was_compared(staging: Staging) -> None:
    with duckdb.connect() as connection:
        set_raw_zone(connection, staging.raw)
        reasons = " union ".join(
            f"select reject_reason from __dbt__cte__{model}" for model in JUDGING_MODELS
        )
        found = connection.execute(f"{staging.duckdb} {reasons}").fetchall()
    with (PROJECT / "seeds/reject_reasons.csv").open(newline="") as file:
        documented = {row["reject_reason"] for row in csv.DictReader(file)}
    # A conflict is between two events: silver's to see.
    assert {reason for (reason,) in found} == documented - {"conflicting_duplicate"} | {None}


def test_lines_that_are_no_envelope_are_landed_and_arrived_at_no_time(staging: Staging) -> None:
    day, hour = FOREIGN_HOUR.removeprefix("dt=").split("/hour=")
    rows = f"where dt = '{day}' and hour = '{hour}'"
    with duckdb.connect() as connection:
        set_raw_zone(connection, staging.raw)
        for model, time in (
            ("stg_events__landed", f"{day} {hour}:00:00"),
            ("stg_orders__order_created", None),
        ):
            found = (
                f"count(*), count(received_at), min(received_at) from __dbt__cte__{model} {rows}"
            )
            of_duckdb = connection.execute(f"{staging.duckdb} select {found}").fetchall()
            of_athena = staging.engines.athena(f"{staging.athena[model]} select {found}")

            count = len(FOREIGN)
            dated = count if time else 0
            assert of_duckdb == [(count, dated, datetime.fromisoformat(time) if time else None)]
            assert [[str(value) for value in row] for row in of_athena] == [
                [str(count), str(dated), f"{time}.000000" if time else "None"]
            ]
