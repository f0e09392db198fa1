"""SHOW and DESCRIBE, in Athena's shapes."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local_athena.errors import StatementFailed
from local_athena.session import Column
from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession


def shown(statement: str, session: FakeSession) -> tuple[str, list[str], list[Any]]:
    outcome = execute(statement, session)
    assert outcome.statement_type == "UTILITY"
    columns = [column.name for column in outcome.result.columns]
    return outcome.substatement_type, columns, [row[0] for row in outcome.result.rows]


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession()
    session.add_iceberg_table("orders")
    session.add_table(
        "events",
        Parameters={"EXTERNAL": "TRUE", "classification": "json"},
        PartitionKeys=[{"Name": "dt", "Type": "string"}],
        StorageDescriptor={
            "Columns": [{"Name": "line", "Type": "string", "Comment": "raw"}],
            "Location": "s3://lake/events/",
            "InputFormat": "In",
            "OutputFormat": "Out",
            "SerdeInfo": {"SerializationLibrary": "Serde", "Parameters": {"field.delim": ","}},
        },
    )
    session.add_table("daily", TableType="VIRTUAL_VIEW")
    session.fake_glue.databases["web"] = {}
    session.fake_glue.partitions["sales", "events"] = [
        {"Values": ["2026-01-02"]},
        {"Values": ["2026-01-01"]},
    ]
    return session


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("show tables", ["daily", "events", "orders"]),
        ("SHOW TABLES IN `sales`", ["daily", "events", "orders"]),
        ("show tables in sales 'e*|o.*'", ["events", "orders"]),
        ("show tables from web", []),
    ],
)
def test_tables(statement: str, names: list[str], session: FakeSession) -> None:
    assert shown(statement, session) == ("SHOW_TABLES", ["tab_name"], names)


def test_views(session: FakeSession) -> None:
    assert shown("show views in sales like 'd*'", session) == ("SHOW_VIEWS", ["views"], ["daily"])


@pytest.mark.parametrize(
    ("statement", "names"),
    [("show databases", ["sales", "web"]), ("show schemas like 'W*'", ["web"])],
)
def test_databases(statement: str, names: list[str], session: FakeSession) -> None:
    assert shown(statement, session) == ("SHOW_DATABASES", ["database_name"], names)


@pytest.mark.parametrize(
    "statement", ["show columns in events", "show columns from events in sales"]
)
def test_columns(statement: str, session: FakeSession) -> None:
    expected = ["line                ", "dt                  "]
    assert shown(statement, session) == ("SHOW_COLUMNS", ["field"], expected)


@pytest.mark.parametrize("statement", ["describe `sales`.`events`", "DESC events"])
def test_describe(statement: str, session: FakeSession) -> None:
    blank = "                    \t                    \t                    "
    partition_column = "dt                  \tstring              \t                    "
    assert shown(statement, session) == (
        "DESCRIBE_TABLE",
        ["col_name", "data_type", "comment"],
        [
            "line                \tstring              \traw                 ",
            partition_column,
            blank,
            "# Partition Information\t                    \t                    ",
            "# col_name          \tdata_type           \tcomment             ",
            blank,
            partition_column,
        ],
    )


def test_partitions(session: FakeSession) -> None:
    assert shown("show partitions events", session) == (
        "SHOW_PARTITIONS",
        ["partition"],
        ["dt=2026-01-01", "dt=2026-01-02"],
    )


@pytest.mark.parametrize(
    ("statement", "lines"),
    [
        ("show tblproperties events", ["EXTERNAL\tTRUE", "classification\tjson"]),
        ("show tblproperties events('classification')", ["classification\tjson"]),
        ("show tblproperties events('colour')", []),
    ],
)
def test_properties(statement: str, lines: list[str], session: FakeSession) -> None:
    expected = ("SHOW_TBLPROPERTIES", ["prpt_name", "prpt_value"], lines)
    assert shown(statement, session) == expected


def test_hive_table(session: FakeSession) -> None:
    assert shown("show create table events", session) == (
        "SHOW_CREATE_TABLE",
        ["createtab_stmt"],
        [
            "CREATE EXTERNAL TABLE `sales.events`(",
            "  `line` string COMMENT 'raw')",
            "PARTITIONED BY ( ",
            "  `dt` string)",
            "ROW FORMAT SERDE ",
            "  'Serde' ",
            "WITH SERDEPROPERTIES ( ",
            "  'field.delim'=',')",
            "STORED AS INPUTFORMAT ",
            "  'In' ",
            "OUTPUTFORMAT ",
            "  'Out'",
            "LOCATION",
            "  's3://lake/events/'",
            "TBLPROPERTIES (",
            "  'EXTERNAL'='TRUE', ",
            "  'classification'='json')",
        ],
    )


def test_hive_table_of_nothing(session: FakeSession) -> None:
    session.add_table("bare", StorageDescriptor={})

    _, _, lines = shown("show create table bare", session)

    assert lines[:3] == ["CREATE EXTERNAL TABLE `sales.bare`(", ")", "ROW FORMAT SERDE "]
    assert lines[-2:] == ["LOCATION", "  ''"]


def test_texts_are_shown_as_hive_reads_them(session: FakeSession) -> None:
    session.add_table("texts", Parameters={"a": "it's\t\x01\\"})

    assert shown("show create table texts", session)[2][-1] == r"  'a'='it\'s\t\u0001\\')"


TEXTS = st.text("ab '\"`\\;\n\t\x01é日", min_size=1, max_size=6)


@given(comment=TEXTS, key=TEXTS, value=TEXTS, delimiter=TEXTS)
@example(comment="it's", key="a", value="C:\\", delimiter="\x01")
def test_what_is_shown_of_a_hive_table_creates_it_again(
    comment: str, key: str, value: str, delimiter: str
) -> None:
    session = FakeSession()
    session.add_table(
        "events",
        Parameters={"EXTERNAL": "TRUE", key: value},
        PartitionKeys=[{"Name": "dt", "Type": "string", "Comment": comment}],
        StorageDescriptor={
            "Columns": [{"Name": "line", "Type": "string", "Comment": comment}],
            "Location": "s3://lake/it's/",
            "InputFormat": "In",
            "OutputFormat": "Out",
            "SerdeInfo": {"SerializationLibrary": "Serde", "Parameters": {key: delimiter}},
        },
    )
    _, _, lines = shown("show create table events", session)
    before = session.fake_glue.tables.pop(("sales", "events"))

    execute("\n".join(lines).replace("`sales.events`", "events"), session)

    assert session.fake_glue.tables["sales", "events"] == before


def test_iceberg_table(session: FakeSession) -> None:
    session.answer(
        "SHOW CREATE TABLE",
        [Column("Create Table", "varchar")],
        [
            [
                "CREATE TABLE awsdatacatalog.sales.orders (\n   id integer\n)\nWITH (\n"
                "   format = 'PARQUET',\n"
                "   partitioning = ARRAY['day(at)','bucket(id, 16)'],\n"
                "   sorted_by = ARRAY['id']\n)"
            ]
        ],
    )

    assert shown("show create table orders", session) == (
        "SHOW_CREATE_TABLE",
        ["createtab_stmt"],
        [
            "CREATE TABLE sales.orders (",
            "  id int)",
            "PARTITIONED BY (day(at), bucket(16, id))",
            "LOCATION ''",
            "TBLPROPERTIES (",
            "  'table_type'='iceberg'",
            ");",
        ],
    )
    assert session.sql == ['SHOW CREATE TABLE awsdatacatalog."sales"."orders"']


@pytest.mark.parametrize(
    ("statement", "sql", "substatement"),
    [
        (
            "show create view `sales`.`daily`",
            'SHOW CREATE VIEW awsdatacatalog."sales"."daily"',
            "SHOW_CREATE_VIEW",
        ),
        ("show functions like 'abs%'", "SHOW functions like 'abs%'", "SHOW"),
    ],
)
def test_what_trino_answers_alike(
    statement: str, sql: str, substatement: str, session: FakeSession
) -> None:
    session.answer("SHOW", [Column("Some", "varchar")], [["text"]])

    assert shown(statement, session) == (substatement, ["Some"], ["text"])
    assert session.sql == [sql]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("describe missing", "Table not found sales.missing"),
        ("show tables in nowhere", "Database does not exist: nowhere"),
        ("show partitions orders", "Table orders is not a partitioned table"),
        ("show create table daily", "sales.daily is a view"),
        ("show tables '('", r"Pattern '\(': missing \)"),
        ("show databases like 'a[b'", r"Pattern 'a\[b': unterminated character set"),
        ("show tables like", "mismatched input '<EOF>'. Expecting: string"),
        ("describe events line", "Expecting: <EOF>"),
    ],
)
def test_what_cannot_be_shown(statement: str, message: str, session: FakeSession) -> None:
    with pytest.raises(StatementFailed, match=message):
        execute(statement, session)
