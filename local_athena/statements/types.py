"""Types as Hive's DDL writes them, and as Trino does."""

from __future__ import annotations

from typing import Final

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError, TokenError

from local_athena.errors import StatementFailed
from local_athena.statements.names import quoted

_Type = exp.DataType.Type

# The scalar types that Glue's columns can have, in both spellings. varchar(n), char(n) and
# decimal(p, s) are spelled alike.
_TO_TRINO: Final = {
    _Type.BOOLEAN: "boolean",
    _Type.TINYINT: "tinyint",
    _Type.SMALLINT: "smallint",
    _Type.INT: "integer",
    _Type.BIGINT: "bigint",
    _Type.FLOAT: "real",
    _Type.DOUBLE: "double",
    _Type.TEXT: "varchar",
    _Type.VARCHAR: "varchar",
    _Type.CHAR: "char",
    _Type.BINARY: "varbinary",
    _Type.VARBINARY: "varbinary",
    _Type.DATE: "date",
    # Hive's timestamp has no precision; Iceberg's is in microseconds.
    _Type.TIMESTAMP: "timestamp(6)",
    _Type.DECIMAL: "decimal",
}
_TO_HIVE: Final = {
    **{kind: kind.value.lower() for kind in _TO_TRINO},
    _Type.TEXT: "string",
    _Type.VARBINARY: "binary",
    # An untyped NULL: Trino refuses a view's column of it itself, with the column's name.
    _Type.UNKNOWN: "string",
}
_PARAMETRIC: Final = {_Type.VARCHAR, _Type.CHAR, _Type.DECIMAL}


def hive_to_trino(hive_type: str) -> str:
    """Write `struct<a:int>` as `row("a" integer)`.

    Raises:
        StatementFailed: SYNTAX_ERROR for what is no type of Athena's DDL.
    """
    return _trino(_parsed_hive_type(hive_type), hive_type)


def trino_to_hive(trino_type: str) -> str:
    """Write `row("a" integer)` as `struct<a:int>`.

    Raises:
        StatementFailed: NOT_SUPPORTED for a type that no column in Glue can have.
    """
    parsed = parsed_type(trino_type, "trino")
    if parsed is None:
        raise StatementFailed("NOT_SUPPORTED", f"Unsupported Hive type: {trino_type}")
    return _hive(parsed, trino_type)


def normal_hive_type(hive_type: str) -> str:
    """Write a type of Athena's DDL as Glue has it: lower case, no spaces.

    Raises:
        StatementFailed: SYNTAX_ERROR for what is no type of Athena's DDL.
    """
    parsed = _parsed_hive_type(hive_type)
    _trino(parsed, hive_type)
    return _hive(parsed, hive_type)


def _parsed_hive_type(text: str) -> exp.DataType:
    parsed = parsed_type(text, "hive")
    if parsed is None:
        raise StatementFailed("SYNTAX_ERROR", f"'{text}' is not a type that Athena's DDL knows")
    return parsed


def parsed_type(text: str, dialect: str) -> exp.DataType | None:
    """Parse a type of Hive's or Trino's; None for what sqlglot does not know, or is none."""
    try:
        return parse_one(text, into=exp.DataType, dialect=dialect)
    except (ParseError, TokenError):
        return None


def _trino(parsed: exp.Expression, whole: str) -> str:
    kind = parsed.this
    inner = parsed.expressions
    if kind is _Type.ARRAY and len(inner) == 1:
        return f"array({_trino(inner[0], whole)})"
    if kind is _Type.MAP and len(inner) == 2:
        return f"map({_trino(inner[0], whole)}, {_trino(inner[1], whole)})"
    if kind is _Type.STRUCT and inner and all(isinstance(field, exp.ColumnDef) for field in inner):
        fields = (
            f"{quoted(field.name.lower())} {_trino(field.args['kind'], whole)}" for field in inner
        )
        return f"row({', '.join(fields)})"
    if kind not in _TO_TRINO:
        raise StatementFailed("SYNTAX_ERROR", f"'{whole}' is not a type that Athena's DDL knows")
    if kind is _Type.DECIMAL and not inner:
        # Hive's default; Trino's is (38, 0).
        return "decimal(10, 0)"
    if inner and kind not in _PARAMETRIC:
        raise StatementFailed("SYNTAX_ERROR", f"'{whole}' is not a type that Athena's DDL knows")
    return _TO_TRINO[kind] + _parameters(inner)


def _hive(parsed: exp.Expression, whole: str) -> str:
    kind = parsed.this
    inner = parsed.expressions
    if kind is _Type.ARRAY and len(inner) == 1:
        return f"array<{_hive(inner[0], whole)}>"
    if kind is _Type.MAP and len(inner) == 2:
        return f"map<{_hive(inner[0], whole)},{_hive(inner[1], whole)}>"
    if kind is _Type.STRUCT and inner:
        fields = (
            f"{field.name.lower()}:{_hive(field.args['kind'], whole)}"
            if isinstance(field, exp.ColumnDef)
            # A row whose fields have no names: Hive's must.
            else f"field{number}:{_hive(field, whole)}"
            for number, field in enumerate(inner)
        )
        return f"struct<{','.join(fields)}>"
    if kind is _Type.VARCHAR and not inner:
        return "string"
    if kind not in _TO_HIVE:
        raise StatementFailed("NOT_SUPPORTED", f"Unsupported Hive type: {whole}")
    if kind is _Type.DECIMAL and not inner:
        return "decimal(10,0)"
    # Hive's timestamp has no precision.
    return _TO_HIVE[kind] + (_parameters(inner, separator=",") if kind in _PARAMETRIC else "")


def _parameters(inner: list[exp.Expression], separator: str = ", ") -> str:
    return f"({separator.join(each.name for each in inner)})" if inner else ""
