from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from retailpulse.cloud.scheduled.repair import Repair
from retailpulse.errors import SetupError

FIRST, END = date(2026, 3, 10), date(2026, 3, 12)


@pytest.mark.parametrize(
    ("repair", "commands"),
    [
        (Repair(select="orders_events+"), ["build --select orders_events+"]),
        (
            Repair(select="orders_events+ tag:fast,@orders", full_refresh=True),
            [
                "build --select orders_events+ tag:fast,@orders --full-refresh "
                '--vars {"allow_full_refresh": true}'
            ],
        ),
        (
            Repair(first=FIRST, end=END),
            [
                "run --select config.meta.reads_raw:true "
                '--vars {"backfill": {"from": "2026-03-10", "to": "2026-03-12"}}',
                'build --vars {"backfill": {"from": "2026-03-10", "to": "2026-03-12"}}',
            ],
        ),
    ],
)
def test_a_repair_builds_and_tests(repair: Repair, commands: list[str]) -> None:
    assert [" ".join(step.command) for step in repair.steps()] == commands


@pytest.mark.parametrize(
    "select",
    [
        "",
        " ",
        "--full-refresh",
        "orders --target duckdb",
        "orders; dbt clean",
        "$(id)",
        "orders'",
        "orders{{ x }}",
        "größe",
        "a" * 2_001,
    ],
)
def test_what_is_no_selection_is_refused(select: str) -> None:
    with pytest.raises(SetupError, match="selection"):
        Repair(select=select)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "name nodes"),
        ({"full_refresh": True}, "name nodes"),
        ({"select": "orders", "first": FIRST, "end": END}, "name nodes"),
        ({"first": FIRST}, "go together"),
        ({"first": FIRST, "end": END, "full_refresh": True}, "reads all days"),
        ({"rebuild": True, "select": "orders"}, "--rebuild is of all tables"),
        ({"rebuild": True, "full_refresh": True}, "--rebuild is of all tables"),
        ({"rebuild": True, "first": FIRST, "end": END}, "--rebuild is of all tables"),
        ({"select": "orders", "same_orders": True}, "is said of a rebuild"),
        ({"first": END, "end": FIRST}, "are not 1 to 100 days"),
        ({"first": date(2026, 1, 1), "end": date(2026, 4, 12)}, "are not 1 to 100 days"),
    ],
)
def test_what_a_repair_cannot_do_is_refused(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(SetupError, match=why):
        Repair(**asked)


@pytest.mark.parametrize(
    ("repair", "arguments"),
    [
        (Repair(select="orders+"), ["--select=orders+"]),
        (Repair(select="orders", full_refresh=True), ["--select=orders", "--full-refresh"]),
        (Repair(first=FIRST, end=END), ["--from=2026-03-10", "--to=2026-03-12"]),
        (Repair(rebuild=True), ["--rebuild"]),
        (Repair(rebuild=True, same_orders=True), ["--rebuild", "--same-orders"]),
    ],
)
def test_the_container_is_told_what_was_asked_for(repair: Repair, arguments: list[str]) -> None:
    assert repair.arguments() == arguments
