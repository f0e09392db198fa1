"""`retailpulse sql`: read the lakehouse, while builds go on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import duckdb
import typer
from typer.core import TyperCommand

from retailpulse.cloud.athena_lake import find_athena_lake
from retailpulse.cloud.athena_sql import check_reads, query_athena
from retailpulse.errors import SetupError, WorkError
from retailpulse.formats import Row, table_of, write_csv, write_json
from retailpulse.local.home import find_home
from retailpulse.local.lakehouse import open_lakehouse
from retailpulse.local.meanings import column_meanings
from retailpulse.local.read_only import check_read_only, described_table, one_line
from retailpulse.terminal import Terminal

STDIN: Final = "-"

# More are not for reading, and a table is kept whole until its columns' widths are known.
_MOST_ROWS: Final = 1_000
_FETCHED_ROWS: Final = 1_000


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Target(StrEnum):
    """Which engine answers, by the name of its target in profiles.yml."""

    DUCKDB = "duckdb"
    ATHENA = "athena"


class SqlCommand(TyperCommand):
    """Takes SQL that begins with a comment for SQL, although it looks like an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put such SQL where no option is looked for."""
        # A comment ends with its line, and no option's name has two.
        texts = [each for each in args if each.startswith("--") and "\n" in each]
        if texts and "--" not in args:
            args = [*(each for each in args if each not in texts), "--", *texts]
        return super().parse_args(ctx, args)


def sql(
    query: Annotated[
        str | None,
        typer.Argument(metavar="SQL", help="One SELECT, SHOW, DESCRIBE or EXPLAIN; - is stdin."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Read the SQL from a file.")
    ] = None,
    output_format: Annotated[
        Format,
        typer.Option("--format", help="A table for people, CSV or JSON, all rows, for programs."),
    ] = Format.TABLE,
    target: Annotated[
        Target,
        typer.Option(envvar="RETAILPULSE_TARGET", help="The engine: this machine's, or Athena."),
    ] = Target.DUCKDB,
) -> None:
    """Query the lakehouse, read-only; works while a build is running.

    A name without a schema is gold's, else silver's:
    retailpulse sql "select event_date, daily_revenue from agg_daily_revenue"
    """
    text = _text(query, file)
    if target is Target.ATHENA:
        columns, rows = query_athena(find_athena_lake(), check_reads(text))
        _write(columns, rows, output_format)
        return
    home = find_home()
    with open_lakehouse(home) as connection:
        statement = check_read_only(connection, text)
        try:
            connection.execute(statement)
        except duckdb.Error as error:
            raise WorkError(one_line(error)) from error
        names = [column[0] for column in connection.description or ()]
        table = described_table(text)
        if table is not None:
            meanings = column_meanings(home.project, table)
            described = ((*row[:2], meanings.get(row[0])) for row in _rows(connection))
            _write([*names[:2], "meaning"], described, output_format)
        elif names == ["explain_key", "explain_value"] and output_format is Format.TABLE:
            _write_plan(connection)
        else:
            _write(names, _rows(connection), output_format)


def _text(query: str | None, file: Path | None) -> str:
    """Return the SQL from where it is given."""
    if query is not None and file is not None:
        raise SetupError("the SQL is given twice: leave out --file or the text")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError(f"{file} cannot be read as SQL: {error}") from error
    if query is not None and query != STDIN:
        return query
    if query is None and sys.stdin.isatty():
        raise SetupError('there is no SQL: try retailpulse sql "show tables"')
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise SetupError(f"standard input is no SQL: {error}") from error


def _write(columns: Sequence[str], rows: Iterable[Row], output_format: Format) -> None:
    if output_format is Format.CSV:
        write_csv(columns, rows, sys.stdout)
    elif output_format is Format.JSON:
        write_json(columns, rows, sys.stdout)
    else:
        rest = iter(rows)
        Terminal().show(table_of(columns, islice(rest, _MOST_ROWS)))
        if next(rest, None) is not None:
            typer.echo(
                f"The first {_MOST_ROWS:,} rows; --format csv or json has all of them.", err=True
            )


def _write_plan(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the plan of an EXPLAIN, which is drawn over many lines."""
    for _, plan in connection.fetchall():
        sys.stdout.write(f"{plan}\n")


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := connection.fetchmany(_FETCHED_ROWS):
        yield from rows
