"""DROP TABLE."""

from __future__ import annotations

from dataclasses import dataclass

from local_athena.errors import StatementFailed
from local_athena.session import Outcome, Session
from local_athena.statements.catalog import find_table, get_table, is_iceberg, is_view
from local_athena.statements.cursor import Cursor
from local_athena.statements.names import TableName, parse_table_name


@dataclass(frozen=True)
class DropTable:
    """DROP TABLE [IF EXISTS] name."""

    name: TableName
    if_exists: bool

    def run(self, session: Session) -> Outcome:
        """Drop an Iceberg table with its data, or a Hive table from Glue alone, as Athena does."""
        name = self.name.within(session.database)
        table = find_table(session, name) if self.if_exists else get_table(session, name)
        if table is None:
            return Outcome("DDL", "DROP_TABLE")
        if is_view(table):
            raise StatementFailed("FAILED", "SemanticException Cannot drop a view with DROP TABLE")
        if is_iceberg(table):
            return Outcome("DDL", "DROP_TABLE", session.trino(f"DROP TABLE {name.trino}"))
        session.glue.delete_table(DatabaseName=name.database or "", Name=name.table)
        return Outcome("DDL", "DROP_TABLE")


def parse_drop_table(cursor: Cursor) -> DropTable:
    """Read a whole DROP TABLE."""
    cursor.expect("DROP", "TABLE")
    if_exists = cursor.accept("IF", "EXISTS")
    name = parse_table_name(cursor)
    cursor.accept("PURGE")
    cursor.expect_end()
    return DropTable(name, if_exists)
