"""ALTER TABLE and MSCK REPAIR TABLE."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.session import HIVE_CATALOG
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession, TrinoCall

ORDERS = 'ALTER TABLE awsdatacatalog."sales"."orders"'


@pytest.mark.parametrize(
    ("statement", "sql"),
    [
        (
            "alter table `sales`.`orders`\n add columns (\n`note` string, total decimal(15,2))",
            [
                f'{ORDERS} ADD COLUMN "note" varchar',
                f'{ORDERS} ADD COLUMN "total" decimal(15, 2)',
            ],
        ),
        (
            "alter table orders add columns (at timestamp comment 'it''s UTC')",
            [f"{ORDERS} ADD COLUMN \"at\" timestamp(6) COMMENT 'it''s UTC'"],
        ),
        (
            "alter table awsdatacatalog.sales.orders add columns(amount__dbt_alter double);",
            [f'{ORDERS} ADD COLUMN "amount__dbt_alter" double'],
        ),
        (
            "alter table `sales`.`orders` drop column `note`",
            [f'{ORDERS} DROP COLUMN "note"'],
        ),
        (
            "alter table awsdatacatalog.sales.orders change column id__dbt_alter id int",
            [
                f'{ORDERS} ALTER COLUMN "id__dbt_alter" SET DATA TYPE integer',
                f'{ORDERS} RENAME COLUMN "id__dbt_alter" TO "id"',
            ],
        ),
        (
            "alter table orders change id id bigint",
            [f'{ORDERS} ALTER COLUMN "id" SET DATA TYPE bigint'],
        ),
        (
            "alter table orders change column id order_id int comment 'key'",
            [
                f'{ORDERS} RENAME COLUMN "id" TO "order_id"',
                'COMMENT ON COLUMN awsdatacatalog."sales"."orders"."order_id" IS \'key\'',
            ],
        ),
        (
            "alter table `sales`.`orders` rename to `sales`.`orders__bkp`",
            [f'{ORDERS} RENAME TO awsdatacatalog."sales"."orders__bkp"'],
        ),
        (
            "alter table orders rename to old_orders",
            [f'{ORDERS} RENAME TO awsdatacatalog."sales"."old_orders"'],
        ),
        (
            "alter table orders set tblproperties ('vacuum_max_snapshot_age_seconds'='60')",
            [
                f"{ORDERS} SET PROPERTIES extra_properties = "
                "MAP(ARRAY['vacuum_max_snapshot_age_seconds'], ARRAY['60'])"
            ],
        ),
    ],
)
def test_iceberg_table(statement: str, sql: list[str]) -> None:
    session = FakeSession()
    session.add_iceberg_table("orders")

    outcome = execute(statement, session)

    assert session.sql == sql
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "ALTER_TABLE")


def hive_session() -> FakeSession:
    session = FakeSession()
    session.add_table(
        "events",
        # As Glue answers, and does not accept.
        Owner="",
        Parameters={"EXTERNAL": "TRUE"},
        PartitionKeys=[{"Name": "dt", "Type": "string"}, {"Name": "hour", "Type": "int"}],
        StorageDescriptor={
            "Columns": [{"Name": "line", "Type": "string"}],
            "Location": "s3://lake/events/",
        },
    )
    return session


def test_columns_are_added_to_a_hive_table_in_glue() -> None:
    session = hive_session()

    execute("alter table events add columns (size int)", session)

    table = session.fake_glue.tables["sales", "events"]
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "line", "Type": "string"},
        {"Name": "size", "Type": "int"},
    ]
    assert "Owner" not in table
    assert session.calls == []


def test_columns_of_a_hive_table_are_replaced() -> None:
    session = hive_session()

    execute("alter table `sales`.`events` replace columns (`a` int, `b` string)", session)

    table = session.fake_glue.tables["sales", "events"]
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "a", "Type": "int"},
        {"Name": "b", "Type": "string"},
    ]
    assert [column["Name"] for column in table["PartitionKeys"]] == ["dt", "hour"]


def test_properties_of_a_hive_table_are_set_beside_the_others() -> None:
    session = hive_session()

    execute("alter table `events` set tblproperties ('classification' = 'parquet')", session)

    assert session.fake_glue.tables["sales", "events"]["Parameters"] == {
        "EXTERNAL": "TRUE",
        "classification": "parquet",
    }


def test_location_of_a_hive_table_is_set() -> None:
    session = hive_session()

    execute("alter table events set location 's3://lake/other/'", session)

    storage = session.fake_glue.tables["sales", "events"]["StorageDescriptor"]
    assert storage["Location"] == "s3://lake/other/"


@pytest.mark.parametrize(
    "change",
    [
        "add columns (size int)",
        "replace columns (size int)",
        "set tblproperties ('a' = 'b')",
        "set location 's3://lake/other/'",
    ],
)
def test_a_change_of_a_hive_table_undoes_no_other(change: str) -> None:
    session = hive_session()
    other = "alter table events add columns (first_come string)"
    session.fake_glue.meanwhile = lambda: execute(other, session)

    with pytest.raises(StatementFailed, match=r"Table sales\.events was changed by another"):
        execute(f"alter table events {change}", session)

    table = session.fake_glue.tables["sales", "events"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == [
        "line",
        "first_come",
    ]


def test_partitions_are_added_as_the_table_is_stored() -> None:
    session = hive_session()

    execute(
        "alter table events add partition (hour = 7, dt = '2026-01-01') "
        "partition (dt = '2026-01-02', hour = '8') location 's3://lake/elsewhere/'",
        session,
    )

    assert session.fake_glue.partitions["sales", "events"] == [
        {
            "Values": ["2026-01-01", "7"],
            "StorageDescriptor": {
                "Columns": [{"Name": "line", "Type": "string"}],
                "Location": "s3://lake/events/dt=2026-01-01/hour=7",
            },
        },
        {
            "Values": ["2026-01-02", "8"],
            "StorageDescriptor": {
                "Columns": [{"Name": "line", "Type": "string"}],
                "Location": "s3://lake/elsewhere/",
            },
        },
    ]


def test_a_partitions_folder_is_named_as_hive_does() -> None:
    session = hive_session()
    added = r"""partition (dt = '1:a/b="c\'d%e é.,-~', hour = 7)"""

    execute(f"alter table events add {added}", session)

    path = "dt=1%3Aa%2Fb%3D%22c%27d%25e é.,-~/hour=7"
    [partition] = session.fake_glue.partitions["sales", "events"]
    assert partition["Values"] == ["""1:a/b="c'd%e é.,-~""", "7"]
    assert partition["StorageDescriptor"]["Location"] == f"s3://lake/events/{path}"
    assert execute("show partitions events", session).result.rows == [[path]]


