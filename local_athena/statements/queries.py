"""Statements that Trino parses as Athena does: they go to it as they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from local_athena.session import Outcome, Session

# Each first word that Athena has Trino parse, with the statement's type and substatement type.
UNCHANGED: Final = {
    "SELECT": ("DML", "SELECT"),
    "WITH": ("DML", "SELECT"),
    "VALUES": ("DML", "SELECT"),
    "TABLE": ("DML", "SELECT"),
    "(": ("DML", "SELECT"),
    "INSERT": ("DML", "INSERT"),
    "UPDATE": ("DML", "UPDATE"),
    "DELETE": ("DML", "DELETE"),
    "MERGE": ("DML", "MERGE"),
    "EXPLAIN": ("UTILITY", "EXPLAIN"),
}
# It executes what it explains, so Athena bills it.
EXPLAIN_ANALYZE: Final = ("UTILITY", "EXPLAIN_ANALYZE")


@dataclass(frozen=True)
class Unchanged:
    """A statement in the client's very words."""

    sql: str
    statement_type: str
    substatement_type: str

    def run(self, session: Session) -> Outcome:
        """Have Trino execute it."""
        return Outcome(self.statement_type, self.substatement_type, session.trino(self.sql))
