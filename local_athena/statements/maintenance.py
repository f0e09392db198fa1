"""OPTIMIZE and VACUUM of Iceberg tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_athena.errors import StatementFailed
from local_athena.session import ICEBERG_CATALOG, Outcome, Session
from local_athena.statements.catalog import get_table, refuse_hive_or_view
from local_athena.statements.cursor import Cursor
from local_athena.statements.names import TableName, parse_table_name, text
from local_athena.trino_errors import ICEBERG_ERROR

# Athena's: five days.
_DEFAULT_SNAPSHOT_AGE_SECONDS: Final = 432_000
_PARTITIONS_AT_ONCE: Final = 100
# Athena's: 512 MB, and three quarters of the target.
_DEFAULT_TARGET_BYTES: Final = 536_870_912
_MINIMUM_OF_TARGET: Final = 0.75


@dataclass(frozen=True)
class Optimize:
    """OPTIMIZE name REWRITE DATA USING BIN_PACK [WHERE predicate]."""

    name: TableName
    # Verbatim.
    predicate: str | None

    def run(self, session: Session) -> Outcome:
        """Rewrite files smaller than the table's own property says as ones of its target size.

        Files with deleted rows are rewritten too, whatever `optimize_rewrite_delete_file_threshold`
        says: Trino knows no such number.

        Raises:
            StatementFailed: ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED, with which Athena ends after 100
                partitions if there are more. Here all of them are done by then, as Trino does not
                tell which are: the next run finds none, and succeeds.
        """
        name = self.name.within(session.database)
        refuse_hive_or_view(get_table(session, name), name, "OPTIMIZE")
        where = f" WHERE {self.predicate}" if self.predicate else ""
        properties = _table_properties(session, name)
        target = int(properties.get("write_target_data_file_size_bytes", _DEFAULT_TARGET_BYTES))
        minimum = int(
            properties.get("optimize_rewrite_min_data_file_size_bytes", target * _MINIMUM_OF_TARGET)
        )
        optimize = f"ALTER TABLE {name.trino} EXECUTE optimize(file_size_threshold => '{minimum}B')"
        size = {f"{ICEBERG_CATALOG}.target_max_file_size": f"{target}B"}
        try:
            return Outcome("DML", "OPTIMIZE", session.trino(f"{optimize}{where}", properties=size))
        except StatementFailed as failed:
            if failed.name != "ICEBERG_TOO_MANY_OPEN_PARTITIONS":
                raise
        rows = session.trino(f'SELECT DISTINCT "$partition" FROM {name.trino}{where}').rows  # noqa: S608
        partitions = [text(str(row[0])) for row in rows]
        for first in range(0, len(partitions), _PARTITIONS_AT_ONCE):
            some = ", ".join(partitions[first : first + _PARTITIONS_AT_ONCE])
            session.trino(f'{optimize} WHERE "$partition" IN ({some})', properties=size)
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
        properties = _table_properties(session, name)
        age = int(properties.get("vacuum_max_snapshot_age_seconds", _DEFAULT_SNAPSHOT_AGE_SECONDS))
        for procedure in ("expire_snapshots", "remove_orphan_files"):
            result = session.trino(
                f"ALTER TABLE {name.trino} EXECUTE {procedure}(retention_threshold => '{age}s')"
            )
        return Outcome("DML", "VACUUM", result)


def _table_properties(session: Session, name: TableName) -> Mapping[str, str]:
    properties = TableName(name.database, f"{name.table}$properties").trino
    rows = session.trino(f"SELECT key, value FROM {properties}").rows  # noqa: S608
    return {str(key): str(value) for key, value in rows}


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
