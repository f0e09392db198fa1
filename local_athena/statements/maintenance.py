"""OPTIMIZE and VACUUM of Iceberg tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from local_athena.errors import StatementFailed
from local_athena.session import Outcome, Session
from local_athena.statements.catalog import get_table, refuse_hive_or_view
from local_athena.statements.cursor import Cursor
from local_athena.statements.names import TableName, parse_table_name, text
from local_athena.trino_errors import ICEBERG_ERROR

# Athena's: five days.
_DEFAULT_SNAPSHOT_AGE_SECONDS: Final = 432_000
_PARTITIONS_AT_ONCE: Final = 100


@dataclass(frozen=True)
class Optimize:
    """OPTIMIZE name REWRITE DATA USING BIN_PACK [WHERE predicate]."""

    name: TableName
    # Verbatim.
    predicate: str | None

    def run(self, session: Session) -> Outcome:
        """Rewrite small files as larger ones.

        Raises:
            StatementFailed: ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED, with which Athena ends after 100
                partitions if there are more. Here all of them are done by then, as Trino does not
                tell which are: the next run finds none, and succeeds.
        """
        name = self.name.within(session.database)
        refuse_hive_or_view(get_table(session, name), name, "OPTIMIZE")
        where = f" WHERE {self.predicate}" if self.predicate else ""
        optimize = f"ALTER TABLE {name.trino} EXECUTE optimize"
        try:
            return Outcome("DML", "OPTIMIZE", session.trino(f"{optimize}{where}"))
        except StatementFailed as failed:
            if failed.name != "ICEBERG_TOO_MANY_OPEN_PARTITIONS":
                raise
        rows = session.trino(f'SELECT DISTINCT "$partition" FROM {name.trino}{where}').rows  # noqa: S608
        partitions = [text(str(row[0])) for row in rows]
        for first in range(0, len(partitions), _PARTITIONS_AT_ONCE):
            some = ", ".join(partitions[first : first + _PARTITIONS_AT_ONCE])
            session.trino(f'{optimize} WHERE "$partition" IN ({some})')
        raise StatementFailed(
            "ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED",
            f"Processed {_PARTITIONS_AT_ONCE} partitions in this round of optimization, but there "
            "are more partitions remaining. Please run another OPTIMIZE command to process the "
            "remaining partitions in the table.",
            error_type=ICEBERG_ERROR,
        )


@dataclass(frozen=True)
class Vacuum:
    """VACUUM name."""

    name: TableName

    def run(self, session: Session) -> Outcome:
        """Expire snapshots older than the table's own property says, and delete orphan files."""
        name = self.name.within(session.database)
        refuse_hive_or_view(get_table(session, name), name, "VACUUM")
        properties = TableName(name.database, f"{name.table}$properties").trino
        rows = session.trino(
            f"SELECT value FROM {properties} "  # noqa: S608
            "WHERE key = 'vacuum_max_snapshot_age_seconds'"
        ).rows
        age = int(rows[0][0]) if rows else _DEFAULT_SNAPSHOT_AGE_SECONDS
        for procedure in ("expire_snapshots", "remove_orphan_files"):
            result = session.trino(
                f"ALTER TABLE {name.trino} EXECUTE {procedure}(retention_threshold => '{age}s')"
            )
        return Outcome("DML", "VACUUM", result)


def parse_optimize(cursor: Cursor) -> Optimize:
    """Read a whole OPTIMIZE."""
    cursor.expect("OPTIMIZE")
    name = parse_table_name(cursor)
    cursor.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    predicate = cursor.rest() if cursor.accept("WHERE") else None
    cursor.expect_end()
    return Optimize(name, predicate)


def parse_vacuum(cursor: Cursor) -> Vacuum:
    """Read a whole VACUUM."""
    cursor.expect("VACUUM")
    vacuum = Vacuum(parse_table_name(cursor))
    cursor.expect_end()
    return vacuum