def test_partitions_that_are_there_or_not() -> None:
    session = hive_session()
    partition = "partition (dt = '2026-01-01', hour = 7)"
    execute(f"alter table events add {partition}", session)

    execute(f"alter table events add if not exists {partition}", session)
    with pytest.raises(StatementFailed, match="partition already exists: dt=2026-01-01/hour=7"):
        execute(f"alter table events add {partition}", session)
    execute(f"alter table events drop {partition}", session)
    execute(f"alter table events drop if exists {partition}, {partition}", session)
    with pytest.raises(StatementFailed, match="Partition not found"):
        execute(f"alter table events drop {partition}", session)

    assert session.fake_glue.partitions["sales", "events"] == []


def test_repair() -> None:
    session = hive_session()

    outcome = execute("MSCK REPAIR TABLE `sales`.`events`", session)

    assert session.calls == [
        TrinoCall(
            "CALL hive.system.sync_partition_metadata('sales', 'events', 'ADD')", HIVE_CATALOG
        )
    ]
    assert outcome.substatement_type == "MSCK_REPAIR_TABLE"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "alter table events rename to other",
            "FAILED: Execution Error, return code 1 from "
            "org.apache.hadoop.hive.ql.exec.DDLTask. Table cannot be renamed",
        ),
        (
            "alter table events drop column line",
            "NOT_SUPPORTED: ALTER TABLE DROP COLUMN is not supported for Hive tables: sales.events",
        ),
        ("alter table events change line text string", "CHANGE COLUMN is not supported for Hive"),
        ("alter table events add partition (dt = '2026-01-01')", "doesn't contain all (2)"),
        ("alter table orders replace columns (a int)", "not supported for Iceberg tables"),
        ("alter table orders set location 's3://l/t'", "not supported for Iceberg tables"),
        ("alter table orders add partition (a = 1)", "not supported for Iceberg tables"),
        ("alter table orders drop partition (a = 1)", "not supported for Iceberg tables"),
        ("alter table orders add columns (a tinyint)", "Type not supported for Iceberg: tinyint"),
        ("msck repair table orders", "not supported for Iceberg tables"),
        (
            "alter table orders set tblproperties ('classification' = 'parquet')",
            "SemanticException Unsupported table property key: classification",
        ),
        ("alter table daily add columns (a int)", "ALTER TABLE is not supported for views"),
        ("alter table daily set tblproperties ('a'='b')", "is not supported for views"),
        ("alter table daily rename to weekly", "Table cannot be renamed"),
        ("alter table daily drop column id", "is not supported for views"),
        ("alter table missing drop column id", "Table not found sales.missing"),
        (
            "alter table orders change id id int after total",
            "NOT_SUPPORTED: local_athena does not translate ALTER TABLE … CHANGE COLUMN … AFTER",
        ),
        (
            "alter table orders unset tblproperties ('a')",
            "NOT_SUPPORTED: local_athena does not translate ALTER TABLE … UNSET",
        ),
        ("alter view daily add columns (a int)", "local_athena does not translate ALTER VIEW"),
        ("alter table orders drop column a, b", "Expecting: <EOF>"),
    ],
)
def test_change_that_is_refused(statement: str, message: str) -> None:
    session = hive_session()
    session.add_iceberg_table("orders")
    session.add_table("daily", TableType="VIRTUAL_VIEW")
    before = session.fake_glue.tables.copy()

    with pytest.raises(StatementFailed) as failure:
        execute(statement, session)

    assert message in str(failure.value)
    assert session.calls == []
    assert session.fake_glue.tables == before
    assert session.fake_glue.partitions == {}
