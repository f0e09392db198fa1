"""OPTIMIZE and VACUUM of Iceberg tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from local_athena.session import Outcome, Session
from local_athena.statements.catalog import get_table, refuse_hive_or_view
from local_athena.statements.cursor import Cursor
from local_athena.statements.names import TableName, parse_table_name

# Athena's: five days.
_DEFAULT_SNAPSHOT_AGE_SECONDS: Final = 432_000


@dataclass(frozen=True)
class Optimize:
    """OPTIMIZE name REWRITE DATA USING BIN_PACK [WHERE predicate]."""

    name: TableName
    # Verbatim.
    predicate: str | None

    def run(self, session: Session) -> Outcome:
        """Rewrite small files as larger ones."""
        name = self.name.within(session.database)
        refuse_hive_or_view(get_table(session, name), name, "OPTIMIZE")
        where = f" WHERE {self.predicate}" if self.predicate else ""
        result = session.trino(f"ALTER TABLE {name.trino} EXECUTE optimize{where}")
        return Outcome("DML", "OPTIMIZE", result)


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
