"""CREATE TABLE with columns, and DROP TABLE."""

from typing import Any

import pytest

from local_athena.errors import StatementFailed
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession, TrinoCall

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"

RAW = r"""
CREATE EXTERNAL TABLE IF NOT EXISTS `sales`.`Events` (
  `line` string COMMENT 'one envelope, it''s JSON',
  detail struct<Key:int, `values`: array< map<string, decimal(10, 2)> >>
)
COMMENT "what came in"
PARTITIONED BY (dt string, `hour` int COMMENT 'UTC')
ROW FORMAT DELIMITED
  FIELDS TERMINATED BY '\001' ESCAPED BY '\\'
  COLLECTION ITEMS TERMINATED BY '\u0002' MAP KEYS TERMINATED BY ':'
  LINES TERMINATED BY '\n' NULL DEFINED AS ''
STORED AS TEXTFILE
LOCATION 's3://lake/raw/events/'
TBLPROPERTIES ('projection.enabled'='true', 'projection.dt.range'='2026-01-01,NOW')
"""


def test_external_table_with_delimiters_goes_to_glue() -> None:
    session = FakeSession()

    outcome = execute(RAW, session)

    assert session.fake_glue.tables["sales", "events"] == {
        "Name": "events",
        "TableType": "EXTERNAL_TABLE",
        "Description": "what came in",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "projection.enabled": "true",
            "projection.dt.range": "2026-01-01,NOW",
        },
        "PartitionKeys": [
            {"Name": "dt", "Type": "string"},
            {"Name": "hour", "Type": "int", "Comment": "UTC"},
        ],
        "StorageDescriptor": {
            "Columns": [
                {"Name": "line", "Type": "string", "Comment": "one envelope, it's JSON"},
                {
                    "Name": "detail",
                    "Type": "struct<key:int,values:array<map<string,decimal(10,2)>>>",
                },
            ],
            "Location": "s3://lake/raw/events/",
            "InputFormat": TEXT_INPUT,
            "OutputFormat": TEXT_OUTPUT,
            "SerdeInfo": {
                "SerializationLibrary": LAZY,
                "Parameters": {
                    "field.delim": "\x01",
                    "serialization.format": "\x01",
                    "escape.delim": "\\",
                    "collection.delim": "\x02",
                    "mapkey.delim": ":",
                    "line.delim": "\n",
                    "serialization.null.format": "",
                },
            },
        },
    }
    assert session.calls == []
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "CREATE_TABLE")


def test_seed_of_dbt() -> None:
    session = FakeSession()

    execute(
        """
    create external table `sales`.`rates__dbt_tmp` (
            `currency` string , `rate` string )
    row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
    location 's3://lake/sales/rates__dbt_tmp/6b1c'
    tblproperties (
      'skip.header.line.count'='1'
    )
  """,
        session,
    )

    table = session.fake_glue.tables["sales", "rates__dbt_tmp"]
    assert table["Parameters"] == {"EXTERNAL": "TRUE", "skip.header.line.count": "1"}
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        "Parameters": {"serialization.format": "1"},
    }
    assert table["StorageDescriptor"]["InputFormat"] == TEXT_INPUT


def test_serde_with_properties_and_formats_by_class() -> None:
    session = FakeSession()

    execute(
        "create external table t (a int) row format serde 'org.openx.data.jsonserde.JsonSerDe' "
        "with serdeproperties ('ignore.malformed.json'='true') "
        "stored as inputformat 'In' outputformat 'Out' location 's3://lake/t/'",
        session,
    )

    assert session.fake_glue.tables["sales", "t"]["StorageDescriptor"] == {
        "Columns": [{"Name": "a", "Type": "int"}],
        "Location": "s3://lake/t/",
        "InputFormat": "In",
        "OutputFormat": "Out",
        "SerdeInfo": {
            "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
            "Parameters": {"ignore.malformed.json": "true"},
        },
    }


