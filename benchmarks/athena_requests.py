"""What was asked of S3 and Glue, from the lines that benchmarks.recorded_aws writes: pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from benchmarks.command import BenchmarkError

# Names the file that benchmarks.recorded_aws writes.
LOG_VARIABLE: Final = "RECORDED_AWS_LOG"

# What dbt calls itself to AWS in a count (botocore's `user_agent_appid`).
DBT_AGENT: Final = "dbt-counted"
_TRINO_AGENT: Final = "aws-sdk-java"

# Trino's names of what S3 does for nothing.
_FREE: Final = ("AbortMultipartUpload", "DeleteObject", "DeleteObjects")
# Trino's counters are not read in the very moment of the log's end.
_MOST_UNTOLD: Final = 0.01


class Price(Enum):
    """What S3 bills a request as: https://aws.amazon.com/s3/pricing/.

    Attributes:
        PUT: PUT, COPY, POST and LIST.
        GET: GET, HEAD and all others.
        FREE: DELETE and CANCEL.
    """

    PUT = "put"
    GET = "get"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to S3 or Glue.

    Attributes:
        at: When it came, in seconds since the epoch.
        service: `s3` or `glue`.
        by_dbt: Whether dbt sent it, and not the engine.
        price: What S3 bills it as; None of Glue's.
        is_raw: Whether it asks for an object of the raw zone, or a list of some.
    """

    at: float
    service: str
    by_dbt: bool
    price: Price | None
    is_raw: bool


@dataclass(frozen=True, slots=True)
class Requests:
    """Sums of requests.

    Attributes:
        puts: At S3's price of a PUT: PUT, COPY, POST and LIST.
        gets: At S3's price of a GET: GET and HEAD.
        raw_gets: Of these, those of objects of the raw zone.
        glue: To the Data Catalog.
    """

    puts: int = 0
    gets: int = 0
    raw_gets: int = 0
    glue: int = 0


def read_requests(lines: Iterable[str], raw_bucket: str) -> list[Request]:
    """Return the requests of the engine and of dbt, in their order.

    What the benchmark itself sends, and the local Athena's server for itself, is left out.

    Args:
        lines: Of the log.
        raw_bucket: The raw zone's.
    """
    requests = []
    for line in lines:
        told: dict[str, Any] = json.loads(line)
        by_dbt = DBT_AGENT in told["agent"]
        if not by_dbt and _TRINO_AGENT not in told["agent"]:
            continue
        is_s3 = told["service"] == "s3"
        bucket = told["path"].lstrip("/").partition("/")[0]
        requests.append(
            Request(
                at=told["at"],
                service=told["service"],
                by_dbt=by_dbt,
                price=_price(told["method"], told["path"], told["query"]) if is_s3 else None,
                is_raw=is_s3 and bucket == raw_bucket,
            )
        )
    return requests


def count(requests: Iterable[Request]) -> Requests:
    """Return the sums of some requests."""
    puts = gets = raw_gets = glue = 0
    for each in requests:
        puts += each.price is Price.PUT
        gets += each.price is Price.GET
        raw_gets += each.price is Price.GET and each.is_raw
        glue += each.service == "glue"
    return Requests(puts, gets, raw_gets, glue)


def check_log(
    requests: Iterable[Request], before: Mapping[str, int], after: Mapping[str, int]
) -> None:
    """Hold the log against Trino's own counters.

    Args:
        requests: Of the log.
        before: What Trino had sent before them, by operation.
        after: What it has sent since then too.

    Raises:
        BenchmarkError: They do not agree.
    """
    counted = sum(
        sent - before.get(operation, 0)
        for operation, sent in after.items()
        if operation not in _FREE
    )
    logged = sum(each.price in (Price.PUT, Price.GET) and not each.by_dbt for each in requests)
    if abs(counted - logged) > _MOST_UNTOLD * counted + 1:
        raise BenchmarkError(
            f"Trino counts {counted:,} requests to S3 and the log has {logged:,}: the figures "
            "would be wrong"
        )


def _price(method: str, path: str, query: Sequence[str]) -> Price:
    if method == "DELETE" or (method == "POST" and "delete" in query):
        return Price.FREE
    has_key = bool(path.strip("/").partition("/")[2])
    # A GET of a bucket is a list, of its objects but for few.
    if method in ("PUT", "POST") or (method == "GET" and not has_key):
        return Price.PUT
    return Price.GET
