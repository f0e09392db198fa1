"""One Athena statement while it runs: what it became on Trino, what it read, whether to stop."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from local_athena.errors import USER, StatementFailed


class StatementCancelled(Exception):  # noqa: N818
    """The statement is to stop: the query execution's state is CANCELLED, this its reason."""


@dataclass(frozen=True)
class Translation:
    """A statement that Trino executed for an Athena statement."""

    sql: str
    milliseconds: int
    scanned_bytes: int


class StatementRun:
    """What the thread that executes a statement shares with whoever watches or stops it."""

    def __init__(self, scan_limit: int | None = None) -> None:
        """Begin.

        Args:
            scan_limit: Bytes that the whole Athena statement may read: its workgroup's
                BytesScannedCutoffPerQuery.
        """
        self._scan_limit = scan_limit
        self._stop_reason: str | None = None
        self._translations: list[Translation] = []
        self._running_bytes = 0
        self._lock = threading.Lock()

    def stop(self, reason: str) -> None:
        """Have the statement stop at its next step, whichever Trino statement it is at."""
        with self._lock:
            self._stop_reason = self._stop_reason or reason

    @property
    def scanned_bytes(self) -> int:
        """Bytes read from storage so far, in all Trino statements."""
        with self._lock:
            return self._running_bytes + sum(t.scanned_bytes for t in self._translations)

    @property
    def translations(self) -> tuple[Translation, ...]:
        """The Trino statements that have ended, in their order."""
        with self._lock:
            return tuple(self._translations)

    def reading(self, scanned_bytes: int) -> None:
        """Note what the present Trino statement has read, and go on or not.

        Raises:
            StatementCancelled: Somebody stopped the statement, or it has read too much.
        """
        with self._lock:
            self._running_bytes = scanned_bytes
        self.go_on()

    def go_on(self) -> None:
        """Return if the statement may go on.

        Raises:
            StatementCancelled: It may not.
        """
        self.check_scanned()
        if self._stop_reason is not None:
            raise StatementCancelled(self._stop_reason)

    def check_scanned(self) -> None:
        """Return if the statement has not read more than it may.

        Raises:
            StatementCancelled: It has.
        """
        if self._scan_limit is not None and self.scanned_bytes > self._scan_limit:
            raise StatementCancelled("Bytes scanned limit was exceeded")

    def ended(self, translation: Translation) -> None:
        """Note that the present Trino statement has ended, well or not."""
        with self._lock:
            self._running_bytes = 0
            self._translations.append(translation)


def too_large(limit: int) -> StatementFailed:
    """The failure of a statement whose result is more than this server holds in memory."""
    return StatementFailed(
        "RESULT_TOO_LARGE",
        f"The result is more than {limit} bytes, which is what this local Athena holds in memory. "
        "Write it to a table instead (CREATE TABLE AS).",
        category=USER,
        error_type=1009,
    )
