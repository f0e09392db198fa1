"""`python -m benchmarks.baselines.pandas_file FILE FOLDER`: what a script with pandas does.

The whole file into a data frame, an object of JSON a row, one gzip file. No envelope, no position,
no resumption, and a file with one broken row is refused.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]

from benchmarks.measure import own_peak_bytes


def main() -> None:
    """Read and write; say how many rows there were, the processor time, and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path, help="an empty folder")
    parser.add_argument("--level", type=int, default=6, help="of gzip")
    arguments = parser.parse_args()
    started = time.process_time()
    frame = pd.read_csv(arguments.file, dtype=str)
    with gzip.open(arguments.folder / "rows.ndjson.gz", "wt", arguments.level) as out:
        for row in frame.to_dict("records"):
            out.write(json.dumps(row))
            out.write("\n")
    seconds = time.process_time() - started
    print(f"rows {len(frame)}")  # noqa: T201 - read by the benchmark
    print(f"seconds {seconds}")  # noqa: T201
    print(f"memory {own_peak_bytes()}")  # noqa: T201


if __name__ == "__main__":
    main()
