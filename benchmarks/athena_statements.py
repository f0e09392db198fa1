"""What a run sent to Athena: the local Athena's log, counted by node of the dbt project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from math import ceil
from typing import Any, Final

# USD for 10^12 bytes scanned, eu-central-1 and us-east-1: https://aws.amazon.com/athena/pricing/
PRICE_PER_BYTE: Final = 5 / 10**12

# What dbt writes before each statement: {"app": "dbt", …, "node_id": "model.retailpulse.orders"}.
_NODE: Final = re.compile(r'"node_id": "[a-z_]+\.\w+\.([\w.]+)"')


# Those of S3 that are billed as a PUT, and those that are free; every other is billed as a GET:
# https://aws.amazon.com/s3/pricing/
_PUTS: Final = frozenset(
    {
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "ListObjectsV2",
        "PutObject",
        "UploadPart",
    }
)
_FREE: Final = frozenset({"AbortMultipartUpload", "DeleteObject", "DeleteObjects"})

# Of each statement Athena writes the result and what it is made of.
_RESULT_PUTS: Final = 2


@dataclass(frozen=True, slots=True)
class Requests:
    """What was asked of S3, by price.

    Attributes:
        puts: PUT, COPY, POST and LIST.
        gets: GET and HEAD.
    """

    puts: int = 0
    gets: int = 0


def requests_between(
    before: Mapping[str, int], after: Mapping[str, int], statements: int
) -> Requests:
    """Return what some statements asked of S3.

    Args:
        before: What Trino had sent, by operation.
        after: What it has sent since then too.
        statements: How many there were: the results that Athena writes are not Trino's.
    """
    sent = {operation: count - before.get(operation, 0) for operation, count in after.items()}
    puts = sum(count for operation, count in sent.items() if operation in _PUTS)
    gets = sum(count for operation, count in sent.items() if operation not in _PUTS | _FREE)
    return Requests(puts + _RESULT_PUTS * statements, gets)


@dataclass(frozen=True, slots=True)
class Cost:
    """What statements came to.

    Attributes:
        billed: How many of them Athena bills.
        free: How many it does not: DDL, SHOW, what failed.
        scanned_bytes: What they read from storage.
        billed_bytes: What is paid for: 10 MB at least for each billed statement.
    """

    billed: int = 0
    free: int = 0
    scanned_bytes: int = 0
    billed_bytes: int = 0

    @property
    def dollars(self) -> float:
        """The price, in USD."""
        return self.billed_bytes * PRICE_PER_BYTE

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.billed + other.billed,
            self.free + other.free,
            self.scanned_bytes + other.scanned_bytes,
            self.billed_bytes + other.billed_bytes,
        )


def read_log(lines: Iterable[str]) -> dict[str, Cost]:
    """Return what each node cost; what belongs to none (hooks, operations) is under its kind.

    Args:
        lines: Of the local Athena's statement log.
    """
    costs: dict[str, Cost] = {}
    for line in lines:
        record: Mapping[str, Any] = json.loads(line)
        found = _NODE.search(record["statement"])
        node = found[1].split(".")[0] if found else "hooks and operations"
        billed_bytes = int(record["billed_bytes"])
        cost = Cost(
            billed=int(billed_bytes > 0),
            free=int(billed_bytes == 0),
            scanned_bytes=int(record["scanned_bytes"]),
            billed_bytes=billed_bytes,
        )
        costs[node] = costs.get(node, Cost()) + cost
    return costs


def total(costs: Mapping[str, Cost] | Sequence[Cost]) -> Cost:
    """Return the sum."""
    values = costs.values() if isinstance(costs, Mapping) else costs
    return sum(values, Cost())


def mean_requests(runs: Sequence[Requests]) -> Requests:
    """Return the mean of some runs, rounded up."""
    return Requests(
        ceil(sum(run.puts for run in runs) / len(runs)),
        ceil(sum(run.gets for run in runs) / len(runs)),
    )


def mean(runs: Sequence[Mapping[str, Cost]]) -> dict[str, Cost]:
    """Return what each node cost in the mean of some runs, rounded up."""
    sums: dict[str, Cost] = {}
    for run in runs:
        for node, cost in run.items():
            sums[node] = sums.get(node, Cost()) + cost
    return {
        node: Cost(*(ceil(part / len(runs)) for part in astuple(cost)))
        for node, cost in sums.items()
    }
