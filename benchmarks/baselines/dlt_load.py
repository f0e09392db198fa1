"""`python -m benchmarks.baselines.dlt_load`: the table by dlt, as its documentation has it.

Backend `sqlalchemy` writes JSON lines, gzip among them, and `pyarrow` Parquet: what each is at its
best with. Both go to a folder, dlt's `filesystem`.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Final

import dlt
import psycopg
import sqlalchemy
from dlt.destinations import filesystem
from dlt.sources.sql_database import sql_table

from benchmarks.measure import own_peak_bytes
from benchmarks.sales_table import POSTGRESQL, source_of

FORMATS: Final = {"sqlalchemy": "jsonl", "pyarrow": "parquet"}
"""dlt's backends, and the format of the files that each writes here."""


def main() -> None:
    """Load the table; say how many rows there were, the processor time, and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", help="postgresql or mysql; its address is in the environment")
    parser.add_argument("backend", choices=FORMATS)
    parser.add_argument("folder", type=Path, help="an empty folder")
    arguments = parser.parse_args()
    source = source_of(arguments.engine)
    engine = _engine(arguments.engine, os.environ[source.connection])
    started = time.process_time()
    pipeline = dlt.pipeline(
        pipeline_name="sales",
        pipelines_dir=str(arguments.folder / "pipelines"),
        destination=filesystem(bucket_url=(arguments.folder / "loaded").as_uri()),
        dataset_name="shop",
    )
    pipeline.run(
        sql_table(engine, source.tables[0].name, backend=arguments.backend),
        loader_file_format=FORMATS[arguments.backend],
    )
    seconds = time.process_time() - started
    normalized = pipeline.last_trace.last_normalize_info
    print(f"rows {normalized.row_counts['sales']}")  # noqa: T201 - read by the benchmark
    print(f"seconds {seconds}")  # noqa: T201
    print(f"memory {own_peak_bytes()}")  # noqa: T201


def _engine(name: str, address: str) -> sqlalchemy.Engine:
    if name == POSTGRESQL:
        # The driver that is here; dlt's own choice, psycopg2, is its predecessor.
        given = psycopg.conninfo.conninfo_to_dict(address)
        return sqlalchemy.create_engine("postgresql+psycopg://", connect_args=given)
    url = sqlalchemy.make_url(address).set(drivername="mysql+pymysql")
    # PyMySQL takes a text for Latin-1.
    password = str(url.password).encode()
    return sqlalchemy.create_engine(url.set(password=None), connect_args={"password": password})


if __name__ == "__main__":
    main()
