"""A history that DuckDB built, put into the local Athena: its tables row for row, not built again.

Both engines build the same rows (tests/athena/test_conformance.py), and Trino would take half an
hour for ten million events.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import duckdb

from benchmarks.command import BenchmarkError
from local_athena import LocalAthena
from retailpulse.cloud.athena_lake import AthenaLake
from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse

# Table to its partition column; a statement of Athena's opens 100 partitions at most.
TABLES: Final = {
    "retailpulse_silver.order_events": "event_utc_date",
    "retailpulse_silver.quarantined_events": "arrival_date",
    "retailpulse_silver.orders": "order_utc_date",
    "retailpulse.fact_orders": "event_date",
    "retailpulse_silver.run_windows": None,
}
_MOST_PARTITIONS: Final = 100

_HIVE_TYPES: Final = {"VARCHAR": "string", "DATE": "date"}
_POLL_SECONDS: Final = 0.2


def copy_history(home: Home, athena: LocalAthena, lake: AthenaLake) -> Iterator[str]:
    """Fill the empty tables of the lake from those of a lakehouse; yield what is being done.

    Args:
        home: The lakehouse, built.
        athena: The local Athena, where dbt has made the tables.
        lake: The lake on it.
    """
    # A lakehouse that is open touches no file outside of its folder.
    scratch = home.root / "copied"
    scratch.mkdir(exist_ok=True)
    bucket = lake.tables.removeprefix("s3://").partition("/")[0]
    with open_lakehouse(home) as connection:
        for table, partition_column in TABLES.items():
            name = table.partition(".")[2]
            columns = _columns(connection, table)
            for number, condition in enumerate(_batches(connection, table, partition_column)):
                yield f"{table}, part {number + 1}"
                file = scratch / f"{name}-{number}.parquet"
                # Timestamps travel as text: Hive tables hold milliseconds.
                texts = ", ".join(
                    f"cast({column} as varchar) as {column}" if kind == "TIMESTAMP" else column
                    for column, kind in columns.items()
                )
                connection.execute(
                    f"copy (select {texts} from {table} where {condition}) to '{file}' (format parquet)"  # noqa: S608, E501
                )
                key = f"copied/{name}-{number}/part.parquet"
                athena.client("s3").upload_file(str(file), bucket, key)
                file.unlink()
                _insert(athena, lake, table, columns, f"s3://{bucket}/{key.rpartition('/')[0]}/")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}


def _batches(
    connection: duckdb.DuckDBPyConnection, table: str, partition_column: str | None
) -> Iterator[str]:
    """Return conditions that part a table into what one statement may insert."""
    if partition_column is None:
        yield "true"
        return
    days = iter(
        row[0]
        for row in connection.execute(
            f"select distinct {partition_column} from {table} order by 1"  # noqa: S608 - our tables
        ).fetchall()
    )
    while batch := list(islice(days, _MOST_PARTITIONS)):
        yield f"{partition_column} between date '{batch[0]}' and date '{batch[-1]}'"


def _insert(
    athena: LocalAthena,
    lake: AthenaLake,
    table: str,
    columns: dict[str, str],
    location: str,
) -> None:
    definitions = [f"`{name}` {_hive_type(kind)}" for name, kind in columns.items()]
    values = [
        f"cast({name} as timestamp(6))" if kind == "TIMESTAMP" else name
        for name, kind in columns.items()
    ]
    _run(
        athena,
        lake,
        [
            f"create external table retailpulse.copied ({', '.join(definitions)}) "
            f"stored as parquet location '{location}'",
            # The run that made the tables has recorded its windows.
            *(["delete from retailpulse_silver.run_windows"] if "run_windows" in table else []),
            f"insert into {table} ({', '.join(columns)}) "  # noqa: S608 - our tables
            f"select {', '.join(values)} from retailpulse.copied",
            "drop table retailpulse.copied",
        ],
    )


def _hive_type(kind: str) -> str:
    if kind == "TIMESTAMP":
        return "string"
    return _HIVE_TYPES.get(kind, kind.lower())


def _run(athena: LocalAthena, lake: AthenaLake, statements: Sequence[str]) -> None:
    client = athena.client("athena")
    for statement in statements:
        execution = client.start_query_execution(QueryString=statement, WorkGroup=lake.work_group)[
            "QueryExecutionId"
        ]
        while True:
            status = client.get_query_execution(QueryExecutionId=execution)["QueryExecution"][
                "Status"
            ]
            if status["State"] == "SUCCEEDED":
                break
            if status["State"] in ("FAILED", "CANCELLED"):
                raise BenchmarkError(f"{statement[:80]}: {status.get('StateChangeReason')}")
            time.sleep(_POLL_SECONDS)
