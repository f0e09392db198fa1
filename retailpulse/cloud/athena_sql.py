"""SQL on Athena, read-only, by the profile's workgroup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from retailpulse.cloud.athena_lake import AthenaLake
from retailpulse.errors import SetupError, WorkError
from retailpulse.formats import Row

# Athena takes one statement at a time, and none of these can hold one that writes.
_READING: Final = frozenset({"select", "with", "values", "show", "describe", "table"})
_COMMENTS: Final = re.compile(r"\s*(--[^\n]*(\n|$)|/\*.*?\*/)", re.DOTALL)


def check_reads(sql: str) -> str:
    """Return the statement if it is one that only reads.

    Raises:
        SetupError: It is something else.
    """
    rest = sql
    while comment := _COMMENTS.match(rest):
        rest = rest[comment.end() :]
    words = re.findall(r"[a-z]+", rest.lstrip(" \t\n(").lower(), flags=re.ASCII)
    if not words:
        raise SetupError('there is no SQL: try retailpulse sql "show tables in retailpulse"')
    if words[0] not in _READING:
        raise SetupError(
            f"{words[0].upper()} is not allowed, as `retailpulse sql` only reads: use SELECT, SHOW "
            "or DESCRIBE (tables are changed by dbt)"
        )
    return sql


def query_athena(lake: AthenaLake, sql: str) -> tuple[Sequence[str], Iterator[Row]]:
    """Run a statement and return the names of its columns, and its rows as they come.

    Raises:
        WorkError: Athena refused it, or cannot be reached.
    """
    # Importing it takes 0.5 s, which the embedded engine need not wait for.
    from botocore.exceptions import BotoCoreError, ClientError
    from pyathena import connect
    from pyathena.error import Error

    try:
        cursor = connect(
            work_group=lake.work_group, s3_staging_dir=lake.results, schema_name="retailpulse"
        ).cursor()
        cursor.execute(sql)
    except (Error, BotoCoreError, ClientError) as error:
        raise WorkError(f"Athena: {' '.join(str(error).split())}") from error
    return [column[0] for column in cursor.description or ()], iter(cursor)
