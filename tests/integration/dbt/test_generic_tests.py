"""Each generic test of ours fails on bad rows, with what is wrong, and passes on good ones."""

from __future__ import annotations

import duckdb
import pytest

from tests.support.dbt.rendering import PROJECT, Rendering

CALLS = {
    "columns_are_not_null": "{{ test_columns_are_not_null('subject', ['source', 'id']) }}",
    "not_negative": "{{ test_not_negative('subject', 'amount') }}",
    "unique_key": "{{ test_unique_key('subject', ['source', 'id']) }}",
    "repeated_keys": (
        "{{ repeated_keys_in('subject', 'subject', ['source', 'id'], 'day',"
        " '2026-03-10 12:00:00') }}"
    ),
}

KEYS = "(source varchar, id varchar, day date, processed_at timestamp)"
OLD, NEW = "2026-03-10 11:55:00", "2026-03-10 12:00:00"


@pytest.fixture(scope="module")
def generic_tests(duckdb_project: Rendering) -> dict[str, str]:
    return duckdb_project.render(CALLS)


def failures(sql: str, columns: str, rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The rows with which a test fails on a table."""
    with duckdb.connect() as connection:
        connection.execute(f"create table subject {columns}")
        for row in rows:
            connection.execute(f"insert into subject values ({', '.join('?' * len(row))})", row)
        return connection.execute(sql).fetchall()


# These read the graph, hence whole lakehouses: where each is seen to fail.
ON_A_LAKEHOUSE = {
    "arrivals_are_each_accepted_quarantined_or_duplicate": "test_backfill_and_upkeep.py",
    "is_right_where_this_run_wrote": "test_unusual_runs.py",
    "has_no_key_twice_where_written_lately": "test_unusual_runs.py",
}


def test_every_generic_test_is_called() -> None:
    names = {path.stem for path in (PROJECT / "tests/dbt/generic").glob("*.sql")}
    called = {name for name in names if f"test_{name}(" in " ".join(CALLS.values())}
    assert called | ON_A_LAKEHOUSE.keys() == names
    for name, file in ON_A_LAKEHOUSE.items():
        # By the name that it has on a domain or a model.
        text = (PROJECT / "tests/integration/road" / file).read_text()
        assert f"__{name}" in text


@pytest.mark.parametrize("amounts", [[], ["0"], ["0.01", None, "1e9"]])
def test_not_negative_passes(generic_tests: dict[str, str], amounts: list[str | None]) -> None:
    rows: list[tuple[object, ...]] = [(amount,) for amount in amounts]
    assert failures(generic_tests["not_negative"], "(amount decimal(15, 2))", rows) == []


def test_not_negative_fails_with_each_value_below_zero(generic_tests: dict[str, str]) -> None:
    rows: list[tuple[object, ...]] = [("-0.01",), ("0",), (None,), ("-5",)]
    found = failures(generic_tests["not_negative"], "(amount decimal(15, 2))", rows)
    assert sorted(float(str(value)) for (value,) in found) == [-5, -0.01]


def test_columns_are_not_null_names_the_column_of_each_row(generic_tests: dict[str, str]) -> None:
    rows: list[tuple[object, ...]] = [("shop", "1", None), (None, "2", 1), ("pos", None, 1)]
    found = failures(
        generic_tests["columns_are_not_null"], "(source varchar, id varchar, other integer)", rows
    )
    assert sorted(found, key=str) == [("pos", None, 1, "id"), (None, "2", 1, "source")]


@pytest.mark.parametrize("name", ["unique_key", "repeated_keys"])
def test_unique_key_passes_where_any_of_its_columns_differs(
    generic_tests: dict[str, str], name: str
) -> None:
    rows: list[tuple[object, ...]] = [
        ("shop", "1", "2026-03-10", NEW),
        ("shop", "2", "2026-03-10", NEW),
        ("pos", "1", "2026-03-10", NEW),
    ]
    assert failures(generic_tests[name], KEYS, rows) == []
    assert failures(generic_tests[name], KEYS, []) == []


def test_unique_key_fails_with_each_doubled_key_over_all_partitions(
    generic_tests: dict[str, str],
) -> None:
    rows: list[tuple[object, ...]] = [
        ("shop", "1", "2026-03-08", OLD),
        ("shop", "1", "2026-03-09", NEW),
        ("shop", "2", "2026-03-09", OLD),
        (None, "3", "2026-03-09", OLD),
        (None, "3", "2026-03-09", OLD),
        (None, "3", "2026-03-09", OLD),
    ]
    found = failures(generic_tests["unique_key"], KEYS, rows)
    assert sorted(found, key=str) == [("shop", "1", 2), (None, "3", 3)]


def test_repeated_keys_are_sought_in_the_partitions_written_to(
    generic_tests: dict[str, str],
) -> None:
    old_pair: list[tuple[object, ...]] = [("shop", "old", "2026-03-08", OLD)] * 2
    touched: list[tuple[object, ...]] = [("shop", "other", "2026-03-09", NEW)]
    assert failures(generic_tests["repeated_keys"], KEYS, old_pair + touched) == []
    # The old row of a touched partition counts.
    pair: list[tuple[object, ...]] = [
        ("shop", "1", "2026-03-09", OLD),
        ("shop", "1", "2026-03-09", NEW),
        (None, "2", "2026-03-09", NEW),
        (None, "2", "2026-03-09", NEW),
    ]
    found = failures(generic_tests["repeated_keys"], KEYS, old_pair + touched + pair)
    problem = "subject holds a key more than once"
    assert sorted(found) == [(problem, "NULL / 2"), (problem, "shop / 1")]
