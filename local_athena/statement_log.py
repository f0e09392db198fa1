"""A line of JSON for every Athena statement: what it became, how long it took, what it costs."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from local_athena.statement_run import StatementRun

# Athena bills what a statement reads, and 10 MB at least: https://aws.amazon.com/athena/pricing/
MINIMUM_BILLED_BYTES: Final = 10 * 2**20


def is_billed(
    state: str, statement_type: str | None, substatement_type: str | None, scanned_bytes: int
) -> bool:
    """Whether Athena would bill a statement.

    DDL and UTILITY are free but for those that read, and so is what failed; a statement that was
    cancelled is billed for what it had read.

    Args:
        state: SUCCEEDED, FAILED or CANCELLED.
        statement_type: DML, DDL or UTILITY; None for what did not come to its end.
        substatement_type: Such as CREATE_TABLE_AS_SELECT, which is DDL and reads.
        scanned_bytes: What it read from storage.
    """
    if state == "CANCELLED":
        return scanned_bytes > 0
    return state == "SUCCEEDED" and (
        statement_type == "DML"
        or substatement_type in ("CREATE_TABLE_AS_SELECT", "EXPLAIN_ANALYZE")
    )


class StatementLog:
    """The log, appended to by several threads."""

    def __init__(self, path: Path) -> None:
        """Open the log, which is made if need be."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def write(
        self,
        *,
        query_execution_id: str,
        submitted_at: float,
        work_group: str,
        database: str,
        statement: str,
        statement_type: str | None,
        substatement_type: str | None,
        run: StatementRun,
        state: str,
        reason: str | None,
        milliseconds: int,
    ) -> None:
        """Log a statement that has ended.

        Args:
            query_execution_id: Its id in the API.
            submitted_at: Seconds since the epoch.
            work_group: Its name.
            database: What a table without a database was sought in.
            statement: The client's text.
            statement_type: DML, DDL or UTILITY; None for what did not come to its end.
            substatement_type: Such as SELECT; None likewise.
            run: What Trino did for it.
            state: SUCCEEDED, FAILED or CANCELLED.
            reason: Why it failed or was cancelled.
            milliseconds: From its submission to its end.
        """
        scanned = run.scanned_bytes
        billed = is_billed(state, statement_type, substatement_type, scanned)
        record: dict[str, Any] = {
            "query_execution_id": query_execution_id,
            "submitted_at": datetime.fromtimestamp(submitted_at, UTC).isoformat(),
            "work_group": work_group,
            "database": database,
            "statement": statement,
            "statement_type": statement_type,
            "substatement_type": substatement_type,
            "trino": [
                {
                    "sql": translation.sql,
                    "milliseconds": translation.milliseconds,
                    "scanned_bytes": translation.scanned_bytes,
                }
                for translation in run.translations
            ],
            "state": state,
            "error": reason,
            "scanned_bytes": scanned,
            "billed_bytes": max(scanned, MINIMUM_BILLED_BYTES) if billed else 0,
            "milliseconds": milliseconds,
        }
        line = json.dumps(record, ensure_ascii=False)
        with self._lock:
            self._file.write(f"{line}\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
