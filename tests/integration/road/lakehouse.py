"""A lakehouse in a folder for tests: land events at a given time, run dbt as of a given time, read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.envelope import Message
from ingestion.ingester import Ingester, Landed
from ingestion.raw_zone import FolderRawZone

PROJECT = Path(__file__).parents[3]

# Every table of silver and gold, with the columns that say when it was written left out: they are
# the only ones that may differ between two ways to the same truth.
TABLES = {
    "retailpulse_silver.order_events": "* exclude (processed_at)",
    "retailpulse_silver.orders": "* exclude (processed_at)",
    "retailpulse_silver.quarantined_events": "* exclude (processed_at)",
    "retailpulse.fact_orders": "* exclude (processed_at)",
    "retailpulse.agg_daily_revenue": "*",
    "retailpulse.agg_order_status": "*",
}

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class DbtResult:
    """How a dbt command ended: its exit code and everything it printed."""

    exit_code: int
    output: str


class Lakehouse:
    """RETAILPULSE_HOME in a folder."""

    def __init__(self, home: Path, target_path: Path | None = None) -> None:
        self.home = home
        self.target_path = target_path or home / "target"

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which dbt works on this lakehouse."""
        return {
            **os.environ,
            "RETAILPULSE_HOME": str(self.home),
            "RETAILPULSE_TARGET": "duckdb",
            "DBT_TARGET_PATH": str(self.target_path),
            "DBT_LOG_PATH": str(self.home / "logs"),
        }

    def land(self, bodies: Iterable[bytes], at: datetime, batch: str, source: str = "shop") -> Landed:
        """Land bodies as one batch received at `at`; message ids are `<batch>#<row>`."""
        ingester = Ingester(
            FolderRawZone(self.home / "raw"),
            clock=lambda: at,
            new_batch_id=lambda _: batch,
        )
        messages = [
            Message(body, f"{batch}#{row:06d}", source) for row, body in enumerate(bodies)
        ]
        return ingester.land(messages, lambda: 60.0)

    def start_dbt(self, *arguments: str) -> subprocess.Popen[str]:
        """Start dbt as a user would, in the project's root."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def dbt(self, *arguments: str) -> DbtResult:
        """Run dbt to its end, whatever it is."""
        process = self.start_dbt(*arguments)
        output, _ = process.communicate(timeout=300)
        return DbtResult(process.returncode, output)

    def build(self, *arguments: str, at: datetime | None = None, command: str = "build") -> str:
        """Run `dbt build` (as of `at`) and expect that it succeeds; return what it printed."""
        variables = () if at is None else ("--vars", f"{{run_at: '{at:%Y-%m-%d %H:%M:%S.%f}'}}")
        result = self.dbt(command, *variables, *arguments)
        assert result.exit_code == 0, result.output
        return result.output

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A reader of its own."""
        with duckdb.connect() as connection:
            connection.execute("load ducklake; load sqlite")
            connection.execute(
                f"attach 'ducklake:sqlite:{self.home}/catalog.sqlite' as lakehouse "
                f"(read_only, data_path '{self.home}/data/', override_data_path true)"
            )
            connection.execute("use lakehouse")
            yield connection

    def query(self, sql: str) -> Rows:
        """The rows of one query."""
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def contents(self, tables: Sequence[str] = tuple(TABLES)) -> dict[str, Rows]:
        """Every row of silver and gold, sorted, without what says when it was written."""
        with self.connect() as connection:
            return {
                table: connection.execute(
                    f"select {TABLES[table]} from {table} order by all"
                ).fetchall()
                for table in tables
            }

    def clean_copy(self, home: Path) -> Lakehouse:
        """Another lakehouse with the same raw zone and nothing built from it."""
        shutil.copytree(self.home / "raw", home / "raw")
        return Lakehouse(home)

    def reset(self) -> None:
        """Forget everything but dbt's parsed project, which takes seconds to make."""
        for entry in self.home.iterdir():
            if entry != self.target_path:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def minutes(number: float) -> timedelta:
    """That many minutes."""
    return timedelta(minutes=number)
