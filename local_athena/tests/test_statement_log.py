"""What Athena would bill."""

from __future__ import annotations

import pytest

from local_athena.statement_log import is_billed
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession


@pytest.mark.parametrize(
    ("statement", "scanned_bytes", "expected"),
    [
        ("select 1", 0, True),
        ("merge into t using s on t.id = s.id when matched then delete", 5, True),
        ("vacuum orders", 0, True),
        ("create table t as select 1 as a", 0, True),
        ("drop table if exists t", 0, False),
        ("show tables", 0, False),
        ("explain select 1", 0, False),
        ("explain analyze select 1", 5, True),
    ],
)
def test_what_is_billed_of_what_succeeded(
    statement: str, scanned_bytes: int, expected: bool
) -> None:
    session = FakeSession()
    session.add_iceberg_table("orders")
    outcome = execute(statement, session)

    billed = is_billed(
        "SUCCEEDED", outcome.statement_type, outcome.substatement_type, scanned_bytes
    )

    assert billed is expected


@pytest.mark.parametrize(
    ("state", "scanned_bytes", "expected"),
    [("FAILED", 5, False), ("CANCELLED", 5, True), ("CANCELLED", 0, False)],
)
def test_what_is_billed_of_what_did_not_succeed(
    state: str, scanned_bytes: int, expected: bool
) -> None:
    assert is_billed(state, "DML", "SELECT", scanned_bytes) is expected
    assert is_billed(state, None, None, scanned_bytes) is expected
