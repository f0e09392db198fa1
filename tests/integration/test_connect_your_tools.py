"""Every block of "Connect your tools" that a laptop can run does, in the order it is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.envelope import Message
from retailpulse.local.dbt_runs import TABLES, Dbt
from retailpulse.local.home import HOME_VARIABLE, find_home
from retailpulse.local.landing import Landing, batches, new_ingester
from simulator.deliveries import simulate
from simulator.settings import Settings

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "connect-your-tools.md"


def blocks() -> list[tuple[str, str]]:
    """The page's blocks of shell and Python: the language, and the text."""
    return re.findall(r"^```(sh|python)\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lakehouse with a small demo in it."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "lakehouse"))
    home = find_home()
    landing = Landing(new_ingester(home))
    deliveries = simulate(Settings(events=2_000, orders_per_day=1_000))
    for batch in batches(Message(each.body, f"demo#{each.ordinal}", "demo") for each in deliveries):
        landing.land(batch)
    Dbt(home).run(TABLES)
    return home.root


def test_its_blocks_run(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    binaries = Path(sys.executable).parent
    told = []
    for language, text in blocks():
        command = [sys.executable, "-"] if language == "python" else ["bash", "-euo", "pipefail"]
        process = subprocess.run(
            command,
            input=text,
            cwd=folder,
            env={**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, (text, process.stdout, process.stderr)
        told.append(process.stdout)
    output = "\n".join(told)
    assert re.search(r"\('EUR', Decimal\('\d+\.\d{4}'\)\)", output), output
    assert re.search(r"EUR +\d+\.\d", output), output
    assert (folder / "revenue.csv").read_text().startswith("event_date,daily_revenue\n2026-01-01,")
    assert (folder / "fact_orders.csv").stat().st_size > 10_000
