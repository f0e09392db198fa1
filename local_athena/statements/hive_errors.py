"""What Athena's errors say where Hive's parser and metastore report them."""

from __future__ import annotations

from typing import Final

from local_athena.errors import StatementFailed

DDL_TASK: Final = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def no_database(name: str) -> StatementFailed:
    """The error for a database that is not there."""
    return StatementFailed(
        "FAILED", f"SemanticException [Error 10072]: Database does not exist: {name}"
    )
