"""What Athena would bill."""

from __future__ import annotations

import pytest

from local_athena.statement_log import is_billed


@pytest.mark.parametrize(
    ("state", "statement_type", "substatement_type", "scanned_bytes", "expected"),
    [
        ("SUCCEEDED", "DML", "SELECT", 0, True),
        ("SUCCEEDED", "DML", "MERGE", 5, True),
        ("SUCCEEDED", "DML", "VACUUM", 0, True),
        ("SUCCEEDED", "DDL", "CREATE_TABLE_AS_SELECT", 0, True),
        ("SUCCEEDED", "DDL", "DROP_TABLE", 0, False),
        ("SUCCEEDED", "UTILITY", "SHOW_TABLES", 0, False),
        ("SUCCEEDED", "DML", "EXPLAIN", 0, False),
        ("SUCCEEDED", "DML", "EXPLAIN_ANALYZE", 5, True),
        ("FAILED", "DML", "SELECT", 5, False),
        ("FAILED", None, None, 5, False),
        ("CANCELLED", None, None, 5, True),
        ("CANCELLED", None, None, 0, False),
    ],
)
def test_what_is_billed(
    state: str,
    statement_type: str | None,
    substatement_type: str | None,
    scanned_bytes: int,
    expected: bool,
) -> None:
    assert is_billed(state, statement_type, substatement_type, scanned_bytes) is expected
