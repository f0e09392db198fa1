"""CREATE TABLE … AS: as dbt-athena sends it, and what becomes of it."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.session import Column
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession, TrinoCall

DBT_ICEBERG = """/* {"app": "dbt", "dbt_version": "1.11.16"} */

    create table "awsdatacatalog"."sales"."orders__ha"
    with (
      table_type='iceberg',
      is_external=false,location='s3://lake/sales/orders/5e1f',
      partitioning=ARRAY['day(ordered_at)', 'bucket(order_id, 16)'],
      write_compression='zstd',
      format='parquet'
      ,
      vacuum_max_snapshot_age_seconds=86400
    )
    as

with orders as (select * from "awsdatacatalog"."sales"."raw") -- raw; only
select 'a;b' as "q""q", cast(null as varchar) as note /* ) */ from orders
  ;"""
DBT_QUERY = """with orders as (select * from "awsdatacatalog"."sales"."raw") -- raw; only
select 'a;b' as "q""q", cast(null as varchar) as note /* ) */ from orders"""
DBT_HIVE = """
    create table "awsdatacatalog"."sales"."seed"
    with (
      table_type='hive',
      is_external=true,external_location='s3://lake/sales/seed/9c0a',
      partitioned_by=ARRAY['country'],
      bucketed_by=ARRAY['id'],
      bucket_count=4,
      field_delimiter=',',
      write_compression='GZIP',
      format='textfile'
    )
    as
      select 1 as id, 'de' as country
