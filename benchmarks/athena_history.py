"""A history that DuckDB built, put into the local Athena: its tables row for row, not built again.

Both engines build the same rows (tests/athena/test_conformance.py), and Trino would take half an
hour for ten million events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
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

# When a row was last written, by the columns that tables have for it. Runs write rows in this
# order, and compaction leaves files alone from a size on (macros/engine/partitions.sql), or larger
# ones where an hour brings more. Rows that are updated lie in no order within the days in which
# that happens: a file of which a row was updated is rewritten, together with others.
_APPENDED_AT: Final = "received_at"
_WRITTEN_AT: Final = (_APPENDED_AT, "status_at", "refunded_at", "changed_at")
_UPDATED_FOR: Final = "week"
_LEAST_SIZE: Final = "optimize_rewrite_min_data_file_size_bytes"
# Of so many the size of a row is known, about: Trino's files are not DuckDB's to the byte.
_SAMPLED_ROWS: Final = 20_000
_MARGIN: Final = 1.2

# What is older than any late event touches need not be parted.
_TOUCHED_DAYS: Final = 40

_HIVE_TYPES: Final = {"VARCHAR": "string", "DATE": "date"}
_POLL_SECONDS: Final = 0.2


def kept_tables(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Return the tables that go on from run to run, of dbt's manifest.

    Returns:
        Each with the size in bytes from which on compaction leaves a file alone; 0 if it says none.
    """
    return {
        f"{node['schema']}.{node['alias']}": int(
            (node["config"].get("table_properties") or {}).get(_LEAST_SIZE, 0)
        )
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
        for table, least_size in tables.items():
            name = table.partition(".")[2]
            columns = _columns(connection, table)
            # The run that made the tables has recorded its windows.
            _run(athena, lake, [f"delete from {table}"])  # noqa: S608 - our tables
            rows = _rows_of_a_file(connection, table, least_size, scratch / "sample.parquet")
            parts = _part(connection, table, columns, rows)
            for part in parts:
                yield f"{table}, part {part} of {parts[-1]}"
                file = scratch / f"{name}-{part}.parquet"
                # Timestamps travel as text: Hive tables hold milliseconds.
                texts = ", ".join(
                    f"cast({column} as varchar) as {column}" if kind == "TIMESTAMP" else column
                    for column, kind in columns.items()
                )
                connection.execute(
                    f"copy (select {texts} from parted where part = {part}) to '{file}' (format parquet)"  # noqa: S608, E501
                )
                key = f"copied/{name}-{part}/part.parquet"
                athena.client("s3").upload_file(str(file), bucket, key)
                file.unlink()
                _insert(athena, lake, table, columns, f"s3://{bucket}/{key.rpartition('/')[0]}/")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}


def _rows_of_a_file(
    connection: duckdb.DuckDBPyConnection, table: str, least_size: int, sample: Path
) -> int:
    """Return how many rows make a file that compaction leaves alone."""
    query = f"from {table} limit {_SAMPLED_ROWS}"
    (count,) = connection.execute(
        f"copy ({query}) to '{sample}' (format parquet, compression zstd)"
    ).fetchall()[0]
    size = sample.stat().st_size
    sample.unlink()
    return max(1, round(_MARGIN * least_size * int(count) / size))


def _part(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: int
) -> list[int]:
    """Put a table's rows into `parted`, each with the number of its file; return the numbers."""
    query = part_query(table, columns, rows)
    connection.execute(f"create or replace temp table parted as {query}")
    found = connection.execute("select distinct part from parted order by part").fetchall()
    return [int(part) for (part,) in found]


def part_query(table: str, columns: Mapping[str, str], rows: int) -> str:
    """Return the query of a table's rows with `part`, which grows in the order of writing.

    Args:
        table: The table.
        columns: Its columns: name and type.
        rows: Of a part, where an hour does not bring more.
    """
    written = next((column for column in _WRITTEN_AT if column in columns), None)
    if written is None:
        return f"select *, 0 as part from {table}"  # noqa: S608 - our tables
    order = (
        written
        if written == _APPENDED_AT
        else f"date_trunc('{_UPDATED_FOR}', {written}), hash({written})"
    )
    return f"""
        with measured as (
            select
                max({written}) - interval '{_TOUCHED_DAYS} days' as touched_from,
                greatest(
                    {rows},
                    count(*) // greatest(1, date_diff('hour', min({written}), max({written})))
                ) as rows_of_a_file
            from {table}
        )
        select
            * exclude (touched_from, rows_of_a_file),
            case
                when {written} >= touched_from
                    then 1 + count(*) over (
                        partition by {written} >= touched_from
                        order by {order} rows between unbounded preceding and 1 preceding
                    ) // rows_of_a_file
                else 0
            end as part
        from {table}, measured
    """  # noqa: S608 - our tables


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
