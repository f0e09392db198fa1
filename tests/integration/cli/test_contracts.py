"""`retailpulse contracts propose`: from events that no contract has to one that takes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contract_generator.__main__ import main
from ingestion.envelope import Message
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from retailpulse.local.lakehouse import set_raw_zone
from tests.integration.cli.conftest import Cli
from tests.support.dbt.fixture_project import known_types_of
from tests.support.dbt.rendering import Rendering
from tests.support.project.copies import copy_project

AT = "2026-01-14T20:00:00Z"
PROPOSE = ("contracts", "propose")
OF_ORDERS = ("--domain", "orders")


def flat(name: str, event_id: str, **fields: Any) -> bytes:
    event = {"event_id": event_id, "event_type": name, "event_ts": AT}
    return json.dumps(event | fields).encode()


def cloudevent(name: str, event_id: str, **fields: Any) -> bytes:
    attributes = {"specversion": "1.0", "id": event_id, "type": name, "source": "shop", "time": AT}
    return json.dumps({**attributes, "data": fields}).encode()


RETURNED = [
    flat("order_returned", "r1", order_id="o1", refund_amount=12.5, reason="Jane", items=[1]),
    cloudevent(
        "order_returned", "r2", order_id="o2", refund_amount="3.00", returned_on="2026-01-14"
    ),
]


def ingest(cli: Cli, *bodies: bytes) -> None:
    cli.ok("ingest", "-", stdin=b"\n".join(bodies))


def test_what_has_no_contract_is_listed(empty: Cli) -> None:
    ingest(
        empty,
        *RETURNED,
        flat("../\x1b[31mred", "b1", order_id="o1"),
        flat("order_status_changed", "s1", order_id="o1", status="SHIPPED", carrier="post"),
        cloudevent("order_status_changed", "s2", order_id="o1", status="SHIPPED", **{"a'b": {}}),
        # Malformed, and too large for a line: neither has fields to be told of.
        b'{"event_type": "order_lost", "n": 1e',
        flat("order_status_changed", "s3", note="x" * 1_100_000),
    )
    listed = empty.ok(*PROPOSE)
    today = f"{datetime.now(UTC):%Y-}"
    lines = [" ".join(line.split()) for line in listed.splitlines()]
    assert [line for line in lines if line.startswith(f"order_returned 2 {today}")]
    [red] = [line for line in lines if line.startswith(r"../\x1b[31mred 1 ")]
    assert red.endswith("no event type can be called so")
    assert "order_status_changed 1 carrier text" in lines
    assert [line for line in lines if "1 a'b a field's name must be like" in line]
    assert "note" not in [line.split()[2] for line in lines if line.startswith("order_status")]
    assert "\x1b" not in listed
    assert "order_lost" not in listed


def test_where_nothing_lacks_a_contract_that_is_said(empty: Cli, entry_file: Path) -> None:
    empty.ok("ingest", str(entry_file))
    listed = empty.ok(*PROPOSE)
    assert "Event names without a contract: none" in listed
    assert "Fields that their contract does not have: none" in listed


def test_what_cannot_be_drafted_is_refused(empty: Cli) -> None:
    assert "there is no raw zone" in empty.refused(*PROPOSE)
    assert "there is no raw zone" in empty.refused(*PROPOSE, "order_returned", *OF_ORDERS)
    ingest(empty, *RETURNED)
    for name in ("../x", "Order", "x'; drop table y", "unknown", "\x1b[31m", "x" * 65):
        told = empty.refused(*PROPOSE, name, *OF_ORDERS)
        assert "no contract can be of" in told
        assert "\x1b" not in told
    assert "no event named order_lost has landed" in empty.refused(
        *PROPOSE, "order_lost", *OF_ORDERS
    )
    assert "already: orders/order_created.json" in empty.refused(
        *PROPOSE, "order_created", *OF_ORDERS
    )
    assert "say which domain" in empty.refused(*PROPOSE, "order_returned")
    assert "say which domain" in empty.refused(*PROPOSE, "order_returned", "--domain", "../x")
    assert "--domain is for a draft" in empty.refused(*PROPOSE, *OF_ORDERS)


def test_a_draft_becomes_a_contract_that_takes_the_events(
    empty: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(empty, *RETURNED)
    drafted = empty(*PROPOSE, "order_returned", *OF_ORDERS)
    assert drafted.exit_code == 0
    assert "note: items is left out: it is an object or a list" in drafted.stderr
    assert "ingestion/contracts/orders/order_returned.json" in drafted.stderr
    assert "Jane" not in drafted.stdout
    contract = json.loads(drafted.stdout)
    assert contract["required"] == ["order_id", "refund_amount"]
    assert contract["x-key"] == ["order_id"]

    project = tmp_path / "project"
    copy_project(project)
    file = project / "ingestion/contracts/orders/order_returned.json"
    file.write_text(drafted.stdout)
    assert main([], project) == 1
    assert (
        "orders/order_returned.json: order_id: description must be text" in capsys.readouterr().err
    )

    contract["description"] = "An order came back."
    for field in contract["properties"].values():
        field["description"] = "Something."
    file.write_text(json.dumps(contract))
    assert main([], project) == 0
    assert main(["--check"], project) == 0
    assert _judged(project, tmp_path / "again") == [
        ("r1", "o1", "12.5000", None, None),
        ("r2", "o2", "3.0000", "2026-01-14", None),
    ]


def _judged(project: Path, home: Path) -> list[tuple[Any, ...]]:
    """What staging makes of the same events, once they land as a known type."""
    rendering = Rendering(home, "duckdb", project)
    sql = rendering.compile(
        "select event_id, order_id, refund_amount::varchar, returned_on::varchar, reject_reason "
        "from {{ ref('stg_orders__order_returned') }} order by event_id"
    )
    with known_types_of(project):
        Ingester(FolderRawZone(home / "raw"), clock=lambda: datetime.now(UTC)).land(
            [Message(body, f"m{number}") for number, body in enumerate(RETURNED)], lambda: 60.0
        )
    with duckdb.connect() as connection:
        set_raw_zone(connection, home / "raw")
        return connection.execute(sql).fetchall()
