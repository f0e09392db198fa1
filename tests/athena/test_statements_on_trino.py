"""Athena's statements on a real Trino, through boto3: what `statements` made of them works."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from local_athena import LocalAthena

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

DATABASE = "statements"
BUCKET = "statements"
LAKE = f"s3://{BUCKET}/lake"


@dataclass(frozen=True)
class Clients:
    athena: AthenaClient
    glue: GlueClient
    s3: S3Client

    def run(self, statement: str, database: str = DATABASE) -> list[list[str | None]]:
        """Execute a statement that succeeds, and return its rows without the header."""
        execution = self._finished(statement, database)
        reason = execution["Status"].get("StateChangeReason")
        assert execution["Status"]["State"] == "SUCCEEDED", reason
        result = self.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        rows = [
            [cell.get("VarCharValue") for cell in row["Data"]]
            for row in result["ResultSet"]["Rows"]
        ]
        return rows[1:] if execution["SubstatementType"] == "SELECT" else rows

    def failure(self, statement: str) -> str:
        """Execute a statement that fails, and return why."""
        status = self._finished(statement, DATABASE)["Status"]
        assert status["State"] == "FAILED", statement
        return status["StateChangeReason"]

    def columns(self, table: str) -> list[tuple[str, str]]:
        """The names and types that Glue has."""
        found = self.glue.get_table(DatabaseName=DATABASE, Name=table)["Table"]
        return [(each["Name"], each["Type"]) for each in found["StorageDescriptor"]["Columns"]]

    def _finished(self, statement: str, database: str) -> QueryExecutionTypeDef:
        started = self.athena.start_query_execution(
            QueryString=statement,
            QueryExecutionContext={"Catalog": "awsdatacatalog", "Database": database},
            ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
        )
        while True:
            execution = self.athena.get_query_execution(
                QueryExecutionId=started["QueryExecutionId"]
            )["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            time.sleep(0.02)


@pytest.fixture(scope="module")
def clients(local_athena: LocalAthena) -> Iterator[Clients]:
    clients = Clients(
        local_athena.client("athena"), local_athena.client("glue"), local_athena.client("s3")
    )
    clients.s3.create_bucket(Bucket=BUCKET)
    clients.run(f"create schema if not exists `{DATABASE}`", "default")
    yield clients
    clients.run(f"drop schema if exists `{DATABASE}` cascade", "default")


def iceberg(table: str, query: str, *properties: str) -> str:
    """As dbt-athena writes it."""
    extra = "".join(f", {each}" for each in properties)
    return f"""/* {{"app": "dbt"}} */
    create table "awsdatacatalog"."{DATABASE}"."{table}"
    with (table_type='iceberg', is_external=false, location='{LAKE}/{table}',
      format='parquet'{extra})
    as
      {query} -- of; {table}
    ;"""


def test_iceberg_table_through_its_life(clients: Clients) -> None:
    clients.run(
        iceberg(
            "orders",
            "with x as (select 1 as id, timestamp '2026-01-01 00:00:00.123456' as at)"
            " select id, at, 5 as amount, 'a;b' as note from x",
            "partitioning=ARRAY['day(at)', 'bucket(id, 4)']",
            "write_compression='zstd'",
            "vacuum_max_snapshot_age_seconds=0",
        )
    )
    clients.run("insert into orders values (2, timestamp '2026-01-02 00:00:00', 6, '')")
    clients.run(
        f"""merge into "awsdatacatalog"."{DATABASE}"."orders" as target
        using (values (2, 'merged'), (3, 'new')) as src (id, note) on (target.id = src.id)
        when matched then update set note = src.note
        when not matched then insert (id, at, note)
          values (src.id, timestamp '2026-01-03 00:00:00', src.note)"""
    )
    clients.run(f"alter table `{DATABASE}`.`orders` add columns (`tags` array<struct<k:string>>)")
    clients.run("alter table orders change column id order_id int")
    # Not of the partition's column: Trino 476 could not delete from the table any more.
    clients.run("alter table orders change column amount amount bigint")
    clients.run(f"alter table awsdatacatalog.{DATABASE}.orders drop column tags")
    clients.run("delete from orders where order_id = 1")
    clients.run(f"optimize awsdatacatalog.{DATABASE}.orders rewrite data using bin_pack")
    clients.run(f"vacuum awsdatacatalog.{DATABASE}.orders")
    clients.run(f"alter table `{DATABASE}`.`orders` rename to `{DATABASE}`.`orders__bkp`")

    assert clients.run("select order_id, note from orders__bkp order by 1") == [
        ["2", "merged"],
        ["3", "new"],
    ]
    assert clients.run('select count(*) from "orders__bkp$snapshots"') == [["1"]]
    assert clients.run("show create table orders__bkp") == [
        [f"CREATE TABLE {DATABASE}.orders__bkp ("],
        ["  order_id int, "],
        ["  at timestamp, "],
        ["  amount bigint, "],
        ["  note string)"],
        ["PARTITIONED BY (day(at), bucket(4, order_id))"],
        [f"LOCATION '{LAKE}/orders'"],
        ["TBLPROPERTIES ("],
        ["  'table_type'='iceberg'"],
        [");"],
    ]
    clients.run(f"drop table if exists `{DATABASE}`.`orders__bkp`")
    left = clients.s3.list_objects_v2(Bucket=BUCKET, Prefix="lake/orders/")
    assert left["KeyCount"] == 0


def test_time_travel(clients: Clients) -> None:
    clients.run(iceberg("versions", "select 1 as id"))
    [[snapshot]] = clients.run('select snapshot_id from "versions$snapshots"')
    clients.run("insert into versions values 2")

    assert clients.run(f"select * from versions for version as of {snapshot}") == [["1"]]


def test_iceberg_table_with_columns(clients: Clients) -> None:
    clients.run(
        f"""CREATE TABLE {DATABASE}.declared (
          id bigint COMMENT 'it''s the key', at timestamp, note string, lines array<struct<n:int>>)
        PARTITIONED BY (day(at), bucket(16, id), truncate(2, note))
        LOCATION '{LAKE}/declared/'
        TBLPROPERTIES ('table_type'='ICEBERG', 'write_compression'='zstd',
          'vacuum_max_snapshot_age_seconds'='60')"""
    )

    assert clients.columns("declared") == [
        ("id", "bigint"),
        ("at", "timestamp"),
        ("note", "string"),
        ("lines", "array<struct<n:int>>"),
    ]
    assert clients.run("show create table declared")[5:6] == [
        ["PARTITIONED BY (day(at), bucket(16, id), truncate(2, note))"]
    ]
    assert clients.run(
        """select value from "declared$properties" where key = 'vacuum_max_snapshot_age_seconds'"""
    ) == [["60"]]


def test_hive_table_through_its_life(clients: Clients) -> None:
    table = f"""create table "awsdatacatalog"."{DATABASE}"."events" with (table_type='hive',
        is_external=true, external_location='{LAKE}/events', partitioned_by=ARRAY['dt'],
        write_compression='SNAPPY', format='parquet') as select 1 as id, '2026-01-01' as dt"""
    clients.run(table)
    clients.run(f"alter table `{DATABASE}`.`events` set tblproperties ('classification'='parquet')")
    clients.run("insert into events values (2, '2026-01-02')")
    clients.run("alter table events add columns (note string)")

    assert clients.run("select * from events order by id") == [
        ["1", None, "2026-01-01"],
        ["2", None, "2026-01-02"],
    ]
    assert clients.run("show partitions events") == [["dt=2026-01-01"], ["dt=2026-01-02"]]

    clients.run(f"drop table `{DATABASE}`.`events`")
    assert clients.failure(table).startswith(
        f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{DATABASE}.events' already exists"
    )


def test_external_tables(clients: Clients) -> None:
    clients.s3.put_object(Bucket=BUCKET, Key="lake/csv/a.csv", Body=b'id,name\n1,"a, b"\n2,\n')
    clients.s3.put_object(Bucket=BUCKET, Key="lake/lines/dt=1/a", Body=b'{"a": 1}\n{"b": 2}\n')
    clients.run(
        f"""create external table `{DATABASE}`.`seed__dbt_tmp` (`id` string, `name` string)
        row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
        location '{LAKE}/csv' tblproperties ('skip.header.line.count'='1')"""
    )
    clients.run(
        rf"""create external table lines (line string) partitioned by (dt string)
        row format delimited fields terminated by '\001' stored as textfile
        location '{LAKE}/lines/'"""
    )
    clients.run("msck repair table lines")

    assert clients.run("select * from seed__dbt_tmp order by id") == [["1", "a, b"], ["2", ""]]
    assert clients.run("select * from lines order by line") == [
        ['{"a": 1}', "1"],
        ['{"b": 2}', "1"],
    ]
    clients.run("alter table lines drop partition (dt = '1')")
    assert clients.run("select count(*) from lines") == [["0"]]
    clients.run("alter table lines add partition (dt = '10:00')")
    assert clients.run("show partitions lines") == [["dt=10%3A00"]]
    clients.run("insert into lines values ('late', '10:00')")
    assert clients.run("select * from lines") == [["late", "10:00"]]
    clients.run("alter table lines drop partition (dt = '10:00')")
    clients.run(f"alter table lines add partition (dt = '2') location '{LAKE}/lines/dt=1/'")
    assert clients.run("select distinct dt from lines") == [["2"]]


def test_view(clients: Clients) -> None:
    queries = ("select 1 as a", "select 2 as a", "select 1 as id, array['x;'] as tags -- )")
    for query in queries:
        clients.run(f'create or replace view "awsdatacatalog"."{DATABASE}"."seen" as {query}')

    assert clients.columns("seen") == [("id", "int"), ("tags", "array<varchar(2)>")]
    assert clients.run("select * from seen") == [["1", "[x;]"]]
    assert clients.run(f"show views in {DATABASE}") == [["seen"]]
    # dbt reads the location of each when it deletes the earlier ones.
    versions = clients.glue.get_table_versions(DatabaseName=DATABASE, TableName="seen")
    locations = [
        each["Table"]["StorageDescriptor"]["Location"] for each in versions["TableVersions"]
    ]
    assert locations == [""] * len(queries)
    clients.run(f'drop view if exists "awsdatacatalog"."{DATABASE}"."seen"')
    assert clients.run("show views") == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            iceberg("t", "select localtimestamp as at"),
            'NOT_SUPPORTED: Timestamp precision (3) not supported for Iceberg. Use "timestamp(6)" '
            "instead.",
        ),
        (
            iceberg("t", "select cast(1 as tinyint) as a"),
            "NOT_SUPPORTED: Type not supported for Iceberg: tinyint",
        ),
        (iceberg("t", "select null as a"), "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown"),
        (
            "create table t with (format='parquet') as select current_timestamp as at",
            "NOT_SUPPORTED: Unsupported Hive type: timestamp(3) with time zone",
        ),
        (
            "create view t as select current_timestamp as at",
            "NOT_SUPPORTED: Unsupported Hive type: timestamp(3) with time zone",
        ),
        (
            iceberg("t", "select n from unnest(sequence(1, 101)) u (n)", "partitioning=ARRAY['n']"),
            "ICEBERG_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions",
        ),
        (
            "select any_value(1)",
            "FUNCTION_NOT_FOUND: line 1:8: Function 'any_value' not registered",
        ),
        ("select no_such(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'no_such' not registered"),
        (
            "select * from system.runtime.queries",
            "CATALOG_NOT_FOUND: line 1:15: Catalog 'system' not found",
        ),
        ("select * from nowhere", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog."),
    ],
)
def test_what_athena_refuses(statement: str, reason: str, clients: Clients) -> None:
    assert clients.failure(statement).startswith(reason)
    assert tables(clients, "t") == []


def test_rows_of_a_hive_table_stay(clients: Clients) -> None:
    clients.run(f"create table fixed with (external_location='{LAKE}/fixed') as select 1 as id")

    for statement in (
        "update fixed set id = 2",
        "delete from fixed where id = 1",
        "merge into fixed using (values 1) s (id) on (fixed.id = s.id) when matched then delete",
    ):
        assert clients.failure(statement) == (
            "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables"
        )
    assert "Table cannot be renamed" in clients.failure("alter table fixed rename to other")


def test_describe(clients: Clients) -> None:
    clients.run(iceberg("described", "select 1 as id, 'x' as note"))

    assert clients.run("describe described") == [
        ["id                  \tint                 \t                    "],
        ["note                \tstring              \t                    "],
    ]


def tables(clients: Clients, pattern: str) -> Sequence[list[str | None]]:
    return clients.run(f"show tables '{pattern}'")


def test_optimize_takes_a_hundred_partitions_a_run(clients: Clients) -> None:
    days = "unnest(sequence(0, 59)) as days (day)"
    clients.run(
        iceberg(
            "busy",
            f"select date '2026-01-01' + interval '1' day * day as on_day, day from {days}",
            "partitioning=ARRAY['on_day']",
        )
    )
    for shift in (0, 60, 60):
        clients.run(
            f"insert into busy select date '2026-01-01' + interval '1' day * (day + {shift}), day "
            f"from {days}"
        )
    optimize = "optimize busy rewrite data using bin_pack"

    assert clients.failure(optimize).startswith(
        "ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED: Processed 100 partitions in this round"
    )
    clients.run(optimize)

    assert clients.run('select count(*) from "busy$files"') == [["120"]]
    assert clients.run("select count(*), count(distinct on_day) from busy") == [["240", "120"]]
