"""Results in Athena's own form: its text for every type, its column descriptions, its pages.

What is not obvious here was seen on Athena itself, by others: the texts and column descriptions in
PyAthena's test suite, maps and unnamed rows in measurements that users published.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from local_athena.errors import ApiError
from local_athena.session import Column, Outcome
from local_athena.trino_types import TrinoType, parse_type

MAX_PAGE: Final = 1000

# A row of a result; None for NULL.
TextRow = tuple[str | None, ...]

# What a statement that writes answers: no row, but a description of the count it does not list.
_WRITTEN_ROWS: Final = Column("rows", "bigint")


@dataclass(frozen=True)
class ResultSet:
    """What GetQueryResults pages through."""

    columns: Sequence[Column]
    rows: Sequence[TextRow]
    # Whether the first row that a client reads holds the columns' names.
    has_header: bool
    # Rows written; 0 for what only reads, None for DDL.
    update_count: int | None

    @property
    def memory(self) -> int:
        """Bytes that the rows take, about: a str of ASCII takes 49 and its length."""
        return sum(64 + sum(57 + len(value or "") for value in row) for row in self.rows)


def result_set(outcome: Outcome) -> ResultSet:
    """Bring what Trino answered into Athena's form.

    Which results begin with a header is what dbt-athena relies on: those of DDL and UTILITY
    statements, of which EXPLAIN is one, do not.
    """
    result = outcome.result
    if result.update_count is not None:
        return ResultSet([_WRITTEN_ROWS], (), False, result.update_count)
    if outcome.statement_type == "DDL" and not result.rows:
        return ResultSet((), (), False, None)
    writers = [text_writer(parse_type(column.type)) for column in result.columns]
    is_text = is_plain_text(outcome)
    rows = [
        # A row of DESCRIBE is one text, for three columns.
        tuple(None if v is None else write(v) for write, v in zip(writers, row, strict=not is_text))
        for row in result.rows
    ]
    has_header = bool(result.columns) and not is_text
    return ResultSet(result.columns, rows, has_header, 0)


def is_plain_text(outcome: Outcome) -> bool:
    """Whether a statement answers text rather than a table with a header."""
    return outcome.statement_type in ("DDL", "UTILITY")


def result_page(results: ResultSet, *, max_results: int, token: str | None) -> dict[str, Any]:
    """Answer GetQueryResults.

    Raises:
        ApiError: The page is too large, or the token is not one of ours.
    """
    if max_results > MAX_PAGE:
        raise ApiError(
            "InvalidRequestException",
            f"MaxResults is more than maximum allowed length {MAX_PAGE}",
            AthenaErrorCode="INVALID_INPUT",
        )
    header = [tuple(column.name for column in results.columns)] if results.has_header else []
    start = 0 if token is None else read_token(token, "row")
    # The header is a row like any other to whoever counts the rows of a page.
    first = max(start - len(header), 0)
    page = [*header[start:], *results.rows[first : first + max_results]][:max_results]
    answer: dict[str, Any] = {
        "ResultSet": {
            "Rows": [{"Data": [_datum(value) for value in row]} for row in page],
            "ResultSetMetadata": {"ColumnInfo": [column_info(c) for c in results.columns]},
        }
    }
    if results.update_count is not None:
        answer["UpdateCount"] = results.update_count
    end = start + len(page)
    if end < len(header) + len(results.rows):
        answer["NextToken"] = write_token(end, "row")
    return answer


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def write_token(position: int, kind: str) -> str:
    """Make a NextToken: opaque, so that nobody comes to calculate with it."""
    return base64.urlsafe_b64encode(f"{kind}:{position}".encode()).decode()


def read_token(token: str, kind: str) -> int:
    """Read a NextToken.

    Raises:
        ApiError: It is not one of ours.
    """
    try:
        found, _, position = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if found == kind and position.isdecimal():
            return int(position)
    except (binascii.Error, UnicodeError):
        pass
    raise ApiError(
        "InvalidRequestException",
        f"Malformed nextPageToken {token}",
        AthenaErrorCode="INVALID_INPUT",
    )


# ColumnInfo's Precision, by type; 0 for every other.
_PRECISION: Final[Mapping[str, int]] = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "varchar": 2_147_483_647,
    "varbinary": 1_073_741_824,
    "time": 3,
    "time with time zone": 3,
    "timestamp": 3,
    "timestamp with time zone": 3,
}


def column_info(column: Column) -> dict[str, Any]:
    """Describe a column as GetQueryResults does."""
    column_type = parse_type(column.type)
    precision, scale = _PRECISION.get(column_type.name, 0), 0
    if column_type.name in ("decimal", "varchar", "char") and column_type.numbers:
        precision, scale = (*column_type.numbers, 0)[:2]
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        # The one type that has another name in results than in a query.
        "Type": "float" if column_type.name == "real" else column_type.name,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": column_type.name in ("varchar", "char"),
    }


def text_writer(value_type: TrinoType) -> Callable[[Any], str]:
    """What writes a type's values (never NULL) as Athena does."""
    if value_type.name == "array":
        write_item = _or_null(text_writer(value_type.children[0][1]))
        return lambda value: f"[{', '.join(map(write_item, value))}]"
    if value_type.name == "map":
        return _map_writer(value_type)
    if value_type.name == "row":
        fields = [(name, _or_null(text_writer(child))) for name, child in value_type.children]
        return lambda value: f"{{{', '.join(_row_texts(fields, value))}}}"
    return _SCALAR_WRITERS.get(value_type.name, str)


