"""`python -m benchmarks.build`: raw to gold of a million events, by dbt, one SQL script and Spark.

All three read the same raw zone and must come to the same totals, which the simulator knows too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.command import PROJECT, BenchmarkError, run, work_folder
from benchmarks.measure import Child, Spread, run_child, run_dbt, told
from benchmarks.results import Row, Section, publish, times
from benchmarks.totals import Totals, read_totals, require_agreement, totals_of_tables
from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse
from retailpulse.terminal import Terminal

EVENTS: Final = 1_000_000
_REPETITIONS: Final = 3
_OLDEST_JAVA: Final = 17

Seconds = dict[str, float]


def main() -> None:
    """Measure, compare and publish."""
    require_spark()
    terminal = Terminal()
    folder = work_folder("build")
    home = Home(PROJECT, folder / "home")
    truth_file = folder / "truth.json"
    with terminal.step(f"Simulating and ingesting {EVENTS:,} events (not measured)"):
        run_child(
            [sys.executable, "-m", "benchmarks.simulated_raw", str(EVENTS), home.raw, truth_file],
            folder / "simulated_raw.log",
            folder=PROJECT,
        )
    truth = read_totals(truth_file)
    builds: dict[str, Callable[[], tuple[Seconds, Totals]]] = {
        "dbt": lambda: dbt_build(home),
        "script": lambda: duckdb_build(home.raw, folder),
        "Spark": lambda: spark_build(home.raw, folder),
    }
    figures: defaultdict[str, list[float]] = defaultdict(list)
    for turn in range(_REPETITIONS):
        for name, build in builds.items():
            with terminal.step(f"{name}, {turn + 1} of {_REPETITIONS}"):
                seconds, totals = build()
            require_agreement({"the simulator": truth, name: totals})
            for figure, value in seconds.items():
                figures[f"{name} {figure}"].append(value)
    spreads = {figure: Spread(tuple(values)) for figure, values in figures.items()}
    publish(
        Section(
            "build",
            f"First build: {EVENTS:,} events from raw to gold",
            "make bench-build",
            _rows(spreads),
            [
                "Three repetitions in turn over one raw zone, which holds redeliveries besides "
                f"the {truth.lines:,} lines counted below. dbt builds a fresh DuckLake lakehouse "
                "each time and parses the project anew; unit tests are left out, as they read no "
                "data.",
                "`models` is the time of dbt's nodes that are no data test: models, the seed, the "
                "hook. `start-up` is the rest of the command: process, parsing, planning. Both "
                "from run_results.json.",
                "The script is `benchmarks/baselines/duckdb_build.sql`: a plain DuckDB file, no "
                "dbt, no tests, no snapshots, nothing incremental. Spark is "
                "`benchmarks/baselines/spark_build.py`: local[*], adaptive execution, Parquet. "
                "Facts and marts are views in all three, or made after the time was taken. Both "
                "keep an order's items as they were sent, and do not judge them.",
                "dbt parses and judges each line once, into a table in memory that lasts for the "
                "run (docs/decisions/0008). A third of the processor time of that is an order's "
                "items, which neither baseline judges.",
                "Simulator, dbt, script and Spark agree on accepted and quarantined events, by "
                "reason, on orders, on revenue per currency and day, and on orders by status: "
                f"{truth.accepted:,} accepted, {sum(truth.quarantined.values()):,} quarantined, "
                f"{truth.orders:,} orders.",
            ],
        ),
        terminal,
    )


def require_spark() -> None:
    """Check that Spark can start here.

    Raises:
        BenchmarkError: pyspark or Java is missing, or Java is too old.
    """
    if find_spec("pyspark") is None:
        raise BenchmarkError("pyspark is not installed: run this as `make bench-build`")
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    try:
        java_says = subprocess.run(  # noqa: S603 - the user's Java
            [java, "-version"], check=True, capture_output=True, text=True
        ).stderr
    except (OSError, subprocess.CalledProcessError):
        java_says = ""
    version = re.search(r'version "(\d+)', java_says)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        raise BenchmarkError(
            f"Spark needs Java {_OLDEST_JAVA} or later: install a JDK such as openjdk-17-jre-"
            "headless, or let JAVA_HOME name one"
        )


def dbt_build(home: Home) -> tuple[Seconds, Totals]:
    """Build a fresh lakehouse over a raw zone; return seconds by part, and what it holds."""
    shutil.rmtree(home.data, ignore_errors=True)
    for file in home.root.glob("catalog.sqlite*"):
        file.unlink()
    target = home.root / "target"
    shutil.rmtree(target, ignore_errors=True)
    child = run_dbt(
        home.root, home.root / "dbt.log", "build", "--exclude-resource-type", "unit_test"
    )
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    in_tests = in_others = 0.0
    for result in results:
        if result["unique_id"].startswith("test."):
            in_tests += result["execution_time"]
        else:
            in_others += result["execution_time"]
    with open_lakehouse(home) as lakehouse:
        totals = totals_of_tables(lakehouse)
    return {
        "models": in_others,
        "data tests": in_tests,
        "models and data tests": in_others + in_tests,
        "start-up": child.seconds - in_others - in_tests,
        "whole": child.seconds,
        "memory": child.peak_rss_bytes / 2**30,
    }, totals


def duckdb_build(raw: Path, folder: Path) -> tuple[Seconds, Totals]:
    """Build a DuckDB file by the script; return seconds by part, and what it holds."""
    file = folder / "script.duckdb"
    file.unlink(missing_ok=True)
    child = _baseline("duckdb_build", raw, file)
    with duckdb.connect(file, read_only=True) as connection:
        totals = totals_of_tables(connection)
    return {
        "statements": told(child, "seconds"),
        "whole": child.seconds,
        "memory": child.peak_rss_bytes / 2**30,
    }, totals


def spark_build(raw: Path, folder: Path) -> tuple[Seconds, Totals]:
    """Build Parquet tables by Spark; return seconds by part, and what they hold."""
    tables = folder / "spark"
    shutil.rmtree(tables, ignore_errors=True)
    tables.mkdir()
    child = _baseline("spark_build", raw, tables)
    with duckdb.connect() as connection:
        connection.execute("create schema retailpulse; create schema retailpulse_silver")
        for table in tables.iterdir():
            if any(table.glob("*.parquet")):
                is_silver = not table.name.startswith(("fact_", "agg_"))
                schema = "retailpulse_silver" if is_silver else "retailpulse"
                view = f"create view {schema}.{table.name} as from '{table}/*.parquet'"
                connection.execute(view)
        totals = totals_of_tables(connection)
    return {
        "work": told(child, "seconds"),
        "session": told(child, "start"),
        "whole": child.seconds,
    }, totals


def _baseline(name: str, raw: Path, output: Path) -> Child:
    return run_child(
        [sys.executable, "-m", f"benchmarks.baselines.{name}", raw, output],
        output.parent / f"{name}.log",
        folder=PROJECT,
    )


def _rows(spreads: Mapping[str, Spread]) -> list[Row]:
    def compared(ours: str, baseline: str) -> tuple[str, str, float]:
        left, right = spreads[ours], spreads[baseline]
        return left.text("s"), right.text("s"), left.median / right.median

    def shown(figure: str, ours: str, baseline: str) -> Row:
        left, right, ratio = compared(ours, baseline)
        return Row(figure, left, right, times(ratio))

    return [
        Row.at_most(
            "dbt's models against the script's statements",
            *compared("dbt models", "script statements"),
            2,
        ),
        shown(
            "dbt's models and data tests against the script's statements",
            "dbt models and data tests",
            "script statements",
        ),
        shown("dbt, the whole command, against the script's process", "dbt whole", "script whole"),
        Row.at_most(
            "dbt's models against Spark without session start",
            *compared("dbt models", "Spark work"),
            1 / 6,
        ),
        shown(
            "dbt, the whole command with data tests, against Spark's process with session start",
            "dbt whole",
            "Spark whole",
        ),
        Row("dbt's data tests", spreads["dbt data tests"].text("s")),
        Row("dbt's start-up", spreads["dbt start-up"].text("s")),
        Row("Spark's session start", "", spreads["Spark session"].text("s")),
        Row(
            "peak memory, dbt against the script",
            spreads["dbt memory"].text("GiB"),
            spreads["script memory"].text("GiB"),
        ),
    ]


if __name__ == "__main__":
    run(main)
