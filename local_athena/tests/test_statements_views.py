"""CREATE VIEW and DROP VIEW."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.session import Column
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession

DBT_VIEW = """
  create or replace view
    "awsdatacatalog"."sales"."daily"
  as

select order_id, "Total" from "awsdatacatalog"."sales"."orders"
where note <> ';'
"""
QUERY = """select order_id, "Total" from "awsdatacatalog"."sales"."orders"
where note <> ';'"""


def test_view_of_dbt() -> None:
    session = FakeSession()

    outcome = execute(DBT_VIEW, session)

    assert [call.sql for call in session.calls] == [
        f"SELECT * FROM (\n{QUERY}\n) LIMIT 0",
        f'CREATE OR REPLACE VIEW awsdatacatalog."sales"."daily" SECURITY INVOKER AS\n{QUERY}',
    ]
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "CREATE_VIEW")


def test_view_has_its_columns_in_glue() -> None:
    session = FakeSession()
    session.answer(
        "SELECT * FROM",
        [
            Column("order_id", "bigint"),
            Column("Total", "decimal(15,2)"),
            Column("at", "timestamp(6)"),
            Column("tags", 'array(row("key" varchar, "value" varchar(3)))'),
        ],
    )

    execute(DBT_VIEW, session)

    view = session.fake_glue.tables["sales", "daily"]
    assert view["StorageDescriptor"]["Columns"] == [
        {"Name": "order_id", "Type": "bigint"},
        {"Name": "total", "Type": "decimal(15,2)"},
        {"Name": "at", "Type": "timestamp"},
        {"Name": "tags", "Type": "array<struct<key:string,value:varchar(3)>>"},
    ]
    assert view["Parameters"] == {"presto_view": "true", "comment": "Presto View"}
    assert view["TableType"] == "VIRTUAL_VIEW"
    assert view["ViewOriginalText"] == "/* Presto View: … */"


def test_view_that_another_replaces_meanwhile_keeps_the_others_columns() -> None:
    session = FakeSession()
    session.answer("SELECT * FROM (\nselect 'x'", [Column("other", "varchar")])
    session.answer("SELECT * FROM", [Column("order_id", "bigint")])
    replacing = "create or replace view daily as select 'x' as other"
    session.fake_glue.meanwhile = lambda: execute(replacing, session)

    with pytest.raises(StatementFailed, match=r"Table sales\.daily was changed by another"):
        execute(DBT_VIEW, session)

    view = session.fake_glue.tables["sales", "daily"]
    assert view["StorageDescriptor"]["Columns"] == [{"Name": "other", "Type": "string"}]


@pytest.mark.parametrize("trino_type", ["timestamp(3) with time zone", "time(3)", "json", "uuid"])
def test_view_with_a_type_that_hive_has_not_is_not_created(trino_type: str) -> None:
    session = FakeSession()
    session.answer("SELECT * FROM", [Column("x", trino_type)])

    with pytest.raises(StatementFailed) as failure:
        execute(DBT_VIEW, session)

    assert (failure.value.name, failure.value.message) == (
        "NOT_SUPPORTED",
        f"Unsupported Hive type: {trino_type}",
    )
    assert len(session.calls) == 1


@pytest.mark.parametrize(
    ("statement", "sql"),
    [
        (
            'drop view if exists "awsdatacatalog"."sales"."daily"',
            'DROP VIEW IF EXISTS awsdatacatalog."sales"."daily"',
        ),
        ("drop view `daily`", 'DROP VIEW awsdatacatalog."sales"."daily"'),
    ],
)
def test_drop_view(statement: str, sql: str) -> None:
    session = FakeSession()

    outcome = execute(statement, session)

    assert session.sql == [sql]
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "DROP_VIEW")
