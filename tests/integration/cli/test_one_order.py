from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.cli.conftest import REVENUE, Cli

GOLD = [{"event_date": "2026-01-14", "daily_revenue": "123.0000"}]


def test_an_entry_becomes_revenue_exactly_once(cli: Cli, entry_file: Path) -> None:
    assert cli.rows(REVENUE) == GOLD
    before = cli.rows("select * from retailpulse.fact_orders")
    for _ in range(10):
        assert "1 event landed" in cli.ok("ingest", str(entry_file))
    cli.build()
    assert cli.rows(REVENUE) == GOLD
    assert cli.rows("select * from retailpulse.fact_orders") == before
    [sums] = cli.rows(
        "select sum(landed_count) as landed, sum(accepted_count) as accepted, "
        "sum(quarantined_count) as quarantined, sum(duplicate_count) as duplicates "
        "from retailpulse_silver.event_conservation"
    )
    assert sums["accepted"] == 1
    assert sums["duplicates"] >= 10
    assert sums["landed"] == sums["accepted"] + sums["quarantined"] + sums["duplicates"]


def test_a_replay_of_what_is_still_wrong_changes_no_gold(cli: Cli) -> None:
    shown = cli.ok("quarantine")
    assert "unknown_event_type" in shown
    assert "undecodable_payload" in shown
    assert 'event_type: "nobody_knows"' in shown
    assert "bad from direct (nobody_knows)" in shown
    assert "No contract describes this type." in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "2 events would be sent" in cli.ok("quarantine", "--replay", "--dry-run")
    assert "1 event sent" in cli.ok("quarantine", "--replay", "--reason", "undecodable_payload")
    for _ in range(2):
        assert "2 events sent" in cli.ok("quarantine", "--replay")
    cli.build()
    replayed = cli.rows(
        "select reject_reason, source, event_id, payload_encoding, count(*) as lines, "
        "count(replayed_from) as replays, count(distinct replayed_from) as originals "
        "from retailpulse_silver.quarantined_events_status group by all order by reject_reason"
    )
    assert [(row["lines"], row["replays"], row["originals"]) for row in replayed] == [
        (4, 3, 1),
        (3, 2, 1),
    ]
    assert cli.rows(REVENUE) == GOLD
    # Four and three lines are two events still, each of them to be acted upon once.
    counts = re.findall(r"(\w+) +(\w*) +(\d+) +(\d+) +(\d+)", cli.ok("quarantine"))
    assert counts == [
        ("undecodable_payload", "NULL", "1", "1", "0"),
        ("unknown_event_type", "event_type", "1", "1", "0"),
    ]
    assert "1 event sent" in cli.ok("quarantine", "--replay", "--limit", "1")
    assert "0 events sent" in cli.ok("quarantine", "--replay", "--source", "nobody")


def test_a_backfill_reads_again_and_changes_nothing_that_is_right(cli: Cli) -> None:
    written = "select * from retailpulse_silver.orders_events"
    before = cli.rows(written)
    [day] = cli.rows(
        "select (max(received_at)::date)::varchar d from retailpulse_silver.orders_events"
    )
    [after] = cli.rows(f"select cast(date '{day['d']}' + 1 as date) as d")
    told = cli.ok("backfill", "--from", day["d"], "--to", after["d"])
    assert f"arrivals from {day['d']} to before {after['d']}" in told
    assert cli.rows(written) == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--close", "--note", "x"], "need --reason"),
        (["--close", "--reason", "invalid_value"], "needs --note"),
        (["--close", "--reopen", "--reason", "invalid_value"], "give one of them"),
        (["--reopen", "--reason", "invalid_value", "--limit", "1"], "--event-id"),
        (["--note", "x"], "add --close"),
        (["--dry-run"], "add one of them"),
        (["--close", "--reason", "nonsense", "--note", "x"], "no reject reason nonsense"),
    ],
)
def test_options_that_say_too_little_or_too_much_are_refused(
    cli: Cli, options: list[str], told: str
) -> None:
    assert told in cli.refused("quarantine", *options)
