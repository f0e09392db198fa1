"""`python -m benchmarks.files_landing FILE FOLDER [LEVEL]`: land a file in a process of its own."""

from __future__ import annotations

import argparse
import gzip
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from benchmarks.measure import own_peak_bytes
from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.files.delivering import DroppedFile, Receiver
from ingestion.sources.files.feeds import read_feed
from ingestion.sources.state_store import FolderStateStore

FEED = """\
files: orders*.csv
key: order_id
columns:
  - {column: order_id, type: identifier}
  - {column: product, type: text}
  - {column: product_name, type: text}
  - {column: total_amount, type: amount}
  - {column: currency_code, type: currency}
  - {column: ordered_at, type: instant}
  - {column: status, type: text}
"""


def main() -> None:
    """Land the file; say how many rows there were, the processor time, and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path, help="an empty folder")
    parser.add_argument("--level", type=int, help="gzip by zlib at this level")
    arguments = parser.parse_args()
    feed_file = arguments.folder / "bench_orders.yml"
    feed_file.write_text(FEED, encoding="utf-8")
    feed = read_feed(feed_file)

    def open_file(offset: int) -> BinaryIO:
        file: BinaryIO = arguments.file.open("rb")
        file.seek(offset)
        return file

    receiver = Receiver(
        Ingester(FolderRawZone(arguments.folder / "raw")),
        FolderStateStore(arguments.folder / "files"),
    )
    if arguments.level:
        # As pandas' side.
        receiver.compress = partial(gzip.compress, compresslevel=arguments.level, mtime=0)
    started = time.process_time()
    dropped = DroppedFile(arguments.file.name, datetime.now(UTC), "", open_file)
    delivered = receiver.receive(dropped, feed)
    seconds = time.process_time() - started
    print(f"rows {delivered.progress.landed}")  # noqa: T201 - read by the benchmark
    print(f"bytes_written {delivered.progress.bytes_written}")  # noqa: T201
    print(f"seconds {seconds}")  # noqa: T201
    print(f"memory {own_peak_bytes()}")  # noqa: T201


if __name__ == "__main__":
    main()
