"""What can go wrong, in Athena's own shapes."""

from __future__ import annotations

from typing import Final

SYSTEM: Final = 1
USER: Final = 2
OTHER: Final = 3


class LocalAthenaError(Exception):
    """The server cannot be started or reached; the sentence says what to do."""


class ApiError(Exception):
    """A call that Athena refuses with HTTP 400, such as InvalidRequestException."""

    def __init__(self, code: str, message: str, **fields: str) -> None:
        """Refuse a call.

        Args:
            code: The exception's name in the API, the `__type` of the answer.
            message: Athena's sentence.
            fields: Further members of the answer, such as AthenaErrorCode.
        """
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields


class StatementFailed(Exception):  # noqa: N818
    """A statement that was accepted and then fails: the query execution's state is FAILED."""

    def __init__(
        self, name: str, message: str, *, category: int = USER, error_type: int = 1006
    ) -> None:
        """Fail a statement.

        Args:
            name: Trino's or Athena's error name, such as TABLE_NOT_FOUND: what
                StateChangeReason begins with.
            message: What the user is told.
            category: AthenaError's ErrorCategory: SYSTEM, USER or OTHER.
            error_type: AthenaError's ErrorType; the list is in Athena's error catalog.
        """
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.category = category
        self.error_type = error_type
