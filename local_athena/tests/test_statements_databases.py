"""CREATE and DROP of databases."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession


def test_schema_of_dbt_is_created_once() -> None:
    session = FakeSession()

    for _ in range(2):
        outcome = execute("create schema if not exists `retail_silver`", session)

    assert session.fake_glue.databases["retail_silver"] == {"Name": "retail_silver"}
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "CREATE_DATABASE")
    assert session.calls == []


def test_database_with_every_clause() -> None:
    session = FakeSession()

    execute(
        "CREATE DATABASE Shop COMMENT 'it''s' LOCATION 's3://lake/shop/' "
        "WITH DBPROPERTIES ('owner'='data', \"tier\"=\"1\")",
        session,
    )

    assert session.fake_glue.databases["shop"] == {
        "Name": "shop",
        "Description": "it's",
        "LocationUri": "s3://lake/shop/",
        "Parameters": {"owner": "data", "tier": "1"},
    }


def test_schema_of_dbt_is_dropped_with_its_tables() -> None:
    session = FakeSession()
    session.add_table("orders")

    outcome = execute("drop schema if exists `sales` cascade", session)

    assert session.fake_glue.databases == {}
    assert session.fake_glue.tables == {}
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "DROP_DATABASE")


def test_drop_of_a_missing_database_if_exists() -> None:
    execute("drop database if exists nowhere", FakeSession())


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "create database sales",
            "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            "Database sales already exists",
        ),
        (
            "drop database nowhere",
            "SemanticException [Error 10072]: Database does not exist: nowhere",
        ),
        (
            "drop database sales restrict",
            "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            "InvalidOperationException(message:Database sales is not empty. One or more tables "
            "exist.)",
        ),
    ],
)
def test_what_athena_refuses(statement: str, message: str) -> None:
    session = FakeSession()
    session.add_table("orders")

    with pytest.raises(StatementFailed) as failure:
        execute(statement, session)

    assert (failure.value.name, failure.value.message) == ("FAILED", message)
    assert set(session.fake_glue.databases) == {"sales"}


def test_another_catalog() -> None:
    with pytest.raises(StatementFailed, match="CATALOG_NOT_FOUND: Catalog 'other' not found"):
        execute("drop database other.sales", FakeSession())
