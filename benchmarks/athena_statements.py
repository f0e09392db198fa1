"""What a dbt command sent to Athena, statement by statement, from the local Athena's log: pure."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from benchmarks.athena_requests import Request, Requests, count

# USD for 10^12 bytes scanned, eu-central-1 and us-east-1: https://aws.amazon.com/athena/pricing/
PRICE_PER_BYTE: Final = 5 / 10**12

HOOKS: Final = "hooks and operations"
ITSELF: Final = "dbt itself"

# What dbt writes before each statement: {"app": "dbt", …, "node_id": "model.retailpulse.orders"}.
_NODE: Final = re.compile(r'"node_id": "[a-z_]+\.\w+\.([\w.]+)"')
_COMMENT: Final = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_NAME: Final = r'(?:["`\w$]+\.)+["`\w$]+'
_READ: Final = re.compile(rf"\b(?:from|join|using) ({_NAME})", re.IGNORECASE)
# Other things than tables that `from` stands before.
_NOT_READ: Final = re.compile(r"\bdistinct from\b|\bextract\s*\(\s*\w+ from\b", re.IGNORECASE)
_WRITTEN: Final = re.compile(
    rf"^\s*(create\s+(?:external\s+)?table|merge\s+into|insert\s+into|delete\s+from|optimize|vacuum|"
    rf"drop\s+table(?:\s+if\s+exists)?|alter\s+table|create\s+or\s+replace\s+view)\s+({_NAME})",
    re.IGNORECASE,
)
# The name of a temporary table ends with one of its own.
_TEMPORARY: Final = re.compile(r"__(?:dbt_)?tmp\w*")

# Of each statement Athena writes the result and what it is made of.
_RESULT_PUTS: Final = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or what dbt asked of S3 and Glue by itself.

    Attributes:
        node: The node of the dbt project that sent it.
        what: What it does, and what it reads.
        is_billed: Whether Athena bills it: not DDL, nor what failed.
        scanned_bytes: What it read from storage.
        billed_bytes: What is paid for: 10 MB at least where it is billed.
        s3_puts: Requests at S3's price of a PUT, with those of its result.
        s3_gets: Requests at S3's price of a GET.
        raw_gets: Of these, those of objects of the raw zone.
        glue: Requests to the Data Catalog.
    """

    node: str
    what: str
    is_billed: bool
    scanned_bytes: int
    billed_bytes: int
    s3_puts: int
    s3_gets: int
    raw_gets: int
    glue: int

    @property
    def is_statement(self) -> bool:
        """Whether it is one, and not what dbt asked for itself."""
        return self.node != ITSELF


def read_statements(lines: Iterable[str], requests: Sequence[Request]) -> list[Statement]:
    """Return the statements in their order, and what dbt asked for itself as the last.

    A request of the engine's is the last statement's that was sent before it. So dbt must have run
    with one thread.

    Args:
        lines: Of the local Athena's statement log.
        requests: Of the same time.
    """
    records: list[dict[str, Any]] = sorted(
        (json.loads(line) for line in lines), key=lambda record: record["submitted_at"]
    )
    starts = [datetime.fromisoformat(record["submitted_at"]).timestamp() for record in records]
    asked: list[list[Request]] = [[] for _ in records]
    by_dbt = []
    for request in requests:
        if request.by_dbt or not records:
            by_dbt.append(request)
        else:
            asked[max(0, bisect_right(starts, request.at) - 1)].append(request)
    statements = [
        _statement(record, count(each)) for record, each in zip(records, asked, strict=True)
    ]
    own = count(by_dbt)
    if own != Requests():
        statements.append(
            Statement(
                ITSELF,
                "lists, deletes, asks the catalog",
                is_billed=False,
                scanned_bytes=0,
                billed_bytes=0,
                s3_puts=own.puts,
                s3_gets=own.gets,
                raw_gets=own.raw_gets,
                glue=own.glue,
            )
        )
    return statements


def _statement(record: dict[str, Any], asked: Requests) -> Statement:
    text = record["statement"]
    found = _NODE.search(text)
    billed_bytes = int(record["billed_bytes"])
    return Statement(
        node=found[1].split(".")[0] if found else HOOKS,
        what=described(text),
        is_billed=billed_bytes > 0,
        scanned_bytes=int(record["scanned_bytes"]),
        billed_bytes=billed_bytes,
        s3_puts=asked.puts + _RESULT_PUTS,
        s3_gets=asked.gets,
        raw_gets=asked.raw_gets,
        glue=asked.glue,
    )


def described(statement: str) -> str:
    """Say in a few words what a statement does: `merge into orders, reads orders__tmp`."""
    text = " ".join(_COMMENT.sub(" ", statement).split())
    written = _WRITTEN.match(text)
    target = _short(written[2]) if written else None
    verb = (written[1] if written else text.split(maxsplit=1)[0].strip("(")).lower()
    read = sorted({_short(name) for name in _READ.findall(_NOT_READ.sub(" ", text))} - {target})
    done = f"{verb} {target}" if target else {"with": "select"}.get(verb, verb)
    return f"{done}, reads {', '.join(read)}" if read else done


def _short(name: str) -> str:
    last = re.sub(r'["`]', "", name).rpartition(".")[2]
    return _TEMPORARY.sub("__tmp", last)
