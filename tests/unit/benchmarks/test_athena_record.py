from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.athena_case import FULL, QUIET, SMALL
from benchmarks.athena_record import (
    AthenaRecord,
    Counts,
    counts_of,
    mean,
    read_record,
    total,
    write_record,
)
from benchmarks.athena_statements import ITSELF, Statement
from benchmarks.command import BenchmarkError
from tests.unit.benchmarks.counted import FAST, counted


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = AthenaRecord([counted(SMALL, FAST, FAST), counted(QUIET)])
    write_record(record, tmp_path / "record.json")
    assert read_record(tmp_path / "record.json") == record


def test_there_is_no_case_where_there_is_no_file(tmp_path: Path) -> None:
    assert read_record(tmp_path / "record.json") == AthenaRecord([])


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text('{"runs": []}')
    with pytest.raises(BenchmarkError, match="count anew"):
        read_record(tmp_path / "record.json")


def test_a_case_is_counted_again_without_the_others() -> None:
    again = replace(counted(SMALL), measured="later")
    record = AthenaRecord([counted(SMALL)]).with_case(counted(QUIET)).with_case(counted(FULL))
    assert [case.name for case in record.cases] == [SMALL.name, FULL.name, QUIET.name]
    assert record.with_case(again).case(SMALL.name).measured == "later"
    assert record.with_case(again).case(QUIET.name).measured == "by hand"


def test_a_case_that_was_not_counted_says_how_to() -> None:
    with pytest.raises(BenchmarkError, match="CASES=quiet"):
        AthenaRecord([]).case("quiet")


def test_a_run_is_the_sum_of_its_statements_and_of_what_dbt_asked() -> None:
    statements = [
        Statement("a", "select", True, 7, 40, 2, 10, 4, 1),
        Statement("a", "drop", False, 0, 0, 2, 0, 0, 3),
        Statement(ITSELF, "lists", False, 0, 0, 5, 1, 0, 9),
    ]
    assert counts_of(statements) == Counts(1, 1, 7, 40, 9, 11, 4, 13)


def test_the_mean_is_rounded_up() -> None:
    one, two = Counts(1, 0, 10, 10, 1, 1, 1, 1), Counts(2, 0, 10, 20, 1, 2, 1, 1)
    assert total([one, two]) == Counts(3, 0, 20, 30, 2, 3, 2, 2)
    assert mean([one, two]) == Counts(2, 0, 10, 15, 1, 2, 1, 1)
    assert counted(SMALL, one, two).fast_mean(1) == one
