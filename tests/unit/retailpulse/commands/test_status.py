from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from retailpulse.commands.status import Status, Tables, lines, next_steps
from retailpulse.local.arrivals import Arrivals
from retailpulse.local.run_results import LastCommand

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLES = Tables(
    written_at=NOW - timedelta(minutes=5),
    bytes=1_700_000,
    read_until=NOW - timedelta(minutes=6),
    runs=frozenset({"run"}),
    accepted=20_000,
    quarantined=0,
    open=0,
)
COMMAND = LastCommand("build", NOW - timedelta(minutes=5), 12.0, "run", 107, (), True)
WELL = Status(NOW, TABLES, COMMAND, Arrivals(NOW - timedelta(minutes=7), 0), 500, 1000)


def said(status: Status) -> str:
    return " | ".join(f"{name} {text}" for name, text in lines(status))


def steps(status: Status) -> list[str]:
    return [step for _, step in next_steps(status)]


def test_all_is_well() -> None:
    assert steps(WELL) == ["nothing: all that arrived is in gold"]
    told = said(WELL)
    assert "build, 2026-03-02 11:55 UTC (5 min ago), 12 s: all 107 succeeded" in told
    assert "Gold has what arrived until 2026-03-02 11:54 UTC (6 min ago)" in told
    assert "1.7 MB of tables" in told
    assert "longer than usual" not in told


def test_the_most_urgent_step_comes_first() -> None:
    failed = replace(COMMAND, failures=("fact_orders: no",), conservation_holds=False)
    bad = replace(
        WELL,
        tables=replace(TABLES, quarantined=9, open=3),
        command=failed,
        arrivals=Arrivals(NOW - timedelta(hours=3), 4),
        free_bytes=50,
    )
    told = steps(bad)
    assert [step.split("`")[1] for step in told] == [
        "dbt run-operation upkeep",
        "retailpulse backfill",
        "dbt build --selector fast",
        "retailpulse quarantine",
    ]
    assert "1 of 107 FAILED: fact_orders: no" in said(bad)
    assert "3 open of 9" in said(bad)
    assert "longer than usual; 4 objects wait" in said(bad)
    assert "NOT every raw line" in said(bad)


def test_a_run_that_has_not_ended_is_seen() -> None:
    writing = replace(TABLES, written_at=NOW - timedelta(seconds=3))
    assert "written since, 3 s ago" in said(replace(WELL, tables=writing))


def test_what_arrived_before_any_build() -> None:
    landed = replace(WELL, tables=None, command=None)
    assert steps(landed) == ["`dbt build` brings what arrived to gold"]
    nothing = replace(landed, arrivals=Arrivals(None, 0))
    assert "make demo" in steps(nothing)[0]
