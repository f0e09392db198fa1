from __future__ import annotations

import dataclasses
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from ingestion.sources.files.feeds import Column, Feed
from retailpulse.cloud.deployment.empty_file import EmptyFile, empty_file
from retailpulse.cloud.deployment.smoke import (
    Clients,
    Deployed,
    PulledSource,
    SmokeError,
    send_order,
)
from retailpulse.cloud.deployment.start_run import RunError
from retailpulse.terminal import Terminal
from tests.support.cloud.aws import S3

DEPLOYED = Deployed(
    bus="retailpulse-bus",
    raw_bucket="raw",
    state_machine_arn="arn:machine",
    work_group="retailpulse-analysts",
    gold_database="retailpulse",
)
RUN = "arn:aws:states:eu-central-1:111122223333:execution:retailpulse-runs:one"


class Road:
    """An environment in which an order goes as far as a test lets it."""

    def __init__(self) -> None:
        self.s3 = S3({"raw": {}})
        self.refused_by_the_bus = False
        self.lands = True
        self.run: dict[str, str] | None = {
            "status": "SUCCEEDED",
            "output": json.dumps({"outcome": "succeeded"}),
        }
        self.query: dict[str, str] | None = {"State": "SUCCEEDED"}
        self.rows: list[str] = ["123.0000"]
        self.order_id = ""
        self.started: list[tuple[str, Any]] = []
        self.asked: list[str] = []
        self.tables = {"shop_orders"}
        self.feeds: tuple[Feed, ...] = ()

    def in_silver(self, query: str) -> list[str]:
        """What a table of silver answers."""
        return ["a row"] if any(f"silver.{table} " in query for table in self.tables) else []

    def send(self, deployed: Deployed = DEPLOYED) -> str:
        """Send the order; return what was said."""
        clients: Any = Clients(events=self, s3=self.s3, stepfunctions=self, athena=self)  # type: ignore[arg-type]
        said = io.StringIO()
        send_order(deployed, clients, Terminal(Console(file=said, width=200)), self.feeds)
        return said.getvalue()

    def stored(self, key: str, *event_ids: str, at: datetime | None = None) -> None:
        """Put an object of this hour into raw."""
        lines = "".join(json.dumps({"event_id": event_id}) + "\n" for event_id in event_ids)
        hour = f"{datetime.now(UTC):dt=%Y-%m-%d/hour=%H}"
        key = f"events/event_type=order_created/{hour}/{key}.ndjson.gz"
        self.s3.put("raw", key, gzip.compress(lines.encode()), at)

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        (entry,) = Entries
        assert entry["EventBusName"] == DEPLOYED.bus
        detail = json.loads(entry["Detail"])
        assert (detail["amount"], detail["currency_code"]) == (123.0, "XTS")
        self.order_id = detail["order_id"]
        if self.refused_by_the_bus:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Throttled"}]}
        if self.lands:
            self.stored("ours", "another", self.order_id)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    def start_execution(self, *, stateMachineArn: str, input: str) -> dict[str, str]:  # noqa: A002, N803
        self.started.append((stateMachineArn, json.loads(input)))
        return {"executionArn": RUN}

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803
        assert executionArn == RUN
        return self.run or {"status": "RUNNING"}

    def start_query_execution(self, *, QueryString: str, **where: Any) -> dict[str, str]:  # noqa: N803
        self.asked.append(QueryString)
        assert where["WorkGroup"] == DEPLOYED.work_group
        return {"QueryExecutionId": QueryString}

    def get_query_execution(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        return {"QueryExecution": {"Status": self.query or {"State": "RUNNING"}}}

    def get_query_results(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        rows = self.rows if self.order_id in QueryExecutionId else self.in_silver(QueryExecutionId)
        cells = ["a column's name", *rows]
        return {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": cell}]} for cell in cells]}}


@pytest.fixture
def road(without_waiting: Callable[[], float]) -> Road:
    del without_waiting
    return Road()


def test_an_order_in_gold_is_said(road: Road) -> None:
    said = road.send()
    assert road.started == [("arn:machine", {"kind": "daily", "arguments": []})]
    assert len(road.asked) == 1
    assert f"Sent order {road.order_id}" in said
    assert f"Order {road.order_id} is in gold, 123.0000 XTS, after " in said


def test_what_the_bus_refuses_is_said(road: Road) -> None:
    road.refused_by_the_bus = True
    with pytest.raises(SmokeError, match=r"the bus retailpulse-bus refused the order: .*Throttled"):
        road.send()


def test_an_order_that_does_not_land_is_said_to_be_on_its_way(road: Road) -> None:
    road.lands = False
    with pytest.raises(SmokeError, match=r"see the queue, its dead letters .* \(waited 300 s\)"):
        road.send()


def test_only_an_object_with_the_order_is_its_landing(road: Road) -> None:
    road.lands = False
    road.stored("of others", "another", "and another")
    with pytest.raises(SmokeError, match="it did not reach raw"):
        road.send()
    # However often it was looked for.
    assert len(road.s3.read) == 1


def test_objects_from_before_the_sending_are_not_read(road: Road) -> None:
    road.stored("before", "another", at=datetime.now(UTC) - timedelta(minutes=2))
    road.send()
    (read,) = road.s3.read
    assert read.endswith("/ours.ndjson.gz")


def test_a_run_that_failed_is_told_with_its_cause(road: Road) -> None:
    road.run = {"status": "FAILED", "error": "RunFailed", "cause": "3 models"}
    with pytest.raises(RunError, match=rf"the run {RUN} ended as FAILED: RunFailed 3 models"):
        road.send()


def test_a_run_that_was_aborted_is_told_without_a_cause(road: Road) -> None:
    road.run = {"status": "ABORTED"}
    with pytest.raises(RunError, match="ended as ABORTED"):
        road.send()


def test_a_run_that_goes_on_is_told_with_how_to_look_at_it(road: Road) -> None:
    road.run = None
    with pytest.raises(
        RunError, match=rf"describe-execution --execution-arn {RUN}.* \(waited 10800 s\)"
    ):
        road.send()


def test_athena_that_does_not_answer_is_said(road: Road) -> None:
    road.query = None
    with pytest.raises(SmokeError, match=r"Athena does not answer \(waited 120 s\)"):
        road.send()


def test_what_athena_refuses_is_said(road: Road) -> None:
    road.query = {"State": "FAILED", "StateChangeReason": "TABLE_NOT_FOUND"}
    with pytest.raises(SmokeError, match="Athena refuses the question: TABLE_NOT_FOUND"):
        road.send()


@pytest.mark.parametrize(("rows", "answer"), [([], "nothing"), (["99.00"], "99.00")])
def test_gold_without_the_order_is_said(road: Road, rows: list[str], answer: str) -> None:
    road.rows = rows
    with pytest.raises(
        SmokeError, match=rf"gold answers {answer} for order smoke-.*silver.quarantined_events"
    ):
        road.send()


SHOP = PulledSource("shop", "arn:pull-shop", ("shop_users", "shop_orders"))
WITH_A_SHOP = dataclasses.replace(DEPLOYED, pulled=(SHOP,))


def test_a_row_of_each_database_is_pulled_before_the_run_and_looked_for_after_it(
    road: Road,
) -> None:
    said = road.send(WITH_A_SHOP)
    assert [machine for machine, _ in road.started] == ["arn:pull-shop", "arn:machine"]
    assert "retailpulse_silver.shop_orders" in said
    # A table may be empty: the next one is asked.
    users, orders = road.asked[1:]
    assert "from retailpulse_silver.shop_users limit" in users
    assert "from retailpulse_silver.shop_orders limit" in orders


def test_a_database_without_a_row_in_silver_is_said(road: Road) -> None:
    road.tables = set()
    with pytest.raises(SmokeError, match=r"silver has no row of shop: .*/retailpulse/pull-shop"):
        road.send(WITH_A_SHOP)


def test_a_pull_that_failed_is_told_with_its_cause(road: Road) -> None:
    road.run = {"status": "FAILED", "error": "RunFailed", "cause": "shop: grant what is missing"}
    with pytest.raises(RunError, match="shop: grant what is missing"):
        road.send(WITH_A_SHOP)
    assert [machine for machine, _ in road.started] == ["arn:pull-shop"]


def feed(files: str, **changes: Any) -> Feed:
    columns = tuple(Column(name, "identifier", (), False, False, "") for name in ("id", "it;em"))
    return Feed("orders", files, "orders", ("id",), columns, {}, **changes)


@pytest.mark.parametrize(
    ("files", "changes", "name", "body"),
    [
        ("orders*.csv", {}, "orders-smoke-.csv", b"id,it;em\n"),
        ("orders*.csv", {"delimiter": ";"}, "orders-smoke-.csv", b'id;"it;em"\n'),
        ("*/Tills*.txt", {"has_header": False}, None, b""),
        ("Tills*.txt", {"has_header": False}, "Tills-smoke-.txt", b""),
        ("orders.csv", {}, "orders.csv", b"id,it;em\n"),
        ("orders[0-9].csv", {}, None, b""),
        ("orders?.csv", {}, "orders?.csv", b"id,it;em\n"),
    ],
)
def test_an_empty_file_is_of_its_feed(
    files: str, changes: dict[str, Any], name: str | None, body: bytes
) -> None:
    found = empty_file([feed(files, **changes)], "smoke")
    assert found == (None if name is None else EmptyFile(name, body))


def test_a_name_of_two_feeds_is_none() -> None:
    assert empty_file([feed("orders*.csv"), feed("orders-*.csv")], "smoke") is None


@pytest.mark.parametrize("outcome", ["landed", "rejected", None])
def test_a_file_is_dropped_where_that_is_deployed(road: Road, outcome: str | None) -> None:
    road.feeds = (feed("orders*.csv"),)
    road.s3.buckets["drops"] = {}
    road.s3.tag = outcome
    deployed = dataclasses.replace(DEPLOYED, drop_bucket="drops")
    if outcome == "landed":
        said = road.send(deployed)
        assert f"done: Dropping orders-{road.order_id}-.csv" in said
    else:
        told = "was rejected: see s3://drops/rejected/" if outcome else "did not land: see the log"
        with pytest.raises(SmokeError, match=told):
            road.send(deployed)
    assert list(road.s3.buckets["drops"] or {}) == [f"drop/orders-{road.order_id}-.csv"]


def test_without_a_name_that_can_be_made_up_it_is_said(road: Road) -> None:
    assert "NOT CHECKED: no feed has files" in road.send(
        dataclasses.replace(DEPLOYED, drop_bucket="drops")
    )
