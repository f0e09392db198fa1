"""Types in Hive's spelling and in Trino's."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.statements.types import hive_to_trino, normal_hive_type, trino_to_hive

ALIKE = ["boolean", "tinyint", "smallint", "bigint", "double", "date", "char(3)", "varchar(10)"]


@pytest.mark.parametrize(
    ("hive", "trino"),
    [
        *((name, name) for name in ALIKE),
        ("int", "integer"),
        ("float", "real"),
        ("string", "varchar"),
        ("binary", "varbinary"),
        ("decimal(15,2)", "decimal(15, 2)"),
        ("timestamp", "timestamp(6)"),
        ("array<int>", "array(integer)"),
        ("map<string,array<date>>", "map(varchar, array(date))"),
        ("struct<a:int,b:struct<c:string>>", 'row("a" integer, "b" row("c" varchar))'),
    ],
)
def test_both_ways(hive: str, trino: str) -> None:
    assert hive_to_trino(hive) == trino
    assert trino_to_hive(trino) == hive
    assert normal_hive_type(f" {hive.upper()} ") == hive


@pytest.mark.parametrize(
    ("hive", "normal"),
    [
        ("varchar", "string"),
        ("INTEGER", "int"),
        ("decimal", "decimal(10,0)"),
        ("struct < A : int , `b` : string >", "struct<a:int,b:string>"),
    ],
)
def test_normal_form(hive: str, normal: str) -> None:
    assert normal_hive_type(hive) == normal


@pytest.mark.parametrize(
    ("trino", "hive"),
    [
        ("timestamp(3)", "timestamp"),
        # Trino refuses a column of it itself, with the column's name.
        ("unknown", "string"),
        ("row(bigint, varchar(3))", "struct<field0:bigint,field1:varchar(3)>"),
        ('row("Big" bigint)', "struct<big:bigint>"),
    ],
)
def test_from_trino_alone(trino: str, hive: str) -> None:
    assert trino_to_hive(trino) == hive


@pytest.mark.parametrize(
    "hive",
    [
        "",
        "int int",
        "array<>",
        "array<int",
        "array<'",
        "map<string>",
        "timestamp(3)",
        "int(3)",
        "json",
    ],
)
def test_no_type_of_athenas_ddl(hive: str) -> None:
    with pytest.raises(StatementFailed, match="SYNTAX_ERROR"):
        normal_hive_type(hive)


@pytest.mark.parametrize(
    "trino", ["time(6)", "array(json)", "timestamp(6) with time zone", "SetDigest"]
)
def test_no_type_of_hive(trino: str) -> None:
    with pytest.raises(StatementFailed, match="NOT_SUPPORTED: Unsupported Hive type") as failure:
        trino_to_hive(trino)

    assert failure.value.message.endswith(trino)
