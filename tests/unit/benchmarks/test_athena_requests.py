from __future__ import annotations

import json

import pytest

from benchmarks.athena_requests import (
    DBT_AGENT,
    Price,
    Requests,
    check_log,
    count,
    read_requests,
)
from benchmarks.command import BenchmarkError

TRINO = "aws-sdk-java/2.31.57 md/io#sync"
DBT = f"Boto3/1.43.106 app/{DBT_AGENT} Botocore/1.43.106 dbt-athena/1.11.1"


def line(
    method: str, path: str, *query: str, agent: str = TRINO, service: str = "s3", at: float = 1.0
) -> str:
    return json.dumps(
        {
            "at": at,
            "service": service,
            "method": method,
            "path": path,
            "query": query,
            "agent": agent,
        }
    )


@pytest.mark.parametrize(
    ("told", "price"),
    [
        (line("GET", "/lake/a.parquet"), Price.GET),
        (line("HEAD", "/lake/a.parquet"), Price.GET),
        (line("GET", "/lake", "list-type", "prefix"), Price.PUT),
        (line("GET", "/lake/", "list-type"), Price.PUT),
        (line("PUT", "/lake/a.parquet"), Price.PUT),
        (line("PUT", "/lake/a.parquet", "partNumber", "uploadId"), Price.PUT),
        (line("POST", "/lake/a.parquet", "uploads"), Price.PUT),
        (line("POST", "/lake", "delete"), Price.FREE),
        (line("DELETE", "/lake/a.parquet"), Price.FREE),
        (line("POST", "/", service="glue"), None),
    ],
)
def test_a_request_has_s3_s_price(told: str, price: Price | None) -> None:
    (request,) = read_requests([told], "raw")
    assert request.price is price


def test_only_the_engine_s_requests_and_dbt_s_are_counted() -> None:
    told = [
        line("GET", "/raw/events/a.ndjson.gz"),
        line("GET", "/raw", "list-type"),
        line("GET", "/rawer/a"),
        line("PUT", "/lake/a", agent=DBT),
        line("POST", "/", service="glue", agent=DBT),
        line("PUT", "/raw/events/b.ndjson.gz", agent="Boto3/1.43.106 Botocore/1.43.106"),
    ]
    requests = read_requests(told, "raw")
    assert count(requests) == Requests(puts=2, gets=2, raw_gets=1, glue=1)
    assert [request.by_dbt for request in requests] == [False, False, False, True, True]


def test_a_log_that_lacks_what_trino_counts_is_refused() -> None:
    requests = read_requests(
        [line("GET", "/lake/a"), line("DELETE", "/lake/a"), line("PUT", "/lake/a", agent=DBT)],
        "raw",
    )
    before = {"GetObject": 4, "DeleteObject": 1}
    check_log(requests, before, {"GetObject": 5, "DeleteObject": 9})
    check_log(requests, before, {"GetObject": 6, "DeleteObject": 9})
    with pytest.raises(BenchmarkError, match="Trino counts 3 requests to S3 and the log has 1"):
        check_log(requests, before, {"GetObject": 6, "DeleteObject": 9, "PutObject": 1})
