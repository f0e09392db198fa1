"""OPTIMIZE and VACUUM."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.session import Column
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession

ORDERS = 'ALTER TABLE awsdatacatalog."sales"."orders"'
PROPERTIES = 'SELECT key, value FROM awsdatacatalog."sales"."orders$properties"'


def session_with(*properties: list[str]) -> FakeSession:
    session = FakeSession()
    session.add_iceberg_table("orders")
    columns = [Column("key", "varchar"), Column("value", "varchar")]
    session.answer("SELECT key, value", columns, properties)
    return session


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("optimize awsdatacatalog.sales.orders rewrite data using bin_pack", ""),
        (
            "OPTIMIZE orders REWRITE DATA USING BIN_PACK WHERE day = date '2026-01-01' -- old",
            " WHERE day = date '2026-01-01'",
        ),
    ],
)
def test_optimize(statement: str, where: str) -> None:
    session = session_with()

    outcome = execute(statement, session)

    assert session.sql == [
        PROPERTIES,
        f"{ORDERS} EXECUTE optimize(file_size_threshold => '402653184B'){where}",
    ]
    assert (outcome.statement_type, outcome.substatement_type) == ("DML", "OPTIMIZE")


@pytest.mark.parametrize(
    ("properties", "minimum"),
    [
        ([["write_target_data_file_size_bytes", "8000"]], 6000),
        (
            [
                ["write_target_data_file_size_bytes", "8000"],
                ["optimize_rewrite_min_data_file_size_bytes", "100"],
            ],
            100,
        ),
    ],
)
def test_optimize_makes_files_of_the_size_that_the_table_says(
    properties: list[list[str]], minimum: int
) -> None:
    session = session_with(*properties)

    execute("optimize orders rewrite data using bin_pack", session)

    assert f"file_size_threshold => '{minimum}B'" in session.sql[-1]
    assert session.calls[-1].properties == {"awsdatacatalog.target_max_file_size": "8000B"}


@pytest.mark.parametrize(
    ("properties", "age"), [([["vacuum_max_snapshot_age_seconds", "60"]], 60), ([], 432_000)]
)
def test_vacuum_keeps_what_the_table_says(properties: list[list[str]], age: int) -> None:
    session = session_with(*properties)

    outcome = execute("VACUUM awsdatacatalog.sales.orders", session)

    assert session.sql == [
        PROPERTIES,
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
