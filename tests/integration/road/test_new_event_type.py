"""A new event type is a contract, and what `make contracts` makes of it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from tests.support import progress
from tests.support.road.lakehouse import PROJECT, Lakehouse

COPIED = ("dbt_project.yml", "profiles.yml", "selectors.yml", "macros", "models", "seeds")
PACKAGES = ("ingestion", "retailpulse", "simulator")

ORDER_RETURNED = {
    "title": "Order returned",
    "description": "An order came back.",
    "x-kind": "event",
    "x-key": ["order_id"],
    "x-cadence": "fast",
    "required": ["order_id"],
    "properties": {
        "order_id": {"$ref": "types.json#/$defs/identifier", "description": "The order's id."}
    },
    "examples": [{"order_id": "example-a"}],
}


def test_an_event_type_needs_a_contract_alone(tmp_path: Path) -> None:
    project = tmp_path / "project"
    copy_project(project)
    contract = project / "ingestion/contracts/orders/order_returned.json"
    contract.write_text(json.dumps(ORDER_RETURNED), encoding="utf-8")
    lakehouse = Lakehouse(tmp_path / "home")
    environment = os.environ | lakehouse.environment | {"PYTHONPATH": str(project)}

    def run(*command: str) -> None:
        done = progress.run(command, cwd=project, env=environment)
        assert done.returncode == 0, done.stdout

    run(sys.executable, "-m", "ingestion.contract_generator")
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
        "from retailpulse_silver.orders_events"
    ) == [("e1", "order_returned", "o1", "2026-01-14 20:00:00")]
    assert lakehouse.query(
        "select event_id, event_type, reject_reason, reject_field, reject_value "
        "from retailpulse_silver.quarantined_events"
    ) == [("e2", "order_returned", "wrong_type", "order_id", "1")]
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
