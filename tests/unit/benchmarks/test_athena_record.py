from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.athena_bill import Kind
from benchmarks.athena_record import (
    AthenaRecord,
    CountedRun,
    counted_run,
    read_record,
    write_record,
)
from benchmarks.athena_statements import Cost, Requests, mean_requests, requests_between


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    kind = Kind(
        "fast",
        "dbt build",
        {"a": Cost(3, 1, 7, 40), "b": Cost(1, 0, 2, 10)},
        runs_a_day=288,
        requests=Requests(puts=5, gets=6),
    )
    record = AthenaRecord("today", 3_472, [counted_run(kind, 30)])
    write_record(record, tmp_path / "record.json")
    assert read_record(tmp_path / "record.json") == record
    assert record.run("fast") == CountedRun("fast", 30, 4, 1, 9, 50, 5, 6)


def test_a_list_is_as_dear_as_a_put_and_a_delete_is_free() -> None:
    before = {"PutObject": 10, "GetObject": 5}
    after = {
        "PutObject": 13,
        "ListObjectsV2": 4,
        "CreateMultipartUpload": 1,
        "UploadPart": 2,
        "CompleteMultipartUpload": 1,
        "GetObject": 9,
        "HeadObject": 2,
        "DeleteObjects": 50,
        "AbortMultipartUpload": 3,
    }
    assert requests_between(before, after, statements=0) == Requests(puts=11, gets=6)


def test_each_statement_writes_its_result_and_what_it_is_made_of() -> None:
    assert requests_between({}, {}, statements=19) == Requests(puts=38, gets=0)


def test_the_mean_of_requests_is_rounded_up() -> None:
    assert mean_requests([Requests(1, 10), Requests(2, 10), Requests(1, 10)]) == Requests(2, 10)


def test_a_run_that_was_not_counted_is_an_error() -> None:
    with pytest.raises(StopIteration):
        AthenaRecord("today", 1, []).run("fast")
