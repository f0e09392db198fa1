"""`python -m benchmarks.files`: rows of a CSV file into the raw zone, and pandas beside it."""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.command import PROJECT, BenchmarkError, run, work_folder
from benchmarks.measure import Child, Spread, number, run_child, told
from benchmarks.results import Row, Section, publish, times
from retailpulse.terminal import Terminal

ROWS: Final = 1_000_000
MANY: Final = 10_000_000

_REPETITIONS: Final = 3
_LEAST_RATIO: Final = 2.5
_MOST_MEMORY: Final = 0.25
_LEAST_MEGABYTES: Final = 10
_MOST_MEGABYTES: Final = 150
_LEVEL: Final = "6"

_OURS: Final = "RetailPulse"
_OURS_BY_ZLIB: Final = "RetailPulse, gzip as pandas' side"
_PANDAS: Final = "pandas"
_DUCKDB: Final = "DuckDB's reader"
_COMMANDS: Final = {
    _OURS: ("benchmarks.files_landing",),
    _OURS_BY_ZLIB: ("benchmarks.files_landing", "--level", _LEVEL),
    _PANDAS: ("benchmarks.baselines.pandas_file", "--level", _LEVEL),
    _DUCKDB: ("benchmarks.baselines.duckdb_file",),
}


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    folder = work_folder("files")
    file, large = folder / "orders.csv", folder / "orders_many.csv"
    with terminal.step(f"Writing {ROWS:,} and {MANY:,} rows (not measured)"):
        _write(file, ROWS)
        _write(large, MANY)
    found: defaultdict[str, list[Child]] = defaultdict(list)
    for turn in range(_REPETITIONS):
        for name in _COMMANDS:
            with terminal.step(f"{ROWS:,} rows by {name}, {turn + 1} of {_REPETITIONS}"):
                found[name].append(_run(name, file, ROWS, folder / "work"))
    with terminal.step(f"{MANY:,} rows by {_OURS}"):
        many = _run(_OURS, large, MANY, folder / "work")
    large_megabytes = large.stat().st_size / 1e6
    file_bytes = file.stat().st_size
    large.unlink()
    publish(
        Section(
            "files",
            "Files: rows of a CSV file into the raw zone",
            "make bench-files",
            _rows(found, many, file_bytes / 1e6),
            [
                f"A file of 7 columns and {file_bytes / ROWS:.0f} bytes a row, {ROWS:,} rows of it "
                f"{_REPETITIONS} times, in turn; rates are of the process's own processor time, "
                "one thread.",
                "Ours is what `retailpulse drop` does: the file's hash, each row as a CloudEvent "
                f"in its envelope ({told(found[_OURS][0], 'bytes_written') / ROWS:.0f} bytes "
                "packed by ISA-L), each object synced, a checkpoint with each.",
                "pandas is `benchmarks/baselines/pandas_file.py`: `read_csv`, an object of JSON a "
                f"row, gzip {_LEVEL}; no envelope and no position. DuckDB reads and writes "
                "nothing. Both refuse a file with one row that is none.",
                f"The file of {MANY:,} rows has {large_megabytes:,.0f} MB.",
            ],
        ),
        terminal,
    )


def _write(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write("order_id,product,product_name,total_amount,currency_code,ordered_at,status\n")
        for row in range(rows):
            out.write(
                f"{row},SKU-{row % 1000},Some product name,{row % 500}.50,EUR,"
                f"2026-01-15T{row % 24:02d}:00:00Z,NEW\n"
            )


def _run(name: str, file: Path, rows: int, folder: Path) -> Child:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    module, *options = _COMMANDS[name]
    child = run_child(
        [sys.executable, "-m", module, file, folder, *options],
        folder.with_suffix(".log"),
        folder=PROJECT,
    )
    shutil.rmtree(folder)
    if told(child, "rows") != rows:
        raise BenchmarkError(f"{name} had {told(child, 'rows'):,.0f} rows and not {rows:,}")
    return child


def _rows(found: dict[str, list[Child]], many: Child, megabytes: float) -> list[Row]:
    rates = {name: _spread(children, "seconds").per(ROWS) for name, children in found.items()}
    by_bytes = _spread(found[_OURS], "seconds").per(megabytes)
    ratio = rates[_OURS].median / rates[_PANDAS].median
    memory = told(found[_OURS][0], "memory") / told(found[_PANDAS][0], "memory")
    most = max(told(child, "memory") for child in (*found[_OURS], many)) / 1e6
    return [
        Row(
            "rows of a file, against pandas",
            rates[_OURS].text("rows/s"),
            rates[_PANDAS].text("rows/s"),
            times(ratio),
            f"≥ {_LEAST_RATIO} ×",
            ratio >= _LEAST_RATIO,
        ),
        Row(
            "the same with equal compression",
            rates[_OURS_BY_ZLIB].text("rows/s"),
            rates[_PANDAS].text("rows/s"),
            times(rates[_OURS_BY_ZLIB].median / rates[_PANDAS].median),
        ),
        Row(
            "rows of a file, against DuckDB's reader alone",
            rates[_OURS].text("rows/s"),
            rates[_DUCKDB].text("rows/s"),
            times(rates[_OURS].median / rates[_DUCKDB].median),
        ),
        Row(
            "bytes of a file a second",
            by_bytes.text("MB/s"),
            goal=f"≥ {_LEAST_MEGABYTES} MB/s",
            met=by_bytes.median >= _LEAST_MEGABYTES,
        ),
        Row.at_most(
            "peak memory, against pandas",
            _megabytes(found[_OURS]),
            _megabytes(found[_PANDAS]),
            memory,
            _MOST_MEMORY,
        ),
        Row(
            f"peak memory, {MANY:,} rows against {ROWS:,}",
            _megabytes([many]),
            _megabytes(found[_OURS]),
            times(told(many, "memory") / told(found[_OURS][0], "memory")),
            f"≤ {_MOST_MEGABYTES} MB",
            most <= _MOST_MEGABYTES,
        ),
    ]


def _spread(children: Sequence[Child], name: str) -> Spread:
    return Spread(tuple(told(child, name) for child in children))


def _megabytes(children: Sequence[Child]) -> str:
    return f"{number(max(told(child, 'memory') for child in children) / 1e6)} MB"


if __name__ == "__main__":
    run(main)
