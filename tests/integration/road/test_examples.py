"""The examples that producers copy: all of them together, down the road."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from ingestion.envelope import DEFAULT_SOURCE, Message
from ingestion.sources.bodies import read_bodies
from ingestion.unpacking import messages_of
from tests.support.road.lakehouse import PROJECT, Lakehouse

RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)


def contract_examples() -> list[bytes]:
    """The examples of every published contract."""
    contracts = sorted((PROJECT / "docs/contracts").glob("*/*.json"))
    return [
        json.dumps(example).encode()
        for contract in contracts
        for example in json.loads(contract.read_text())["examples"]
    ]


def page_examples() -> list[bytes]:
    """The events that the README and the pages of docs/ tell to ingest, a line each."""
    pages = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
    lines = [
        line for page in pages for line in re.findall(r"^\{.*\}$", page.read_text(), re.MULTILINE)
    ]
    return [
        message.body
        for line in lines
        for each in read_bodies([line.encode()])
        for message in messages_of(Message(each.body, "example"))
    ]


def test_all_examples_are_accepted_and_none_conflicts(lakehouse: Lakehouse) -> None:
    contracts, pages = contract_examples(), page_examples()
    assert len(contracts) >= 4
    assert pages
    landed_at = RUN - timedelta(minutes=1)
    lakehouse.land([*contracts, *pages], landed_at, "examples", source=DEFAULT_SOURCE)

    lakehouse.build("--selector", "fast", at=RUN)

    # The view over all of them is not the fast path's.
    for table in ("orders_quarantined", "operations_quarantined"):
        rejected = f"select reject_reason, line from retailpulse_silver.{table}"
        assert lakehouse.query(rejected) == [], table
    accepted = "select count(*), count(distinct event_id) from retailpulse_silver.orders_events"
    assert lakehouse.query(accepted) == [(len(contracts) + len(pages),) * 2]
    # No order is claimed by two sources, and every status is of an order that is there.
    orders = "select source, order_id, status from retailpulse_silver.orders order by order_id"
    claimed = lakehouse.query(orders)
    assert len({order_id for _, order_id, _ in claimed}) == len(claimed)
    assert [each for each in claimed if not each[1].startswith("page-")] == [
        ("direct", "example-a", "SHIPPED"),
        ("https://shop.example/checkout", "example-b", "DELIVERED"),
        ("retailpulse", "o100", "CREATED"),
    ]
