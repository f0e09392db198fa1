"""`python -m benchmarks.baselines.duckdb_file FILE FOLDER`: DuckDB's reader, and nothing else."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

from benchmarks.measure import own_peak_bytes


def main() -> None:
    """Read all cells; say how many rows there were, the processor time, and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path, help="an empty folder")
    arguments = parser.parse_args()
    with duckdb.connect(config={"threads": 1}) as connection:
        started = time.process_time()
        [(rows, *_)] = connection.execute(
            "select count(*), min(columns(*)) from read_csv(?, all_varchar = true)",
            [str(arguments.file)],
        ).fetchall()
        seconds = time.process_time() - started
    print(f"rows {rows}")  # noqa: T201 - read by the benchmark
    print(f"seconds {seconds}")  # noqa: T201
    print(f"memory {own_peak_bytes()}")  # noqa: T201


if __name__ == "__main__":
    main()
