"""What a lakehouse and this process take up."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took.

    Attributes:
        seconds: by the clock.
        cpu_seconds: of this process; a busy machine has little influence on it.
        memory_mb: of this process after it.
    """

    seconds: float
    cpu_seconds: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Size:
    """What a lakehouse consists of.

    Attributes:
        files: of its tables.
        folders: that these are in: one a partition.
        catalog_rows: in all tables of the catalog.
    """

    files: int
    folders: int
    catalog_rows: int


_FILES = """
    select table_id, path from ducklake_data_file
    union all
    select table_id, path from ducklake_delete_file
"""


def measured(run: Callable[[], None]) -> Cost:
    """Run something in this process and say what it cost."""
    began, cpu_began = time.monotonic(), time.process_time()
    run()
    return Cost(time.monotonic() - began, time.process_time() - cpu_began, _memory_mb())


def size_of(home: Path) -> Size:
    """Count the files that the catalog of a lakehouse names, and its rows.

    A merge that deletes rows twice leaves a file that no catalog names (DuckLake 1.5.5, six in 100
    runs), which upkeep deletes an hour later: longer than a soak takes.
    """
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        named = catalog.execute(_FILES).fetchall()
        tables = catalog.execute("select name from sqlite_master where type = 'table'").fetchall()
        rows = [catalog.execute(f'select count(*) from "{name}"').fetchone() for (name,) in tables]
    folders = {(table, path.rpartition("/")[0]) for table, path in named}
    return Size(len(named), len(folders), sum(count for (count,) in rows))


def typical(costs: Sequence[Cost]) -> Cost:
    """The medians."""
    return Cost(
        median(cost.seconds for cost in costs),
        median(cost.cpu_seconds for cost in costs),
        median(cost.memory_mb for cost in costs),
    )


def _memory_mb() -> float:
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", f"{os.getpid()}"], capture_output=True, text=True, check=True
    )
    return int(told.stdout) / 1024
