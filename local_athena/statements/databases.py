"""CREATE and DROP of a database, which Athena also calls a schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local_athena.errors import StatementFailed
from local_athena.session import Outcome, Session
from local_athena.statements.cursor import Cursor
from local_athena.statements.hive_errors import DDL_TASK, no_database
from local_athena.statements.names import parse_database_name
from local_athena.statements.properties import parse_properties

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import DatabaseInputTypeDef


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE [IF NOT EXISTS] name …."""

    name: str
    if_not_exists: bool
    comment: str | None = None
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)

    def run(self, session: Session) -> Outcome:
        """Create the database in Glue."""
        database: DatabaseInputTypeDef = {"Name": self.name}
        if self.comment is not None:
            database["Description"] = self.comment
        if self.location is not None:
            database["LocationUri"] = self.location
        if self.properties:
            database["Parameters"] = dict(self.properties)
        try:
            session.glue.create_database(DatabaseInput=database)
        except session.glue.exceptions.AlreadyExistsException:
            if not self.if_not_exists:
                raise StatementFailed(
                    "FAILED", f"{DDL_TASK}Database {self.name} already exists"
                ) from None
        return Outcome("DDL", "CREATE_DATABASE")


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE [IF EXISTS] name [RESTRICT | CASCADE]."""

    name: str
    if_exists: bool
    cascade: bool

    def run(self, session: Session) -> Outcome:
        """Delete the database and, with CASCADE, its tables from Glue. No data is deleted."""
        try:
            tables = session.glue.get_tables(DatabaseName=self.name, MaxResults=1)["TableList"]
            if tables and not self.cascade:
                raise StatementFailed(
                    "FAILED",
                    f"{DDL_TASK}InvalidOperationException(message:Database {self.name} is not "
                    "empty. One or more tables exist.)",
                )
            session.glue.delete_database(Name=self.name)
        except session.glue.exceptions.EntityNotFoundException:
            if not self.if_exists:
                raise no_database(self.name) from None
        return Outcome("DDL", "DROP_DATABASE")


def parse_create_database(cursor: Cursor) -> CreateDatabase:
    """Read a whole CREATE DATABASE or CREATE SCHEMA."""
    cursor.expect("CREATE")
    _expect_database(cursor)
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    name = parse_database_name(cursor)
    comment = cursor.hive_string() if cursor.accept("COMMENT") else None
    location = cursor.hive_string() if cursor.accept("LOCATION") else None
    properties = parse_properties(cursor) if cursor.accept("WITH", "DBPROPERTIES") else {}
    cursor.expect_end()
    return CreateDatabase(name, if_not_exists, comment, location, properties)


def parse_drop_database(cursor: Cursor) -> DropDatabase:
    """Read a whole DROP DATABASE or DROP SCHEMA."""
    cursor.expect("DROP")
    _expect_database(cursor)
    if_exists = cursor.accept("IF", "EXISTS")
    name = parse_database_name(cursor)
    cascade = cursor.accept("CASCADE")
    if not cascade:
        cursor.accept("RESTRICT")
    cursor.expect_end()
    return DropDatabase(name, if_exists, cascade)


def _expect_database(cursor: Cursor) -> None:
    if not cursor.accept("SCHEMA"):
        cursor.expect("DATABASE")
