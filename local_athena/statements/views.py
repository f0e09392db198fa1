"""CREATE VIEW and DROP VIEW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_athena.session import Outcome, Session
from local_athena.statements.catalog import get_table, update_table
from local_athena.statements.cursor import Cursor
from local_athena.statements.names import TableName, parse_table_name
from local_athena.statements.types import trino_to_hive

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import ColumnOutputTypeDef


@dataclass(frozen=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW name AS query."""

    name: TableName
    or_replace: bool
    query: str

    def run(self, session: Session) -> Outcome:
        """Create the view, with its columns in Glue as Athena leaves them."""
        name = self.name.within(session.database)
        replace = "OR REPLACE " if self.or_replace else ""
        # Glue's columns are Hive's: a view with another type is refused on Athena, and must not
        # be left behind here.
        columns: list[ColumnOutputTypeDef] = [
            {"Name": column.name.lower(), "Type": trino_to_hive(column.type)}
            for column in session.trino(
                f"SELECT * FROM (\n{self.query}\n) LIMIT 0"  # noqa: S608
            ).columns
        ]
        # A view on Athena reads with the rights of who asks.
        result = session.trino(
            f"CREATE {replace}VIEW {name.trino} SECURITY INVOKER AS\n{self.query}"
        )
        view = get_table(session, name)
        view["StorageDescriptor"] = {
            "Columns": columns,
            "Location": "",
            "SerdeInfo": {"Parameters": {}},
        }
        parameters = view.get("Parameters", {})
        view["Parameters"] = {**parameters, "presto_view": "true", "comment": "Presto View"}
        # What Trino wrote before is no version that Athena would have left: it has no location,
        # and dbt, which reads that of each version, failed on it.
        update_table(session, name.database or "", view, skip_archive=True)
        return Outcome("DDL", "CREATE_VIEW", result)


@dataclass(frozen=True)
class DropView:
    """DROP VIEW [IF EXISTS] name."""

    name: TableName
    if_exists: bool

    def run(self, session: Session) -> Outcome:
        """Drop the view."""
        exists = "IF EXISTS " if self.if_exists else ""
        name = self.name.within(session.database)
        return Outcome("DDL", "DROP_VIEW", session.trino(f"DROP VIEW {exists}{name.trino}"))


def parse_create_view(cursor: Cursor) -> CreateView:
    """Read a whole CREATE VIEW."""
    cursor.expect("CREATE")
    or_replace = cursor.accept("OR", "REPLACE")
    cursor.expect("VIEW")
    name = parse_table_name(cursor)
    cursor.expect("AS")
    return CreateView(name, or_replace, cursor.rest())


def parse_drop_view(cursor: Cursor) -> DropView:
    """Read a whole DROP VIEW."""
    cursor.expect("DROP", "VIEW")
    if_exists = cursor.accept("IF", "EXISTS")
    view = DropView(parse_table_name(cursor), if_exists)
    cursor.expect_end()
    return view