@pytest.mark.parametrize(
    ("stored_as", "serde"),
    [
        ("parquet", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
        ("ORC", "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
        ("avro", "org.apache.hadoop.hive.serde2.avro.AvroSerDe"),
        ("textfile", LAZY),
        ("sequencefile", LAZY),
        ("rcfile", "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe"),
    ],
)
def test_stored_as(stored_as: str, serde: str) -> None:
    session = FakeSession()

    execute(f"create external table t (a int) stored as {stored_as} location 's3://l/t/'", session)

    storage = session.fake_glue.tables["sales", "t"]["StorageDescriptor"]
    assert storage["SerdeInfo"]["SerializationLibrary"] == serde


def test_external_table_that_is_there() -> None:
    session = FakeSession()
    session.add_table("events")
    before = session.fake_glue.tables.copy()

    execute(RAW, session)
    with pytest.raises(StatementFailed, match=r"message:Table events already exists"):
        execute(RAW.replace("IF NOT EXISTS", ""), session)

    assert session.fake_glue.tables == before


DBT_ICEBERG_DDL = """
CREATE TABLE sales.orders (
  id bigint COMMENT 'it''s the key', ordered_at timestamp, amount decimal(15,2), lines array<int>)
PARTITIONED BY (country, day(ordered_at), bucket(16, `id`), truncate(4, country))
COMMENT 'all'
LOCATION 's3://lake/orders/'
TBLPROPERTIES (
  'table_type'='ICEBERG',
  'format'='orc',
  'write_compression'='zstd',
  'vacuum_max_snapshot_age_seconds'='60'
)
"""


def test_iceberg_table_with_columns() -> None:
    session = FakeSession()

    outcome = execute(DBT_ICEBERG_DDL, session)

    assert session.calls == [
        TrinoCall(
            'CREATE TABLE awsdatacatalog."sales"."orders" '
            "(\"id\" bigint COMMENT 'it''s the key', \"ordered_at\" timestamp(6), "
            '"amount" decimal(15, 2), "lines" array(integer))\n'
            "COMMENT 'all'\n"
            "WITH (format = 'ORC', location = 's3://lake/orders/', partitioning = "
            "ARRAY['country', 'day(ordered_at)', 'bucket(id, 16)', 'truncate(country, 4)'], "
            "extra_properties = MAP(ARRAY['vacuum_max_snapshot_age_seconds'], ARRAY['60']))",
            properties={"awsdatacatalog.compression_codec": "ZSTD"},
        )
    ]
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "CREATE_TABLE")


ICEBERG = "location 's3://l/t' tblproperties ('table_type'='iceberg')"


def test_struct_with_names_that_need_quotes() -> None:
    session = FakeSession()
    columns = """(a struct<`select`: int, `b"c`: array<struct<`d e`: int>>>)"""

    execute(f"create table t {columns} {ICEBERG}", session)
    execute(f"create external table u {columns} location 's3://l/u'", session)

    assert """row("select" integer, "b""c" array(row("d e" integer)))""" in session.sql[0]
    [column] = session.fake_glue.tables["sales", "u"]["StorageDescriptor"]["Columns"]
    assert column["Type"] == """struct<select:int,b"c:array<struct<d e:int>>>"""


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("create table t (a int) location 's3://l/t'", "use CREATE EXTERNAL TABLE"),
        (
            "create table t (a int) tblproperties ('table_type'='iceberg')",
            "INVALID_TABLE_PROPERTY: Table location can not be null",
        ),
        (f"create table t (a tinyint) {ICEBERG}", "Type not supported for Iceberg: tinyint"),
        (f"create table t (a array<smallint>) {ICEBERG}", "not supported for Iceberg: smallint"),
        (f"create table t (a char(3)) {ICEBERG}", r"Type not supported for Iceberg: char\(3\)"),
        (
            f"create table t (a int) {ICEBERG[:-1]}, 'classification'='parquet')",
            "FAILED: SemanticException Unsupported table property key: classification",
        ),
        (
            f"create table t (a text2) {ICEBERG}",
            "SYNTAX_ERROR: 'text2' is not a type that Athena's DDL knows",
        ),
        (f"create table t (a timestamp(3)) {ICEBERG}", r"'timestamp\(3\)' is not a type"),
        ("create external table t (a int)", "No location specified"),
        (
            f"create external table t (a int) {ICEBERG}",
            "NOT_SUPPORTED: CREATE EXTERNAL TABLE is not for Iceberg tables: use CREATE TABLE",
        ),
        (
            "create external table t (a int) stored as csv location 's3://l/t'",
            "Unrecognized file format in STORED AS clause: 'CSV'",
        ),
        (
            "create external table t (a int) clustered by (a) into 2 buckets",
            "line 1:33: mismatched input 'clustered'",
        ),
        (
            "create external table nowhere.t (a int) location 's3://l/t'",
            r"FAILED: SemanticException \[Error 10072\]: Database does not exist: nowhere",
        ),
        ("create external table t (a int", "mismatched input '<EOF>'. Expecting: \\)"),
    ],
)
def test_table_that_is_refused(statement: str, message: str) -> None:
    session = FakeSession()

    with pytest.raises(StatementFailed, match=message):
        execute(statement, session)

    assert session.calls == []
    assert session.fake_glue.tables == {}


@pytest.mark.parametrize(
    "statement",
    [
        "drop table if exists `sales`.`orders`",
        "DROP TABLE orders",
        'drop table awsdatacatalog."sales".orders purge',
    ],
)
def test_iceberg_table_is_dropped_with_its_data(statement: str) -> None:
    session = FakeSession()
    session.add_iceberg_table("orders")

    if '"' in statement:
        # Hive's parser reads double quotes as text.
        with pytest.raises(StatementFailed, match="Expecting: identifier"):
            execute(statement, session)
        return
    outcome = execute(statement, session)

    assert session.sql == ['DROP TABLE awsdatacatalog."sales"."orders"']
    assert (outcome.statement_type, outcome.substatement_type) == ("DDL", "DROP_TABLE")


def test_hive_table_is_dropped_from_glue_alone() -> None:
    session = FakeSession()
    session.add_table("events")

    execute("drop table events", session)

    assert session.fake_glue.tables == {}
    assert session.calls == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, r"FAILED: SemanticException \[Error 10001\]: Table not found sales.orders"),
        ({"TableType": "VIRTUAL_VIEW"}, "Cannot drop a view with DROP TABLE"),
    ],
)
def test_table_that_cannot_be_dropped(table: dict[str, Any] | None, message: str) -> None:
    session = FakeSession()
    if table:
        session.add_table("orders", **table)

    with pytest.raises(StatementFailed, match=message):
        execute("drop table orders", session)

    assert session.calls == []


def test_missing_table_if_exists() -> None:
    session = FakeSession()

    execute("drop table if exists nothing", session)

    assert session.calls == []
