"""What Athena does not write to an Iceberg table, and Trino 476 would.

Athena's Iceberg connector refuses a column whose type Iceberg has not; later releases of Trino
turn it into the next wider one. The messages are those of Trino's TypeConverter before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from local_athena.errors import StatementFailed
from local_athena.session import Column, Session
from local_athena.statements.types import parsed_type

_Type = exp.DataType.Type

_SUPPORTED: Final = {
    _Type.BOOLEAN,
    _Type.INT,
    _Type.BIGINT,
    _Type.FLOAT,
    _Type.DOUBLE,
    _Type.DECIMAL,
    _Type.VARCHAR,
    _Type.TEXT,
    _Type.VARBINARY,
    _Type.DATE,
    _Type.UUID,
    _Type.ARRAY,
    _Type.MAP,
    _Type.STRUCT,
    # An untyped NULL, which Trino refuses itself, with the column's name.
    _Type.UNKNOWN,
}
# What Iceberg has in microseconds only: the message's subject, and the type to use.
_MICROSECONDS: Final = {
    _Type.TIMESTAMP: ("Timestamp precision", "timestamp(6)"),
    _Type.TIMESTAMPTZ: ("Timestamp precision", "timestamp(6) with time zone"),
    _Type.TIME: ("Time precision", "time(6)"),
}


def refuse_types_athena_refuses(query: str, session: Session) -> None:
    """Ask Trino for a query's columns and fail on the first that Athena would not write.

    Raises:
        StatementFailed: NOT_SUPPORTED, or whatever is wrong with the query itself.
    """
    # The line break ends a comment that the query may end in.
    columns = session.trino(f"SELECT * FROM (\n{query}\n) LIMIT 0").columns  # noqa: S608
    refuse_columns_athena_refuses(columns)


def refuse_columns_athena_refuses(columns: Sequence[Column]) -> None:
    """Fail on the first column that Athena would not write to an Iceberg table.

    Raises:
        StatementFailed: NOT_SUPPORTED.
    """
    for column in columns:
        parsed = parsed_type(column.type, "trino")
        if parsed is None:
            raise StatementFailed("NOT_SUPPORTED", f"Type not supported for Iceberg: {column.type}")
        # Nested types are checked as their column is.
        for part in parsed.find_all(exp.DataType):
            _refuse(part)


def _refuse(part: exp.DataType) -> None:
    if part.this in _MICROSECONDS:
        subject, instead = _MICROSECONDS[part.this]
        # Trino's own default.
        precision = part.expressions[0].name if part.expressions else "3"
        if precision != "6":
            raise StatementFailed(
                "NOT_SUPPORTED",
                f'{subject} ({precision}) not supported for Iceberg. Use "{instead}" instead.',
            )
    elif part.this not in _SUPPORTED:
        raise StatementFailed(
            "NOT_SUPPORTED", f"Type not supported for Iceberg: {part.sql('trino').lower()}"
        )
