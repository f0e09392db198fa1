"""`python -m benchmarks.first_load`: a first load in a process of its own, and what it took."""

from __future__ import annotations

import argparse
import os
import time
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.measure import own_peak_bytes
from benchmarks.sales_table import source_of
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Activity, Progress, Puller
from ingestion.sources.state_store import FolderStateStore


def main() -> None:
    """Pull the table for the first time; say the processor time until it had landed, and all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", help="postgresql or mysql; its address is in the environment")
    parser.add_argument("server", type=int, help="the server's process")
    parser.add_argument("rows", type=int, help="how many rows the table has")
    parser.add_argument("folder", type=Path, help="an empty folder for raw/ and pulled/")
    arguments = parser.parse_args()
    source = source_of(arguments.engine)
    said: dict[str, float] = {}

    def note(name: str) -> None:
        said[f"{name}_seconds"] = time.process_time() - started
        said[f"{name}_server_seconds"] = server_seconds(arguments.server) - server_started

    def tell(progress: Progress) -> None:
        if progress.activity is Activity.FIRST_LOAD and progress.rows == arguments.rows:
            note("landed")

    with connect(source, os.environ[source.connection]) as session:
        session.check()
        puller = Puller(
            source,
            session,
            Ingester(FolderRawZone(arguments.folder / "raw")),
            FolderStateStore(arguments.folder / "pulled"),
            tell,
            scratch=arguments.folder,
        )
        started, server_started = time.process_time(), server_seconds(arguments.server)
        pulled = pull(puller, source.tables[0])
        note("compared")
    said["bytes_written"] = pulled.bytes_written
    said["memory"] = own_peak_bytes()
    for name, value in said.items():
        print(f"{name} {value}")  # noqa: T201 - read by the benchmark


def server_seconds(process: int) -> float:
    """Return the processor time of a server, of those of its sessions that have ended, too."""
    server = psutil.Process(process)
    # Of itself, and of its children that have ended.
    seconds: float = sum(server.cpu_times()[:4])
    for child in server.children():
        with suppress(psutil.NoSuchProcess):
            seconds += sum(child.cpu_times()[:2])
    return seconds


if __name__ == "__main__":
    main()
