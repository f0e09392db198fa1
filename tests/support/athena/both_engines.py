"""The same rows on both engines, and what each makes of them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from local_athena import LocalAthena

# What Trino calls the types of DuckDB. JSON is DuckDB's name for a VARCHAR that holds some.
_TYPES: Final = {"JSON": "varchar", "TIMESTAMP": "timestamp(6)"}

# How many characters are shown of a row that differs.
_SHOWN: Final = 300


class AthenaError(Exception):
    """Athena failed a statement."""


@dataclass(frozen=True)
class Table:
    """Edge values: the types of the columns, and the rows as text that casts to those types."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class Expressions:
    """What is evaluated, in an engine's SQL.

    Attributes:
        rows: A query for the rows, each with its `row_number`.
        by_name: Expressions over the columns of that query.
    """

    rows: str
    by_name: Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """A value as Athena writes it, and its type."""

    text: str | None
    type: str


@dataclass(frozen=True)
class Pair:
    """What an expression makes of a row, on each engine."""

    expression: str
    row: Sequence[str | None]
    athena: Cell
    duckdb: Cell

    def __repr__(self) -> str:
        """Show the row, in short, and both values."""
        row = repr(self.row)
        row = row if len(row) <= _SHOWN else f"{row[:_SHOWN]}…"
        return f"{self.expression} of {row}: {self.athena} on Athena, {self.duckdb} on DuckDB"


