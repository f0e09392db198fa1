"""Repairs and backfills, started as the runbooks say: by the state machine, under its lease."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.infra.deployed.test_first_number import FIRST_QUERY
from tests.support.infra.deployed.container import containers
from tests.support.infra.deployed.orchestration import Orchestration
from tests.support.infra.deployed.queries import ask
from tests.support.infra.deployed.stack import ENVIRONMENT, CommandError, Stack

REVENUE = FIRST_QUERY.replace("ORDER", "WHERE currency_code = 'USD' ORDER")


def test_tables_that_were_emptied_are_built_from_all_history(stack: Stack) -> None:
    before = ask(stack, REVENUE)
    assert before
    ask(stack, "DELETE FROM retailpulse_silver.orders_events")

    with containers(stack):
        said = stack.retailpulse(
            *("cloud", "run", ENVIRONMENT, "repair"),
            *("--select", "orders_events+", "--full-refresh"),
        )

    assert "The run succeeded" in said
    assert ask(stack, REVENUE) == before


def test_arrivals_of_some_days_are_read_again(stack: Stack) -> None:
    before = ask(stack, REVENUE)
    ask(stack, "DELETE FROM retailpulse_silver.orders_events")
    today = datetime.now(UTC).date()

    with containers(stack):
        said = stack.retailpulse(
            *("cloud", "run", ENVIRONMENT, "repair"),
            # It may be after midnight by now.
            *("--from", f"{today - timedelta(days=1)}", "--to", f"{today + timedelta(days=1)}"),
        )

    assert "The run succeeded" in said
    assert ask(stack, REVENUE) == before


def test_all_tables_are_rebuilt_beside_those_in_use_and_swapped(stack: Stack) -> None:
    before = ask(stack, REVENUE)
    ask(stack, "DELETE FROM retailpulse_silver.orders_events")

    with containers(stack):
        said = stack.retailpulse("cloud", "run", ENVIRONMENT, "repair", "--rebuild")

    assert "The run succeeded" in said
    assert ask(stack, REVENUE) == before
    names = [table["Name"] for table in _tables(stack)]
    assert any(name.startswith("orders_events__before_") for name in names)
    assert not [name for name in names if "__next" in name or name == "unfinished_rebuild"]


def _tables(stack: Stack) -> list[Any]:
    pages = (
        stack.client("glue").get_paginator("get_tables").paginate(DatabaseName="retailpulse_silver")
    )
    return [table for page in pages for table in page["TableList"]]


def test_a_run_that_finds_the_lease_held_says_that_it_did_nothing(
    stack: Stack, orchestration: Orchestration
) -> None:
    orchestration.hold_lease("arn:of:another:run", int(time.time()) + 600)
    said = stack.retailpulse("cloud", "run", ENVIRONMENT, "fast")
    orchestration.forget_lease()
    assert "Nothing was run: another run holds the lease" in said


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (["repair", "--select", "orders; dbt clean"], "is no selection of dbt's"),
        (["repair", "--full-refresh"], "name nodes by --select"),
        (["repair", "--rebuild", "--select", "orders"], "--rebuild is of all tables"),
        (["fast", "--rebuild"], "a fast run has no options"),
        (["fast", "--select", "orders"], "a fast run has no options"),
    ],
)
def test_what_cannot_be_asked_for_starts_nothing(stack: Stack, asked: list[str], why: str) -> None:
    executions = _executions(stack)
    with pytest.raises(CommandError) as failure:
        stack.retailpulse("cloud", "run", ENVIRONMENT, *asked)
    assert why in str(failure.value)
    assert "Traceback" not in str(failure.value)
    assert _executions(stack) == executions


def _executions(stack: Stack) -> int:
    pages = (
        stack.client("stepfunctions")
        .get_paginator("list_executions")
        .paginate(stateMachineArn=stack.outputs["state_machine"]["arn"])
    )
    return sum(len(page["executions"]) for page in pages)