def _or_null(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: "null" if value is None else write(value)


def _row_texts(
    fields: Sequence[tuple[str | None, Callable[[Any], str]]], values: Sequence[Any]
) -> Iterator[str]:
    for (name, write), value in zip(fields, values, strict=True):
        yield write(value) if name is None else f"{name}={write(value)}"


def _map_writer(map_type: TrinoType) -> Callable[[Any], str]:
    """What writes a map: `{9=a, 10=b}`, in the order of its keys.

    Keys are text in Trino's JSON; Athena orders numbers as numbers.
    """
    (_, key_type), (_, item_type) = map_type.children
    is_numeric = key_type.name in ("tinyint", "smallint", "integer", "bigint", "decimal")
    write_item = _or_null(text_writer(item_type))

    def write(value: Mapping[str, Any]) -> str:
        keys = sorted(value, key=Decimal) if is_numeric else sorted(value)
        return f"{{{', '.join(f'{key}={write_item(value[key])}' for key in keys)}}}"

    return write


def java_double(value: float | str) -> str:
    """Write a DOUBLE as Java does, and so Athena: `1.5`, `1.0E20`, `1.0E-7`, `NaN`.

    Both Java (since 19) and Python write the fewest digits that read back as the same number;
    they differ in where the exponent begins.

    Args:
        value: As Trino's JSON has it: a number, or the text of what JSON has no number for.
    """
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "-0.0" if math.copysign(1, number) < 0 else "0.0"
    shortest = Decimal(repr(abs(number))).normalize()
    mantissa = "".join(map(str, shortest.as_tuple().digits))
    # The number is 0.d₁d₂d₃… × 10^point.
    point = shortest.adjusted() + 1
    prefix = "-" if number < 0 else ""
    if 1e-3 <= abs(number) < 1e7:
        whole = mantissa[: max(point, 0)].ljust(point, "0") or "0"
        fraction = "0" * max(-point, 0) + mantissa[max(point, 0) :]
        return f"{prefix}{whole}.{fraction or '0'}"
    return f"{prefix}{mantissa[0]}.{mantissa[1:] or '0'}E{point - 1}"


def _binary(value: str) -> str:
    return base64.b64decode(value).hex(" ")


_SCALAR_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "boolean": lambda value: "true" if value else "false",
    "double": java_double,
    "real": java_double,
    "varbinary": _binary,
}