class BothEngines:
    """Athena by its API, and DuckDB in this process."""

    def __init__(self, athena: LocalAthena) -> None:
        """Make a bucket and a database of their own on a local Athena."""
        self._athena = athena.client("athena")
        self.glue = athena.client("glue")
        self.s3 = athena.client("s3")
        name = f"both-engines-{secrets.token_hex(4)}"
        self.bucket = name
        self.database = name.replace("-", "_")
        self.s3.create_bucket(Bucket=self.bucket)
        self.glue.create_database(DatabaseInput={"Name": self.database})

    def evaluate(self, table: Table, on_athena: Expressions, on_duckdb: Expressions) -> list[Pair]:
        """Evaluate the same expressions, in each engine's SQL, over every row of a table.

        The table is a real one, not a VALUES list, which Trino computes while it plans, by other
        code than a model's rows; and DuckDB meets all rows in one vector, as a model does.

        Raises:
            AthenaError: Athena failed a statement.
            duckdb.Error: DuckDB did.
        """
        location = f"s3://{self.bucket}/{self.database}/{table.name}/"
        self.athena(_create_on_athena(table, location))
        of_athena = self.athena(_evaluate(on_athena))
        with duckdb.connect() as connection:
            _create_on_duckdb(connection, table)
            of_duckdb = connection.execute(_evaluate(on_duckdb)).fetchall()
        return paired(list(on_athena.by_name), table.rows, of_athena, of_duckdb)

    def athena(self, sql: str) -> list[list[str | None]]:
        """Return the rows of a statement, as text.

        Raises:
            AthenaError: It failed.
        """
        execution_id = self._athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Catalog": "awsdatacatalog", "Database": self.database},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
        )["QueryExecutionId"]
        while True:
            execution = self._athena.get_query_execution(QueryExecutionId=execution_id)
            status = execution["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.05)
        if status["State"] != "SUCCEEDED":
            raise AthenaError(status.get("StateChangeReason"))
        results = self._athena.get_paginator("get_query_results")
        pages = results.paginate(QueryExecutionId=execution_id)
        rows = [row["Data"] for page in pages for row in page["ResultSet"]["Rows"]]
        # The first row holds the columns' names.
        return [[cell.get("VarCharValue") for cell in row] for row in rows[1:]]


def with_types(expressions: Sequence[str]) -> str:
    """Write a select list of each expression's text and its type, as `paired` reads them."""
    return ", ".join(f"cast({sql} as varchar), typeof({sql})" for sql in expressions)


def paired(
    names: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    of_athena: Sequence[Sequence[str | None]],
    of_duckdb: Sequence[Sequence[str | None]],
) -> list[Pair]:
    """Pair the engines' answers to a query of `with_types`, row by row and name by name."""
    return [
        Pair(
            name,
            row,
            _athena_cell(athena[2 * position], athena[2 * position + 1]),
            _duckdb_cell(ours[2 * position], ours[2 * position + 1]),
        )
        for row, athena, ours in zip(rows, of_athena, of_duckdb, strict=True)
        for position, name in enumerate(names)
    ]


def _create_on_athena(table: Table, location: str) -> str:
    """The statement that makes a table, with a `row_number` before its columns."""
    values = ",\n".join(
        f"({number}, {', '.join(map(_literal, row))})" for number, row in enumerate(table.rows)
    )
    return (
        f"create table {table.name} with (table_type = 'iceberg', is_external = false, "
        f"location = '{location}') as\nselect row_number, {', '.join(_casts(table))}\n"
        f"from (values\n{values}\n) as given (row_number, {', '.join(table.columns)})"
    )


def _create_on_duckdb(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    given = ", ".join(f"unnest(?) as {name}" for name in table.columns)
    connection.execute(
        f"create table {table.name} as select row_number, {', '.join(_casts(table))} "
        f"from (select unnest(range({len(table.rows)})) as row_number, {given})",
        [list(values) for values in zip(*table.rows, strict=True)],
    )


def _casts(table: Table) -> Iterator[str]:
    return (f"cast({name} as {type_}) as {name}" for name, type_ in table.columns.items())


def _literal(value: str | None) -> str:
    return "cast(null as varchar)" if value is None else "'" + value.replace("'", "''") + "'"


def _evaluate(expressions: Expressions) -> str:
    """The query for the expressions, each written once: some are a page long."""
    columns = [f"value_{number}" for number in range(len(expressions.by_name))]
    written = ", ".join(
        f"{sql} as {column}"
        for sql, column in zip(expressions.by_name.values(), columns, strict=True)
    )
    return (
        f"select {with_types(columns)} from ("
        f"select row_number, {written} from ({expressions.rows}) as given"
        ") as evaluated order by row_number"
    )


def _athena_cell(text: str | None, type_: str | None) -> Cell:
    # A varchar's length is lost in a table.
    type_ = re.sub(r"^varchar\(\d+\)$", "varchar", type_ or "")
    if text is not None and type_ == "double":
        text = repr(float(text))
    return Cell(text, type_)


def _duckdb_cell(text: str | None, type_: str | None) -> Cell:
    type_ = _TYPES.get(type_ or "", (type_ or "").lower())
    if text is not None and type_ in _AS_ATHENA_WRITES:
        text = _AS_ATHENA_WRITES[type_](text)
    return Cell(text, type_)


def _date(text: str) -> str:
    """Write the year before 1 as ISO 8601 does: `0001-12-31 (BC)` is `0000-12-31`."""
    year, _, rest = text.partition("-")
    return f"{1 - int(year):04d}-{rest.removesuffix(' (BC)')}" if "(BC)" in rest else text


def _timestamp(text: str) -> str:
    """Write six digits behind the second, and a plus before a year of five digits.

    (Trino writes that in a timestamp, and not in a date.)
    """
    day, _, rest = text.partition(" ")
    if rest.startswith("(BC) "):
        day, rest = _date(f"{day} (BC)"), rest.removeprefix("(BC) ")
    seconds, _, fraction = rest.partition(".")
    return f"{'+' if day.index('-') > 4 else ''}{day} {seconds}.{fraction:0<6}"


_AS_ATHENA_WRITES: Final[Mapping[str, Callable[[str], str]]] = {
    "date": _date,
    "timestamp(6)": _timestamp,
    "double": lambda text: repr(float(text)),
}
