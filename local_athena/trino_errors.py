"""Trino's errors in Athena's error catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_athena.errors import SYSTEM, USER, StatementFailed

# dbt-athena begins a statement anew when the type is this one and the text has
# ICEBERG_COMMIT_ERROR in it.
ICEBERG_ERROR: Final = 233
ENGINE_ERROR: Final = 200
USER_ERROR: Final = 1000

# ErrorType of Trino's user errors. Those that users measured on Athena: TABLE_NOT_FOUND and
# SCHEMA_NOT_FOUND, COLUMN_NOT_FOUND, TYPE_MISMATCH, FUNCTION_NOT_FOUND, DIVISION_BY_ZERO,
# INVALID_CAST_ARGUMENT, NOT_SUPPORTED. The others follow the catalog's descriptions:
# https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
_USER_ERROR_TYPES: Final[Mapping[str, int]] = {
    "SYNTAX_ERROR": 1006,
    "COLUMN_NOT_FOUND": 1006,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "CATALOG_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
    "TYPE_MISMATCH": 1002,
    "DIVISION_BY_ZERO": 1001,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1001,
    "CONSTRAINT_VIOLATION": 1001,
    "INVALID_CAST_ARGUMENT": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "INVALID_TABLE_PROPERTY": 1103,
    "INVALID_VIEW": 1107,
    "VIEW_IS_STALE": 1107,
    "NOT_SUPPORTED": 1200,
}


def statement_failed(name: str, error_type: str, message: str) -> StatementFailed:
    """Translate an error.

    Args:
        name: Trino's errorName, such as TABLE_NOT_FOUND.
        error_type: Trino's errorType: USER_ERROR, INTERNAL_ERROR, INSUFFICIENT_RESOURCES, EXTERNAL.
        message: Trino's message.
    """
    category = USER if error_type == "USER_ERROR" else SYSTEM
    if name.startswith("ICEBERG_"):
        kind = ICEBERG_ERROR
    elif category == USER:
        kind = _USER_ERROR_TYPES.get(name, USER_ERROR)
    else:
        kind = ENGINE_ERROR
    return StatementFailed(name, message, category=category, error_type=kind)
