"""The command line on lakehouses of its own, in this process."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from retailpulse.cli import app
from retailpulse.local.dbt_runs import Dbt
from retailpulse.local.home import HOME_VARIABLE, find_home

ENTRY = (
    r'{"Source":"retailpulse","DetailType":"order_created","Detail":"{\"event_id\":\"test-100\",'
    r"\"event_type\":\"order_created\",\"event_ts\":\"2026-01-14T20:00:00Z\","
    r'\"customer_id\":\"c100\",\"order_id\":\"o100\",\"amount\":123.0}",'
    r'"EventBusName":"retailpulse-bus"}'
)
REVENUE = "SELECT event_date, daily_revenue FROM retailpulse.agg_daily_revenue ORDER BY event_date"


class Cli:
    """The commands on one RETAILPULSE_HOME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._dbt: Dbt | None = None

    def __call__(self, *arguments: str, stdin: bytes | None = None) -> Result:
        """Run a command whatever its exit code."""
        environment = {HOME_VARIABLE: str(self.home)}
        return CliRunner().invoke(app, arguments, input=stdin, env=environment)

    def ok(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run a command that must work, and return what it wrote."""
        result = self(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *arguments: str, exit_code: int = 2) -> str:
        """Run a command that must not work, and return the one sentence it says."""
        result = self(*arguments)
        assert result.exit_code == exit_code, result.output
        assert isinstance(result.exception, SystemExit)
        assert result.stderr.count("\n") == 1
        assert result.stderr.startswith("retailpulse: ")
        return result.stderr

    def rows(self, sql: str) -> Any:
        """Return a query's rows as `sql --format json` writes them, numbers as their text."""
        written = self.ok("sql", sql, "--format", "json")
        return json.loads(written, parse_float=str)

    def build(self) -> None:
        """Bring what is new to gold, as `dbt build --selector fast` would; all the first time."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(HOME_VARIABLE, str(self.home))
            home = find_home()
            is_new = not home.catalog.exists()
            self._dbt = self._dbt or Dbt(home)
            self._dbt.run(["build"] if is_new else ["build", "--selector", "fast"])


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def entry_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("entry") / "entry.json"
    file.write_text(ENTRY)
    return file


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory, entry_file: Path) -> Path:
    """A lakehouse that holds the one order of the entry file and two rejected events."""
    cli = Cli(tmp_path_factory.mktemp("built") / "lakehouse")
    cli.ok("ingest", str(entry_file))
    cli.ok("ingest", "-", stdin=b'{"event_id":"bad","event_type":"nobody_knows"}\n\xff\n')
    cli.build()
    return cli.home


@pytest.fixture(scope="module")
def cli(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A copy of it for the tests of a file."""
    home = tmp_path_factory.mktemp("home") / "lake house"
    shutil.copytree(built_home, home)
    return Cli(home)


@pytest.fixture
def empty(tmp_path: Path) -> Cli:
    """A home that does not exist yet."""
    return Cli(tmp_path / "lake")
