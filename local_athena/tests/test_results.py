"""Athena's text for every type, its column descriptions and its pages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_athena.errors import ApiError
from local_athena.result_files import file_name, file_text, split_location
from local_athena.results import (
    ResultSet,
    column_info,
    java_double,
    result_page,
    result_set,
    text_writer,
)
from local_athena.session import Column, Outcome, TrinoResult
from local_athena.trino_types import parse_type


@pytest.mark.parametrize(
    ("trino_type", "value", "expected"),
    [
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("bigint", -7, "-7"),
        ("decimal(15,2)", "12.30", "12.30"),
        ("varchar", 'a "b", c', 'a "b", c'),
        ("char(3)", "a  ", "a  "),
        ("varbinary", "AQL/", "01 02 ff"),
        ("varbinary", "", ""),
        ("date", "2026-01-01", "2026-01-01"),
        ("timestamp(6)", "2026-01-01 00:00:00.000000", "2026-01-01 00:00:00.000000"),
        (
            "timestamp(3) with time zone",
            "2026-01-01 00:00:00.000 UTC",
            "2026-01-01 00:00:00.000 UTC",
        ),
        ("double", 1e20, "1.0E20"),
        ("double", "NaN", "NaN"),
        ("real", 1.1, "1.1"),
        ("array(integer)", [1, None, 2], "[1, null, 2]"),
        ("array(varchar)", [], "[]"),
        ("array(varchar)", ["a, b"], "[a, b]"),
        ("array(array(double))", [[1.0], [2.5]], "[[1.0], [2.5]]"),
        ("map(varchar, integer)", {"k": 1, "j": None}, "{j=null, k=1}"),
        ("map(integer, varchar)", {"10": "b", "9": "a"}, "{9=a, 10=b}"),
        ("row(a bigint, b varchar)", [1, None], "{a=1, b=null}"),
        ("row(bigint, varchar)", [1, "x"], "{1, x}"),
        (
            "array(row(at timestamp(6), ok boolean))",
            [["2026-01-01 00:00:00.000000", True]],
            "[{at=2026-01-01 00:00:00.000000, ok=true}]",
        ),
    ],
)
def test_values_are_written_as_athena_does(trino_type: str, value: Any, expected: str) -> None:
    assert text_writer(parse_type(trino_type))(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1, "1.0"),
        (-1.5, "-1.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.001, "0.001"),
        (0.0009999, "9.999E-4"),
        (1e-7, "1.0E-7"),
        (9_999_999.0, "9999999.0"),
        (10_000_000.0, "1.0E7"),
        (12_345_678.9, "1.23456789E7"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_doubles_are_written_as_java_does(value: float | str, expected: str) -> None:
    assert java_double(value) == expected


@given(st.floats(allow_nan=False))
def test_a_double_reads_back_as_itself(number: float) -> None:
    assert float(java_double(number)) == number


@pytest.mark.parametrize(
    ("trino_type", "expected"),
    [
        ("boolean", ("boolean", 0, 0, False)),
        ("integer", ("integer", 10, 0, False)),
        ("bigint", ("bigint", 19, 0, False)),
        ("real", ("float", 17, 0, False)),
        ("double", ("double", 17, 0, False)),
        ("varchar", ("varchar", 2147483647, 0, True)),
        ("varchar(10)", ("varchar", 10, 0, True)),
        ("char(3)", ("char", 3, 0, True)),
        ("decimal(15,2)", ("decimal", 15, 2, False)),
        ("date", ("date", 0, 0, False)),
        ("timestamp(6)", ("timestamp", 3, 0, False)),
        ("timestamp(3) with time zone", ("timestamp with time zone", 3, 0, False)),
        ("varbinary", ("varbinary", 1073741824, 0, False)),
        ("array(bigint)", ("array", 0, 0, False)),
        ("row(a bigint)", ("row", 0, 0, False)),
    ],
)
def test_columns_are_described_as_athena_does(
    trino_type: str, expected: tuple[str, int, int, bool]
) -> None:
    info = column_info(Column("c", trino_type))

    described = info["Type"], info["Precision"], info["Scale"], info["CaseSensitive"]
    assert described == expected
    assert (info["Name"], info["Label"], info["Nullable"]) == ("c", "c", "UNKNOWN")


A_COLUMN = [Column("a", "integer"), Column("b", "varchar")]


def _page_values(page: dict[str, Any]) -> list[list[str | None]]:
    return [[d.get("VarCharValue") for d in row["Data"]] for row in page["ResultSet"]["Rows"]]


def test_a_query_answers_a_header_and_its_rows() -> None:
    result = TrinoResult(A_COLUMN, [[1, "x"], [None, ""]])
    page = result_page(result_set(Outcome("DML", "SELECT", result)), max_results=1000, token=None)

    assert _page_values(page) == [["a", "b"], ["1", "x"], [None, ""]]
    assert page["UpdateCount"] == 0
    assert "NextToken" not in page


@pytest.mark.parametrize(
    ("statement_type", "substatement_type"),
    [("UTILITY", "SHOW_TABLES"), ("DDL", "MSCK_REPAIR_TABLE"), ("UTILITY", "EXPLAIN")],
)
def test_text_has_no_header(statement_type: str, substatement_type: str) -> None:
    result = TrinoResult([Column("tab_name", "string")], [["t"]])
    outcome = Outcome(statement_type, substatement_type, result)

    page = result_page(result_set(outcome), max_results=1000, token=None)

    assert _page_values(page) == [["t"]]
    assert file_text(outcome, result_set(outcome)) == "t"


def test_a_text_may_stand_for_several_columns() -> None:
    columns = [Column("col_name", "string"), Column("data_type", "string")]
    outcome = Outcome("UTILITY", "DESCRIBE_TABLE", TrinoResult(columns, [["a\tbigint"]]))

    assert result_set(outcome).rows == [("a\tbigint",)]


@pytest.mark.parametrize(
    ("statement_type", "substatement_type"), [("DML", "MERGE"), ("DDL", "CREATE_TABLE_AS_SELECT")]
)
def test_a_write_answers_its_count_and_no_row(statement_type: str, substatement_type: str) -> None:
    outcome = Outcome(statement_type, substatement_type, TrinoResult(update_count=12))

    page = result_page(result_set(outcome), max_results=1000, token=None)

    assert page["ResultSet"]["Rows"] == []
    assert [c["Name"] for c in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["rows"]
    assert page["UpdateCount"] == 12
    assert file_text(outcome, result_set(outcome)) is None


def test_ddl_answers_nothing() -> None:
    page = result_page(result_set(Outcome("DDL", "DROP_TABLE")), max_results=1000, token=None)

    assert page == {"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}


@given(
    values=st.lists(st.none() | st.text(max_size=5), max_size=40),
    has_header=st.booleans(),
    max_results=st.integers(1, 1000),
)
def test_pages_together_are_the_whole_result(
    values: list[str | None], has_header: bool, max_results: int
) -> None:
    results = ResultSet([Column("c", "varchar")], [(v,) for v in values], has_header, 0)
    read, token = [], None
    while True:
        page = result_page(results, max_results=max_results, token=token)
        rows = _page_values(page)
        assert len(rows) <= max_results
        read += rows
        token = page.get("NextToken")
        if token is None:
            break
        assert len(rows) == max_results

    assert read == ([["c"]] if has_header else []) + [[v] for v in values]


def test_a_page_larger_than_athenas_is_refused() -> None:
    with pytest.raises(ApiError, match="maximum allowed length 1000"):
        result_page(ResultSet((), (), False, 0), max_results=1001, token=None)


@pytest.mark.parametrize("token", ["", "1", "cm93Og==", "Zm9vOjE=", "é", "cm93Oi0x"])
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(ApiError, match="Malformed nextPageToken"):
        result_page(ResultSet((), (), False, 0), max_results=1, token=token)


def test_the_result_file_of_a_query_is_csv_in_which_null_is_nothing() -> None:
    result = TrinoResult(A_COLUMN, [[1, 'say "x"'], [None, ""]])
    outcome = Outcome("DML", "SELECT", result)

    assert file_name("id", outcome) == "id.csv"
    assert file_text(outcome, result_set(outcome)) == '"a","b"\n"1","say ""x"""\n,""\n'


@pytest.mark.parametrize(
    ("statement_type", "substatement_type", "expected"),
    [
        ("DML", "MERGE", "id.csv"),
        ("DML", "INSERT", "id"),
        ("DDL", "CREATE_TABLE_AS_SELECT", "id"),
        ("DDL", "DROP_TABLE", "id.txt"),
        ("UTILITY", "SHOW_TABLES", "id.txt"),
    ],
)
def test_result_files_are_named_as_athena_does(
    statement_type: str, substatement_type: str, expected: str
) -> None:
    assert file_name("id", Outcome(statement_type, substatement_type)) == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("s3://b", ("b", "")),
        ("s3://b/", ("b", "")),
        ("s3://b/p", ("b", "p/")),
        ("s3://b/p/q/", ("b", "p/q/")),
    ],
)
def test_a_location_is_a_bucket_and_a_prefix(location: str, expected: tuple[str, str]) -> None:
    assert split_location(location) == expected


@pytest.mark.parametrize("location", ["", "b/p", "s3://", "s3:///p", "https://b/p"])
def test_a_location_that_is_not_s3s_is_refused(location: str) -> None:
    with pytest.raises(ApiError, match="not a valid S3 path"):
        split_location(location)
