"""An analyst's queries, with boto3 alone."""

from __future__ import annotations

from tests.support.infra.deployed.stack import Stack
from tests.support.infra.waiting import wait_until


def ask(stack: Stack, query: str) -> list[tuple[str | None, ...]]:
    """Return the rows of a query, as text, without the header."""
    athena = stack.client("athena")
    execution = athena.start_query_execution(
        QueryString=query, WorkGroup=stack.outputs["work_groups"]["analysts"]["name"]
    )["QueryExecutionId"]

    def has_ended() -> bool:
        state = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        assert state["State"] not in ("FAILED", "CANCELLED"), state
        return bool(state["State"] == "SUCCEEDED")

    wait_until("the query has ended", has_ended)
    rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"][1:]
    return [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in rows]
