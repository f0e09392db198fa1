"""`retailpulse sql`: read the lakehouse, while builds go on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated

import duckdb
import typer

from retailpulse.athena_lake import find_athena_lake
from retailpulse.athena_sql import check_reads, query_athena
from retailpulse.errors import WorkError
from retailpulse.formats import Row, table_of, write_csv, write_json
from retailpulse.home import find_home
from retailpulse.lakehouse import open_lakehouse
from retailpulse.read_only import check_read_only, one_line
from retailpulse.terminal import Terminal

_FETCHED_ROWS = 1_000


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Target(StrEnum):
    """Which engine answers, by the name of its target in profiles.yml."""

    DUCKDB = "duckdb"
    ATHENA = "athena"


def sql(
    query: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, SHOW or DESCRIBE.")],
    output_format: Annotated[
        Format, typer.Option("--format", help="A table for people, CSV or JSON for programs.")
    ] = Format.TABLE,
    target: Annotated[
        Target,
        typer.Option(envvar="RETAILPULSE_TARGET", help="The engine: this machine's, or Athena."),
    ] = Target.DUCKDB,
) -> None:
    """Query the lakehouse, read-only; works while a build is running.

    Gold is in the schema retailpulse, silver in retailpulse_silver:
    retailpulse sql "select event_date, daily_revenue from retailpulse.agg_daily_revenue"
    """
    if target is Target.ATHENA:
        columns, rows = query_athena(find_athena_lake(), check_reads(query))
        _write(columns, rows, output_format)
        return
    with open_lakehouse(find_home()) as connection:
        statement = check_read_only(connection, query)
        try:
            connection.execute(statement)
            names = [column[0] for column in connection.description or ()]
            _write(names, _rows(connection), output_format)
        except duckdb.Error as error:
            raise WorkError(one_line(error)) from error


def _write(columns: Sequence[str], rows: Iterable[Row], output_format: Format) -> None:
    if output_format is Format.CSV:
        write_csv(columns, rows, sys.stdout)
    elif output_format is Format.JSON:
        write_json(columns, rows, sys.stdout)
    else:
        Terminal().show(table_of(columns, rows))


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := connection.fetchmany(_FETCHED_ROWS):
        yield from rows
