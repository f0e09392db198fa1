"""Every dbt command that a user types works, or says why not; whatever was typed before."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult, RunResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.exceptions import DbtBaseException

from tests.support.project.followed import project_following
from tests.support.road.lakehouse import Lakehouse

ORDER = {"event_type": "order_created", "event_id": "e1", "customer_id": "c1", "amount": 12.5}
FACTS = "select order_id from retailpulse.fact_orders order by order_id"


class Checkout(Lakehouse):
    """A checkout of one's own, with everything where it is by default."""

    def __init__(self, folder: Path) -> None:
        project_following(folder)
        super().__init__(folder / "lakehouse", folder)

    @property
    def environment(self) -> dict[str, str]:
        # Where the lakehouse is by default follows from the package, which is not the copy's.
        own = ("DBT_TARGET_PATH", "DBT_LOG_PATH")
        return {name: value for name, value in super().environment.items() if name not in own}

    def land_order(self, order_id: str, minutes_ago: int) -> None:
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        order = ORDER | {"order_id": order_id, "event_id": order_id, "event_ts": at.isoformat()}
        self.land([json.dumps(order).encode()], at, order_id)

    def invoke(self, *arguments: str) -> dbtRunnerResult:
        """Run a command as typed: what is parsed is on disk."""
        with pytest.MonkeyPatch.context() as patch, self.in_environment():
            patch.chdir(self.project)
            for name in ("DBT_TARGET_PATH", "DBT_LOG_PATH"):
                patch.delenv(name, raising=False)
            patch.setattr("sys.stdin", io.StringIO("n\n"))
            try:
                return dbtRunner().invoke(["--quiet", *arguments])
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]

    def works(self, command: str) -> dbtRunnerResult:
        outcome = self.invoke(*command.split())
        assert outcome.success, (command, outcome.exception or outcome.result)
        return outcome

    def results(self, command: str) -> list[RunResult]:
        """Run a command that must work, and return what became of each node."""
        result = self.works(command).result
        assert isinstance(result, RunExecutionResult)
        return list(result.results)

    def is_refused(self, command: str) -> str:
        """Return the sentence with which a command says why it does not work."""
        outcome = self.invoke(*command.split())
        assert isinstance(outcome.exception, DbtBaseException), (command, outcome)
        return str(outcome.exception)


# In the order in which they are typed: each leaves something that the next may stumble over.
WITHOUT_A_LAKEHOUSE = [
    "debug",
    "deps",
    "clean",
    "init",
    "parse",
    "ls --select fact_orders",
    "compile",
    "show --inline select(1)",
    "seed",
    "snapshot",
    "docs generate",
    "run-operation compact",
]
ON_A_LAKEHOUSE = [
    "show --select fact_orders",
    "retry",
    "show --select orders_events quarantined_events",
    "test --select fact_orders",
    "run",
    "source freshness",
    "clone --state target",
    "build --selector fast",
    "retry",
    "compile",
    "docs generate",
    "run-operation upkeep",
    "deps",
    "clean",
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout") / "retailpulse")


def test_before_anything_is_built(checkout: Checkout) -> None:
    assert "previous run" in checkout.is_refused("retry")
    for command in WITHOUT_A_LAKEHOUSE:
        checkout.works(command)
    assert "does not exist" in checkout.is_refused("show --select fact_orders")
    assert "--state" in checkout.is_refused("clone")
    assert "macro" in checkout.is_refused("run-operation nothing")


def test_on_a_lakehouse(checkout: Checkout) -> None:
    checkout.land_order("o1", minutes_ago=30)
    checkout.works("build")
    for command in ON_A_LAKEHOUSE:
        checkout.works(command)
    # Above all `dbt clean`: what was made of events stays.
    assert checkout.query(FACTS) == [("o1",)]


def test_a_model_is_shown_whole_and_not_what_the_next_run_would_add(checkout: Checkout) -> None:
    checkout.works("build --selector fast")
    for model in ("orders_events", "orders", "fact_orders"):
        shown = {each.node.name: each.agate_table for each in checkout.results(f"show -s {model}")}
        table = shown[model]
        assert table is not None
        assert [row["order_id"] for row in table.rows] == ["o1"], model


def test_a_look_at_a_table_leaves_the_failed_build_to_be_retried(checkout: Checkout) -> None:
    checkout.land_order("o2", minutes_ago=0)
    model = checkout.project / "models/silver/orders/orders.sql"
    right = model.read_text(encoding="utf-8")
    model.write_text(right.replace("from ranked", "from nowhere"), encoding="utf-8")
    assert not checkout.invoke("build", "--selector", "fast").success
    assert checkout.query(FACTS) == [("o1",)]
    model.write_text(right, encoding="utf-8")
    checkout.works("show --select orders_events")
    retried = {each.node.name for each in checkout.results("retry")}
    assert "orders" in retried
    assert "orders_events" not in retried
    assert checkout.query(FACTS) == [("o1",), ("o2",)]
