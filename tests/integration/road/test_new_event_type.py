"""A new event type is a contract, the generated macro and a staging model with its YAML."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import yaml

from tests.support import progress
from tests.support.road.lakehouse import PROJECT, Lakehouse

COPIED = ("dbt_project.yml", "profiles.yml", "selectors.yml", "macros", "models", "seeds")
PACKAGES = ("ingestion", "retailpulse", "simulator")

STAGING_SQL = """
with

events as (

    {{ raw_events('order_returned', ['order_id']) }}

),

typed as (

    select
        *,
        {{ iso8601_timestamp('event_ts') }} as event_at,
        {{ json_text('order_id_json') }} as order_id
    from events

),

judged as (

    select
        *,
        case
            {{ reject_envelope() }}
            when not {{ is_identifier('order_id') }} then 'invalid_order_id'
        end as reject_reason
    from typed

)

select
    {{ envelope_columns() }},
    cast(event_at as {{ type_timestamp6() }}) as event_at,
    cast(order_id as varchar) as order_id,
    cast(null as varchar) as customer_id,
    cast(null as varchar) as status,
    cast(null as decimal(15, 2)) as amount,
    cast(null as varchar) as currency_code,
    cast(reject_reason as varchar) as reject_reason
from judged
"""


def test_an_event_type_needs_a_contract_and_a_staging_model_alone(tmp_path: Path) -> None:
    project = tmp_path / "project"
    copy_project(project)
    add_order_returned(project)
    lakehouse = Lakehouse(tmp_path / "home")
    environment = os.environ | lakehouse.environment | {"PYTHONPATH": str(project)}

    def run(*command: str) -> None:
        done = progress.run(command, cwd=project, env=environment)
        assert done.returncode == 0, done.stdout

    run(sys.executable, "-m", "ingestion.contracts_macro")
    events: list[dict[str, object]] = [
        {"event_id": "e1", "order_id": "o1"},
        {"event_id": "e1", "order_id": "o1"},
        {"event_id": "e2", "order_id": 1},
    ]
    fields: dict[str, object] = {"event_type": "order_returned", "event_ts": "2026-01-14T20:00:00Z"}
    file = tmp_path / "returns.ndjson"
    file.write_text("".join(json.dumps(event | fields) + "\n" for event in events))
    # The installed command would run the checkout's own code.
    run(sys.executable, "-c", "from retailpulse.cli import main; main()", "ingest", str(file))
    run(str(Path(sys.executable).with_name("dbt")), "build")

    assert lakehouse.query(
        "select event_id, event_type, order_id, event_at::varchar "
        "from retailpulse_silver.order_events"
    ) == [("e1", "order_returned", "o1", "2026-01-14 20:00:00")]
    assert lakehouse.query(
        "select event_id, event_type, reject_reason from retailpulse_silver.quarantined_events"
    ) == [("e2", "order_returned", "invalid_order_id")]
    assert lakehouse.query(
        "select landed_count, accepted_count, quarantined_count, duplicate_count "
        "from retailpulse_silver.event_conservation"
    ) == [(3, 1, 1, 1)]


def copy_project(project: Path) -> None:
    """The project without its state, which a newcomer's checkout has not either."""
    project.mkdir()
    for name in (*COPIED, *PACKAGES):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, project / name)
    shutil.copytree(PROJECT / "tests/dbt", project / "tests/dbt")


def add_order_returned(project: Path) -> None:
    """Write what the README tells to write."""
    contracts = project / "ingestion/contracts"
    text = (contracts / "order_status_changed.json").read_text(encoding="utf-8")
    contract = json.loads(text.replace("order_status_changed", "order_returned"))
    fields = contract["$defs"]["fields"]
    fields["required"].remove("status")
    del fields["properties"]["status"]
    (contracts / "order_returned.json").write_text(json.dumps(contract), encoding="utf-8")

    staging = project / "models/staging/orders"
    (staging / "stg_orders__order_returned.sql").write_text(STAGING_SQL, encoding="utf-8")
    described = (staging / "stg_orders__order_status_changed.yml").read_text(encoding="utf-8")
    properties = yaml.safe_load(described.replace("order_status_changed", "order_returned"))
    properties = {"version": 2, "models": properties["models"]}
    (staging / "stg_orders__order_returned.yml").write_text(
        yaml.safe_dump(properties), encoding="utf-8"
    )
