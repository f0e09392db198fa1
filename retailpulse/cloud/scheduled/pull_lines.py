"""What a pull logs: a line of JSON for each thing, which CloudWatch's metric filters read.

The filters are in infra/modules/database_source/metrics.tf. No line holds a value of a row or an
address.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PullLines:
    """The lines of one source's pull.

    Attributes:
        source: The source's name.
        write: Takes a line, without its line break.
    """

    source: str
    write: Callable[[str], None]

    def table_pulled(
        self, table: str, *, rows: int, changes: int, bytes_written: int, lag_seconds: float | None
    ) -> None:
        """Tell that a table has been pulled.

        Args:
            table: Its event type.
            rows: All rows that landed.
            changes: How many of them a comparison with the whole table found.
            bytes_written: The size of their objects.
            lag_seconds: Since the pull before that succeeded; None where this is the first.
        """
        self._write(
            "table_pulled",
            table=table,
            rows=rows,
            found_by_comparison=changes,
            bytes_written=bytes_written,
            **_lag(lag_seconds),
        )

    def table_refused(self, table: str, reason: str, lag_seconds: float | None) -> None:
        """Tell that a table cannot be pulled until somebody does something."""
        self._write("table_refused", table=table, reason=reason, **_lag(lag_seconds))

    def table_failed(self, table: str, reason: str, lag_seconds: float | None) -> None:
        """Tell that a table could not be pulled, which may pass."""
        self._write("table_failed", table=table, reason=reason, **_lag(lag_seconds))

    def table_changed(self, table: str, change: str) -> None:
        """Tell how a table differs from its contract. Its rows land all the same."""
        self._write("table_changed", table=table, change=change)

    def progress(self, table: str, activity: str, rows: int, expected_rows: int) -> None:
        """Tell how far a long pull is."""
        self._write(
            "progress", table=table, activity=activity, rows=rows, expected_rows=expected_rows
        )

    def source_pulled(
        self, *, tables: int, refused: int, failed: int, rows: int, slot_bytes: int | None
    ) -> None:
        """Tell what has become of the source's tables.

        Args:
            tables: How many there are.
            refused: How many of them are not pulled until somebody does something.
            failed: How many could not be pulled.
            rows: All rows that landed.
            slot_bytes: Of a source in log mode, how much of its log the server keeps for it; None
                of one that is polled.
        """
        kept = {} if slot_bytes is None else {"slot_bytes": slot_bytes}
        self._write(
            "source_pulled", tables=tables, refused=refused, failed=failed, rows=rows, **kept
        )

    def source_failed(self, reason: str) -> None:
        """Tell that none of its tables could be asked for, or no more of them."""
        self._write("source_failed", reason=reason)

    def _write(self, event: str, **members: Any) -> None:
        self.write(json.dumps({"event": event, "source": self.source, **members}))


def _lag(seconds: float | None) -> dict[str, float]:
    # Without the member the filter finds no value: nothing is known.
    return {} if seconds is None else {"lag_seconds": round(seconds, 1)}