"""


def test_iceberg_table_of_dbt() -> None:
    session = FakeSession()

    outcome = execute(DBT_ICEBERG, session)

    assert session.calls == [
        TrinoCall(f"SELECT * FROM (\n{DBT_QUERY}\n) LIMIT 0"),
        TrinoCall(
            'CREATE TABLE awsdatacatalog."sales"."orders__ha"\n'
            "WITH (format = 'PARQUET', location = 's3://lake/sales/orders/5e1f', "
            "partitioning = ARRAY['day(ordered_at)', 'bucket(order_id, 16)'], "
            "extra_properties = MAP(ARRAY['vacuum_max_snapshot_age_seconds'], ARRAY['86400']))\n"
            f"AS\n{DBT_QUERY}",
            properties={"awsdatacatalog.compression_codec": "ZSTD"},
        ),
    ]
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "CREATE_TABLE_AS_SELECT")


def test_rows_written_come_back() -> None:
    session = FakeSession()
    session.answer("CREATE TABLE", [Column("rows", "bigint")], [[3]])

    assert execute(DBT_HIVE, session).result.rows == [[3]]


def test_hive_table_of_dbt() -> None:
    session = FakeSession()

    execute(DBT_HIVE, session)

    assert session.calls == [
        TrinoCall(
            'CREATE TABLE hive."sales"."seed"\n'
            "WITH (external_location = 's3://lake/sales/seed/9c0a', "
            "partitioned_by = ARRAY['country'], bucketed_by = ARRAY['id'], bucket_count = 4, "
            "textfile_field_separator = ',', format = 'TEXTFILE')\n"
            "AS\nselect 1 as id, 'de' as country",
            properties={"hive.compression_codec": "GZIP"},
        )
    ]


def test_plain_ctas_is_a_hive_parquet_table_of_the_context_database() -> None:
    session = FakeSession()

    execute("CREATE TABLE IF NOT EXISTS Copy AS SELECT * FROM orders", session)

    assert session.sql == [
        'CREATE TABLE IF NOT EXISTS hive."sales"."copy" '
        "WITH (external_location = 's3://results/tables/5eed/', format = 'PARQUET') "
        "AS SELECT * FROM orders"
    ]


@pytest.mark.parametrize(
    ("ending", "query", "data"),
    [
        ("select 1 as x with no data", "select 1 as x", "\nWITH NO DATA"),
        ("select 1 as x WITH DATA", "select 1 as x", ""),
        ("(select 1 as x)", "(select 1 as x)", ""),
        ("select 1 as data", "select 1 as data", ""),
    ],
)
def test_with_or_without_data(ending: str, query: str, data: str) -> None:
    session = FakeSession()

    execute(f"create table t as {ending}", session)

    assert session.calls[0].sql.endswith(f"AS\n{query}{data}")


def test_hive_location_in_use_is_refused_before_anything_is_written() -> None:
    session = FakeSession()
    session.fake_s3.keys["lake"] = ["sales/seed/9c0a/part-0"]

    with pytest.raises(StatementFailed) as failure:
        execute(DBT_HIVE, session)

    assert failure.value.name == "HIVE_PATH_ALREADY_EXISTS"
    assert failure.value.message == (
        "Target directory for table 'sales.seed' already exists: s3://lake/sales/seed/9c0a. You "
        "may need to manually clean the data at location 's3://lake/sales/seed/9c0a' before "
        "retrying. Athena will not delete data in your account."
    )
    assert session.calls == []


def test_hive_location_beside_another_is_free() -> None:
    session = FakeSession()
    session.fake_s3.keys["lake"] = ["sales/seed/9c0a_other/part-0"]

    execute(DBT_HIVE, session)

    assert len(session.calls) == 1


@pytest.mark.parametrize(
    ("trino_type", "message"),
    [
        (
            "timestamp(3)",
            'Timestamp precision (3) not supported for Iceberg. Use "timestamp(6)" instead.',
        ),
        (
            "timestamp(3) with time zone",
            'Timestamp precision (3) not supported for Iceberg. Use "timestamp(6) with time zone" '
            "instead.",
        ),
        ("time(3)", 'Time precision (3) not supported for Iceberg. Use "time(6)" instead.'),
        (
            'array(row("at" timestamp(0)))',
            'Timestamp precision (0) not supported for Iceberg. Use "timestamp(6)" instead.',
        ),
        ("tinyint", "Type not supported for Iceberg: tinyint"),
        ("map(varchar, smallint)", "Type not supported for Iceberg: smallint"),
        ("char(3)", "Type not supported for Iceberg: char(3)"),
        ("json", "Type not supported for Iceberg: json"),
        ("interval day to second", "Type not supported for Iceberg: interval day to second"),
        ("ipaddress", "Type not supported for Iceberg: ipaddress"),
        ("SetDigest", "Type not supported for Iceberg: SetDigest"),
    ],
)
def test_type_that_athena_refuses_to_write_to_iceberg(trino_type: str, message: str) -> None:
    session = FakeSession()
    session.answer("SELECT * FROM", [Column("id", "bigint"), Column("x", trino_type)])

    with pytest.raises(StatementFailed) as failure:
        execute(DBT_ICEBERG, session)

    assert (failure.value.name, failure.value.message) == ("NOT_SUPPORTED", message)
    assert len(session.calls) == 1


@pytest.mark.parametrize(
    "trino_type",
    [
        "boolean",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal(15,2)",
        "varchar",
        "varchar(3)",
        "varbinary",
        "date",
        "timestamp(6)",
        "timestamp(6) with time zone",
        "time(6)",
        "uuid",
        'array(row("a b" map(varchar, timestamp(6))))',
        # Trino refuses it itself: COLUMN_TYPE_UNKNOWN.
        "unknown",
    ],
)
def test_type_that_athena_writes_to_iceberg(trino_type: str) -> None:
    session = FakeSession()
    session.answer("SELECT * FROM", [Column("x", trino_type)])

    execute(DBT_ICEBERG, session)

    assert len(session.calls) == 2


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("table_type='iceberg', is_external=false", "Table location can not be null"),
        (
            "table_type='iceberg', is_external=true, location='s3://lake/t'",
            "is_external must be false for an Iceberg table",
        ),
        (
            "table_type='iceberg', is_external=false, location='s3://lake/t', colour='red'",
            "Catalog 'awsdatacatalog' table property 'colour' does not exist",
        ),
        (
            "partitioning=ARRAY['day(ts)']",
            "Catalog 'awsdatacatalog' table property 'partitioning' does not exist",
        ),
        ("table_type='delta'", "Unknown table_type: DELTA"),
    ],
)
def test_property_that_athena_refuses(properties: str, message: str) -> None:
    session = FakeSession()

    with pytest.raises(StatementFailed) as failure:
        execute(f"create table t with ({properties}) as select 1 as x", session)

    assert (failure.value.name, failure.value.message) == ("INVALID_TABLE_PROPERTY", message)
    assert session.calls == []
