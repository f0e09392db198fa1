"""OPTIMIZE and VACUUM."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.session import Column
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession

ORDERS = 'ALTER TABLE awsdatacatalog."sales"."orders"'
AGE = (
    'SELECT value FROM awsdatacatalog."sales"."orders$properties" '
    "WHERE key = 'vacuum_max_snapshot_age_seconds'"
)


@pytest.mark.parametrize(
    ("statement", "sql"),
    [
        (
            "optimize awsdatacatalog.sales.orders rewrite data using bin_pack",
            f"{ORDERS} EXECUTE optimize",
        ),
        (
            "OPTIMIZE orders REWRITE DATA USING BIN_PACK WHERE day = date '2026-01-01' -- old",
            f"{ORDERS} EXECUTE optimize WHERE day = date '2026-01-01'",
        ),
    ],
)
def test_optimize(statement: str, sql: str) -> None:
    session = FakeSession()
    session.add_iceberg_table("orders")

    outcome = execute(statement, session)

    assert session.sql == [sql]
    assert (outcome.statement_type, outcome.substatement_type) == ("DML", "OPTIMIZE")


@pytest.mark.parametrize(("rows", "age"), [([["60"]], 60), ([], 432_000)])
def test_vacuum_keeps_what_the_table_says(rows: list[list[str]], age: int) -> None:
    session = FakeSession()
    session.add_iceberg_table("orders")
    session.answer("SELECT value", [Column("value", "varchar")], rows)

    outcome = execute("VACUUM awsdatacatalog.sales.orders", session)

    assert session.sql == [
        AGE,
        f"{ORDERS} EXECUTE expire_snapshots(retention_threshold => '{age}s')",
        f"{ORDERS} EXECUTE remove_orphan_files(retention_threshold => '{age}s')",
    ]
    assert (outcome.statement_type, outcome.substatement_type) == ("DML", "VACUUM")


@pytest.mark.parametrize(
    "statement", ["vacuum events", "optimize events rewrite data using bin_pack"]
)
def test_hive_table_is_refused(statement: str) -> None:
    session = FakeSession()
    session.add_table("events")

    with pytest.raises(StatementFailed, match=r"is not supported for Hive tables: sales\.events"):
        execute(statement, session)

    assert session.calls == []


def test_other_ways_to_optimize() -> None:
    with pytest.raises(StatementFailed, match="Expecting: REWRITE DATA USING BIN_PACK"):
        execute("optimize orders rewrite data using sort", FakeSession())
