"""A history that DuckDB built, put into the local Athena: its tables row for row, not built again.

Both engines build the same rows (tests/athena/test_conformance.py), and Trino would take half an
hour for ten million events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks.command import BenchmarkError
from local_athena import LocalAthena
from retailpulse.cloud.athena_lake import AthenaLake
from retailpulse.local.home import Home
from retailpulse.local.lakehouse import open_lakehouse

# The materializations whose tables go on from run to run.
_KEPT: Final = ("incremental", "ledger")

# When a row was last written, by the columns that tables have for it. The runs of production write
# rows in this order, and compaction keeps it: so many of them, about 8 MB, become a file.
_WRITTEN_AT: Final = ("received_at", "status_at", "refunded_at", "changed_at")
_ROWS_OF_A_FILE: Final = 250_000

_HIVE_TYPES: Final = {"VARCHAR": "string", "DATE": "date"}
_POLL_SECONDS: Final = 0.2


def kept_tables(manifest: Mapping[str, Any]) -> list[str]:
    """Return the tables that go on from run to run, of dbt's manifest."""
    return [
        f"{node['schema']}.{node['alias']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] in _KEPT
    ]


def copy_history(
    home: Home, athena: LocalAthena, lake: AthenaLake, manifest: Path
) -> Iterator[str]:
    """Fill the tables of the lake from those of a lakehouse; yield what is being done.

    Args:
        home: The lakehouse, built.
        athena: The local Athena, where dbt has made the tables from no events.
        lake: The lake on it.
        manifest: That dbt's.
    """
    tables = kept_tables(json.loads(manifest.read_text(encoding="utf-8")))
    # A lakehouse that is open touches no file outside of its folder.
    scratch = home.root / "copied"
    scratch.mkdir(exist_ok=True)
    bucket = lake.tables.removeprefix("s3://").partition("/")[0]
    with open_lakehouse(home) as connection:
        for table in tables:
            name = table.partition(".")[2]
            columns = _columns(connection, table)
            written_at = next((each for each in _WRITTEN_AT if each in columns), None)
            # The run that made the tables has recorded its windows.
            _run(athena, lake, [f"delete from {table}"])  # noqa: S608 - our tables
            for number, condition in enumerate(_batches(connection, table, written_at)):
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
    connection: duckdb.DuckDBPyConnection, table: str, written_at: str | None
) -> Sequence[str]:
    """Return conditions that part a table into files."""
    if written_at is None:
        return ["true"]
    starts = connection.execute(
        f"select {written_at} from {table} "  # noqa: S608 - our tables
        f"qualify row_number() over (order by {written_at}) % {_ROWS_OF_A_FILE} = 0 order by 1"
    ).fetchall()
    return parts_of(written_at, [start for (start,) in starts if start is not None])


def parts_of(column: str, starts: Sequence[datetime]) -> list[str]:
    """Return conditions of which each row meets one: before, between and after `starts`."""
    parts = [
        f"{column} >= timestamp '{start}'" + (f" and {column} < timestamp '{end}'" if end else "")
        for start, end in zip_longest(starts, starts[1:])
    ]
    first = f"{column} < timestamp '{starts[0]}' or {column} is null" if starts else "true"
    return [first, *parts]


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
