"""`python -m benchmarks.baselines.duckdb_build RAW FILE`: raw to gold by one script."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_suffix(".sql")


def main() -> None:
    """Build the tables, and say how long the statements took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path, help="the raw zone's folder")
    parser.add_argument("file", type=Path, help="the DuckDB file to make")
    arguments = parser.parse_args()
    started = time.perf_counter()
    with duckdb.connect(arguments.file) as connection:
        connection.execute("set variable raw = ?", [str(arguments.raw)])
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
    print(f"seconds {time.perf_counter() - started:.3f}")  # noqa: T201 - read by benchmarks.build


if __name__ == "__main__":
    main()
