"""A history that DuckDB built, put into the local Athena: its tables row for row, not built again.

Both engines build the same rows (tests/athena/test_conformance.py), and Trino would take half an
hour for ten million events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
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

# A statement of Athena's opens 100 partitions at most.
_MOST_PARTITIONS: Final = 100

_HIVE_TYPES: Final = {"VARCHAR": "string", "DATE": "date"}
_POLL_SECONDS: Final = 0.2


def kept_tables(manifest: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """Return the tables that go on from run to run, each with the columns that partition it.

    Args:
        manifest: Of dbt, parsed for Athena: `month(a_date)` is a partition by `a_date`.
    """
    return {
        f"{node['schema']}.{node['alias']}": [
            each.partition("(")[2].rstrip(")") or each
            for each in node["config"].get("partitioned_by") or ()
        ]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] in _KEPT
    }


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
        for table, partition_columns in tables.items():
            name = table.partition(".")[2]
            columns = _columns(connection, table)
            day = next((each for each in partition_columns if columns[each] == "DATE"), None)
            # The run that made the tables has recorded its windows.
            _run(athena, lake, [f"delete from {table}"])  # noqa: S608 - our tables
            for number, condition in enumerate(_batches(connection, table, day)):
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
