"""`python -m benchmarks.pull`: rows of a database into the raw zone, and dlt from the same server.

Everything by the processor's time, as servers and other work share the machine.
"""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.command import PROJECT, BenchmarkError, run, work_folder
from benchmarks.database_servers import Server, mariadb, postgresql
from benchmarks.measure import Child, Spread, number, run_child, told
from benchmarks.results import Row, Section, publish, times
from benchmarks.returned_rows import (
    HELD_SECONDS,
    OVERLAP_SECONDS,
    PULL_SECONDS,
    Returned,
    returned_rows,
)
from benchmarks.sales_table import (
    COLUMNS,
    MOST_ROWS,
    MYSQL,
    POSTGRESQL,
    created,
    filled,
    source_of,
)
from retailpulse.terminal import Terminal
from tests.support.databases.mariadb_server import NotInstalledError

FEW: Final = 100_000
RATED: Final = 500_000
MANY: Final = MOST_ROWS

_REPETITIONS: Final = 3
_LEAST_RATES: Final = {POSTGRESQL: 150_000, MYSQL: 70_000}
_MOST_MEGABYTES: Final = 200

OURS: Final = "RetailPulse"
_DLT: Final = {"sqlalchemy": "JSON lines", "pyarrow": "Parquet"}
"""dlt's backends, and what each writes."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found on one server.

    Attributes:
        version: Its name and its version.
        engine: Its engine.
        few: A first load of FEW rows.
        many: One of MANY rows.
        rated: Loads of RATED rows, by who made them.
        returned: How many rows the server returned for those that were changed.
    """

    version: str
    engine: str
    few: Child
    many: Child
    rated: Mapping[str, Sequence[Child]]
    returned: Returned


def main() -> None:
    """Measure, compare and publish."""
    if find_spec("dlt") is None:
        raise BenchmarkError("dlt is missing: run `make bench-pull`, which installs it")
    terminal = Terminal()
    folder = work_folder("pull")
    found, missing = [], []
    servers: Sequence[Callable[[Path], AbstractContextManager[Server]]] = (postgresql, mariadb)
    for start in servers:
        try:
            with start(folder / "server") as server:
                found.append(_on(server, folder, terminal))
        except NotInstalledError as error:
            missing.append(f"Not measured on MariaDB: {error}.")
            terminal.say(missing[-1])
    publish(
        Section(
            "pull",
            "Pull: rows of a database into the raw zone",
            "make bench-pull",
            [row for each in found for row in _rows(each)],
            [*_notes(found), *missing],
        ),
        terminal,
    )


def _on(server: Server, folder: Path, terminal: Terminal) -> Found:
    rated: defaultdict[str, list[Child]] = defaultdict(list)
    loads: dict[str, Callable[[], Child]] = {
        OURS: partial(_load, server, RATED, folder),
        **{backend: partial(_load_by_dlt, server, backend, folder) for backend in _DLT},
    }
    server.database.execute(*created(server.engine))
    _fill(server, 1, FEW, terminal)
    with terminal.step(f"{server.version}: {FEW:,} rows"):
        few = _load(server, FEW, folder)
    _fill(server, FEW + 1, RATED, terminal)
    for turn in range(_REPETITIONS):
        for name, load in loads.items():
            with terminal.step(
                f"{server.version}: {RATED:,} rows by {name}, {turn + 1} of {_REPETITIONS}"
            ):
                rated[name].append(load())
    _fill(server, RATED + 1, MANY, terminal)
    with terminal.step(f"{server.version}: {MANY:,} rows"):
        many = _load(server, MANY, folder)
    server.database.execute("drop table sales", *created(server.engine))
    _fill(server, 1, FEW, terminal)
    with terminal.step(f"{server.version}: pulls while rows change"):
        returned = returned_rows(server, _emptied(folder / "changes"), FEW)
    return Found(server.version, server.engine, few, many, rated, returned)


def _fill(server: Server, first: int, last: int, terminal: Terminal) -> None:
    with terminal.step(f"{server.version}: making rows up to {last:,} (not measured)"):
        server.database.execute(*filled(server.engine, first, last))


def _load(server: Server, rows: int, folder: Path) -> Child:
    return _run(
        ["benchmarks.first_load", server.engine, str(server.process), str(rows)],
        server,
        folder / "first_load",
    )


def _load_by_dlt(server: Server, backend: str, folder: Path) -> Child:
    child = _run(
        ["benchmarks.baselines.dlt_load", server.engine, backend], server, folder / "dlt_load"
    )
    if told(child, "rows") != RATED:
        raise BenchmarkError(f"dlt loaded {told(child, 'rows'):,.0f} rows and not {RATED:,}")
    return child


