"""A lakehouse in a folder for tests: land events and run dbt at given times, read the result."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from ingestion.envelope import Message
from ingestion.ingester import Ingester, Landed
from ingestion.raw_zone import FolderRawZone

PROJECT = Path(__file__).parents[3]

# Tables of silver and gold, with the columns that say when it was written left out: they are the
# only ones that may differ between two ways to the same truth.
ORDERS_TABLES = {
    "retailpulse_silver.orders_events": "* exclude (processed_at)",
    "retailpulse_silver.orders": "* exclude (processed_at)",
    "retailpulse_silver.refunds": "* exclude (processed_at)",
    "retailpulse_silver.quarantined_events": "* exclude (processed_at)",
    "retailpulse.fact_orders": "* exclude (processed_at)",
    "retailpulse.fact_order_items": "* exclude (processed_at)",
    "retailpulse.fact_refunds": "* exclude (processed_at)",
    "retailpulse.agg_daily_revenue": "*",
    "retailpulse.agg_order_status": "*",
    "retailpulse.agg_city_performance": "*",
    "retailpulse.agg_product_sales": "*",
    "retailpulse.dim_customers": "*",
}
"""Those that have rows when nothing but orders came."""

TABLES = {
    **ORDERS_TABLES,
    "retailpulse_silver.carts_events": "* exclude (processed_at)",
    "retailpulse_silver.products_versions": "* exclude (processed_at)",
    "retailpulse_silver.products": "* exclude (processed_at)",
    "retailpulse_silver.products_history": "*",
    "retailpulse.agg_abandoned_carts": "*",
    "retailpulse.dim_products": "*",
}
"""All of them."""

Rows = list[tuple[Any, ...]]


def vars_flag(
    at: datetime | None = None, variables: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    """dbt's `--vars` for a run as of `at` (UTC) with some variables.

    Objects are seen late, as on S3.
    """
    given = {"lookback_minutes": 15, **(variables or {})}
    if at is not None:
        given["run_at"] = f"{at:%Y-%m-%d %H:%M:%S.%f}"
    return ("--vars", json.dumps(given))


class DbtRuns:
    """dbt and raw objects in a folder. The project is parsed once, which takes seconds."""

    target: ClassVar[str]

    def __init__(self, home: Path, project: Path = PROJECT) -> None:
        self.home = home
        self.project = project
        self._parsed: bytes | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which dbt works on this home."""
        return {
            "RETAILPULSE_HOME": str(self.home),
            "RETAILPULSE_TARGET": self.target,
            "DBT_TARGET_PATH": str(self.home / "target"),
            "DBT_LOG_PATH": str(self.home / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    @contextmanager
    def in_environment(self) -> Iterator[None]:
        """Let this process have that environment for the duration of the block."""
        before = os.environ.copy()
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def reset(self) -> None:
        """Forget everything but the parsed project."""
        for entry in self.home.iterdir():
            if entry.name != "target":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def parse_again(self) -> None:
        """Forget the parsed project, whose files have changed."""
        self._parsed = None

    def land(
        self, bodies: Iterable[bytes], at: datetime, batch: str, source: str = "shop"
    ) -> Landed:
        """Land bodies as one batch received at `at`; message ids are `<batch>#<row>`."""
        ingester = Ingester(
            FolderRawZone(self.home / "raw"),
            clock=lambda: at,
            new_batch_id=lambda received_at: f"{received_at:%Y%m%dT%H%M%S.%fZ}-{batch}",
        )
        messages = [Message(body, f"{batch}#{row:06d}", source) for row, body in enumerate(bodies)]
        return ingester.land(messages, lambda: 60.0)

    def start_dbt(self, *arguments: str) -> subprocess.Popen[str]:
        """Start dbt in a process group of its own, as a user would in the project's root."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments],
            cwd=self.project,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def dbt(self, *arguments: str) -> list[str]:
        """Run dbt in this process; return the name and status of what failed."""
        outcome = self._invoke(*arguments)
        assert isinstance(outcome.result, RunExecutionResult), outcome.exception
        return [
            f"{result.node.name}: {result.status}: {result.message}"
            for result in outcome.result.results
            if result.status in ("error", "fail", "runtime error", "skipped")
        ]

    def run_operation(self, macro: str, **arguments: object) -> None:
        """Run `dbt run-operation` and expect that it succeeds."""
        outcome = self._invoke("run-operation", macro, "--args", json.dumps(arguments))
        assert outcome.success, outcome.exception or outcome.result

    def _invoke(self, *arguments: str) -> dbtRunnerResult:
        project = str(self.project)
        in_project = ["--project-dir", project, "--profiles-dir", project]
        with self.in_environment():
            try:
                if self._parsed is None:
                    parsed = dbtRunner().invoke(["--quiet", "parse", *in_project])
                    assert isinstance(parsed.result, Manifest), parsed.exception
                    self._parsed = parsed.result.to_msgpack()
                # A copy: a run leaves its compiled code in the manifest, which the next would take.
                return dbtRunner(manifest=Manifest.from_msgpack(self._parsed)).invoke(
                    ["--quiet", *arguments, *in_project]
                )
            finally:
                # Else the next run goes on with this one's connection, even to files that are gone.
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]

    def build(
        self,
        *arguments: str,
        at: datetime | None = None,
        command: str = "build",
        variables: Mapping[str, object] | None = None,
    ) -> None:
        """Run `dbt build` (as of `at`) and expect that all of it succeeds."""
        failures = self.dbt(command, *vars_flag(at, variables), *arguments)
        assert not failures, "\n".join(failures)


class Lakehouse(DbtRuns):
    """The embedded lakehouse: DuckDB and DuckLake."""

    target = "duckdb"

    @contextmanager
    def connect(self, *, writable: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A reader of its own; or a writer, to break something by hand."""
        with duckdb.connect() as connection:
            # DuckDB takes a process without a main file for a notebook.
            connection.execute("set enable_progress_bar = false")
            connection.execute("load ducklake; load sqlite")
            self.attach(connection, "" if writable else "read_only")
            yield connection

    def attach(self, connection: duckdb.DuckDBPyConnection, *options: str) -> None:
        """Attach the catalog to a connection that has loaded its extensions, and use it."""
        given = [f"data_path '{self.home}/data/'", "override_data_path true", *options]
        connection.execute(
            f"attach 'ducklake:sqlite:{self.home}/catalog.sqlite' as lakehouse "
            f"({', '.join(option for option in given if option)})"
        )
        connection.execute("use lakehouse")
        connection.execute(f"set variable raw_zone = '{self.home}/raw'")

    def query(self, sql: str) -> Rows:
        """The rows of one query."""
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def contents(self, tables: Iterable[str] = tuple(TABLES)) -> dict[str, Rows]:
        """Every row of the tables, sorted, without what says when it was written."""
        with self.connect() as connection:
            return {
                table: connection.execute(
                    f"select {TABLES[table]} from {table} order by all"
                ).fetchall()
                for table in tables
            }
