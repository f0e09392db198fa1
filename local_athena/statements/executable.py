"""What every statement becomes, whatever its form."""

from __future__ import annotations

from typing import Protocol

from local_athena.session import Outcome, Session


class Executable(Protocol):
    """A statement that has been understood."""

    def run(self, session: Session) -> Outcome:
        """Execute it.

        Raises:
            StatementFailed: As Athena reports it.
        """
        ...