def _run(command: Sequence[str], server: Server, folder: Path) -> Child:
    """Run a load into an empty folder, which is deleted behind it."""
    child = run_child(
        [sys.executable, "-m", *command, _emptied(folder)],
        folder.with_suffix(".log"),
        environment={
            source_of(server.engine).connection: server.database.reader,
            "RUNTIME__DLTHUB_TELEMETRY": "false",
        },
        folder=PROJECT,
    )
    shutil.rmtree(folder)
    return child


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _rows(found: Found) -> list[Row]:
    ours = found.rated[OURS]
    landed = _spread(ours, "landed_seconds").per(RATED)
    compared = _spread(ours, "compared_seconds").per(RATED)
    by_dlt = {name: _spread(found.rated[name], "seconds").per(RATED) for name in _DLT}
    least = _LEAST_RATES[found.engine]
    goal = f"≥ {least:,} rows/s"
    most_memory = max(told(child, "memory") for child in (found.few, found.many)) / 1e6
    returned = found.returned.rows / found.returned.changes
    rows = [
        *(
            Row(
                f"a first load, against dlt's {name} to {format_}",
                landed.text("rows/s"),
                by_dlt[name].text("rows/s"),
                times(landed.median / by_dlt[name].median),
                goal,
                landed.median >= least,
            )
            for name, format_ in _DLT.items()
        ),
        Row("a first load with the comparison that follows it", compared.text("rows/s")),
        Row(
            f"the same of {MANY:,} rows, against the first load alone",
            f"{number(MANY / told(found.many, 'compared_seconds'))} rows/s",
            f"{number(MANY / told(found.many, 'landed_seconds'))} rows/s",
        ),
        Row(
            "the server's processor for a row, with the comparison, against the first load alone",
            _server(ours, "compared"),
            _server(ours, "landed"),
        ),
        Row(
            f"peak memory, {MANY:,} rows against {FEW:,}",
            _megabytes(found.many),
            _megabytes(found.few),
            times(told(found.many, "memory") / told(found.few, "memory")),
            f"≤ {_MOST_MEGABYTES} MB",
            most_memory <= _MOST_MEGABYTES,
        ),
        *(
            Row(
                f"peak memory, {RATED:,} rows, against dlt's {name} to {format_}",
                _megabytes(ours[0]),
                _megabytes(found.rated[name][0]),
            )
            for name, format_ in _DLT.items()
        ),
        Row(
            "rows that the server returned for one that was changed",
            number(returned),
            goal=f"≤ {number(found.returned.bound)}",
            met=returned <= found.returned.bound,
        ),
    ]
    return [replace(row, figure=f"{found.version}: {row.figure}") for row in rows]


def _spread(children: Sequence[Child], name: str) -> Spread:
    return Spread(tuple(told(child, name) for child in children))


def _server(children: Sequence[Child], until: str) -> str:
    seconds = _spread(children, f"{until}_server_seconds")
    return Spread(tuple(1e6 * value / RATED for value in seconds.values)).text("µs")


def _megabytes(child: Child) -> str:
    return f"{number(told(child, 'memory') / 1e6)} MB"


def _notes(found: Sequence[Found]) -> list[str]:
    of_mariadb = (
        [
            "MariaDB tells whole seconds of transactions and statements, so that a pull reads two "
            "more there than the goal counts."
        ]
        if any(each.engine == MYSQL for each in found)
        else []
    )
    bytes_a_row = told(found[0].rated[OURS][0], "bytes_written") / RATED
    return [
        f"A table of {COLUMNS} columns, {RATED:,} rows of it {_REPETITIONS} times where nothing "
        "else is said, in turn. Rates are rows for a second of the process's own processor time; "
        "the server's is told apart.",
        "Ours is what `retailpulse pull` does: each row as a CloudEvent in its envelope, gzip, "
        f"{bytes_a_row:.0f} bytes a row, each object synced to the disk, and a note of which rows "
        "have landed. A first load is followed by a comparison of the whole table with what has "
        "landed.",
        f"The baseline is dlt {version('dlt')}, `sql_table` with its defaults, to a folder: "
        "extracted, normalized and loaded, without telemetry. It keeps no note of its rows, and "
        "compares nothing.",
        f"Rows returned: {found[0].returned.changes:,} rows were changed once each, beside a "
        f"transaction that is open for {HELD_SECONDS} s, a pull each {PULL_SECONDS} s, "
        f"`overlap_seconds` {OVERLAP_SECONDS}. The goal is 1 + (overlap + age of the oldest "
        "transaction at a pull, on average) ÷ time between pulls.",
        *of_mariadb,
    ]


if __name__ == "__main__":
    run(main)
