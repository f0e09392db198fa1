"""The commands that run for a while: the demo and the live loop."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli


@pytest.fixture(scope="module")
def steady(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A copy of the shared lakehouse, as these tests bring orders of their own."""
    home = tmp_path_factory.mktemp("steady") / "lake"
    shutil.copytree(cli.home, home)
    return Cli(home)


def test_the_demo_shows_revenue_and_that_nothing_was_lost(empty: Cli) -> None:
    told = empty.ok("demo", "--events", "2000")
    sums = re.search(
        r"landed ([\d,]+) = accepted 2,000 \+ quarantined ([\d,]+) \+ duplicates ([\d,]+)", told
    )
    assert sums is not None, told
    landed, quarantined, duplicates = (int(text.replace(",", "")) for text in sums.groups())
    assert landed == 2_000 + quarantined + duplicates
    assert quarantined > 0
    assert duplicates > 0
    assert "Daily revenue" in told
    assert "2026-01-01" in told


def test_live_brings_events_to_gold_and_stops_when_asked(steady: Cli) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from retailpulse.cli import main; main()", "live", "--every", "1"],
        env={**os.environ, "RETAILPULSE_HOME": str(steady.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    try:
        deadline = time.monotonic() + 60
        for told in process.stdout:
            if re.search(r"p50 [\d.]+ s", told) or time.monotonic() > deadline:
                break
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, "")
    summary = rest.splitlines()[-2:]
    assert re.search(r"p50 [\d.]+ s, p95 [\d.]+ s", " ".join(summary))
    [row] = steady.rows("select count(*) as n from retailpulse.fact_orders")
    assert row["n"] > 1


def test_live_stops_by_itself(steady: Cli) -> None:
    told = steady.ok("live", "--duration", "3", "--rate", "50")
    landed = re.findall(r"landed: ([\d,]+) events", told)
    assert int(landed[-1]) > 0
