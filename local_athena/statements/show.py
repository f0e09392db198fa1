"""SHOW and DESCRIBE, in the shapes that Athena answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from local_athena.errors import StatementFailed
from local_athena.session import Column, Outcome, Session, TrinoResult
from local_athena.statements.catalog import get_table, is_view
from local_athena.statements.cursor import Cursor
from local_athena.statements.executable import Executable
from local_athena.statements.hive_errors import DDL_TASK, no_database
from local_athena.statements.names import TableName, parse_database_name, parse_table_name
from local_athena.statements.partitions import partition_path
from local_athena.statements.queries import Unchanged
from local_athena.statements.show_create_table import ShowCreateTable

# Hive pads a cell that has others behind it.
_WIDTH = 20


def _answer(substatement: str, columns: Iterable[str], rows: Iterable[str]) -> Outcome:
    """One cell a row, whatever the columns: Hive's answers are lines of text."""
    return Outcome(
        "UTILITY",
        substatement,
        TrinoResult([Column(name, "string") for name in columns], [[row] for row in rows]),
    )


@dataclass(frozen=True)
class ShowDatabases:
    """SHOW DATABASES [LIKE 'pattern']."""

    pattern: str | None

    def run(self, session: Session) -> Outcome:
        """List them in the order of their names."""
        pages = session.glue.get_paginator("get_databases").paginate()
        names = sorted(each["Name"] for page in pages for each in page["DatabaseList"])
        return _answer("SHOW_DATABASES", ["database_name"], _matching(names, self.pattern))


@dataclass(frozen=True)
class ShowTables:
    """SHOW TABLES or SHOW VIEWS [IN database] ['pattern']."""

    views_only: bool
    database: str | None
    pattern: str | None

    def run(self, session: Session) -> Outcome:
        """List tables and views, or views, in the order of their names."""
        database = self.database or session.database
        pages = session.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        try:
            names = sorted(
                table["Name"]
                for page in pages
                for table in page["TableList"]
                if is_view(table) or not self.views_only
            )
        except session.glue.exceptions.EntityNotFoundException:
            raise no_database(database) from None
        matching = _matching(names, self.pattern)
        if self.views_only:
            return _answer("SHOW_VIEWS", ["views"], matching)
        return _answer("SHOW_TABLES", ["tab_name"], matching)


@dataclass(frozen=True)
class Describe:
    """DESCRIBE name."""

    name: TableName

    def run(self, session: Session) -> Outcome:
        """List columns with types and comments, and the partition columns once more."""
        table = get_table(session, self.name.within(session.database))
        partition_columns = table.get("PartitionKeys", [])
        columns = [*table.get("StorageDescriptor", {}).get("Columns", []), *partition_columns]
        lines = [
            _padded(each["Name"], each.get("Type", ""), each.get("Comment", "")) for each in columns
        ]
        if partition_columns:
            lines += [
                _padded("", "", ""),
                _padded("# Partition Information", "", ""),
                _padded("# col_name", "data_type", "comment"),
                _padded("", "", ""),
            ]
            lines += lines[len(columns) - len(partition_columns) : len(columns)]
        return _answer("DESCRIBE_TABLE", ["col_name", "data_type", "comment"], lines)


@dataclass(frozen=True)
class ShowColumns:
    """SHOW COLUMNS IN name."""

    name: TableName

    def run(self, session: Session) -> Outcome:
        """List the columns' names."""
        table = get_table(session, self.name.within(session.database))
        columns = [
            *table.get("StorageDescriptor", {}).get("Columns", []),
            *table.get("PartitionKeys", []),
        ]
        return _answer("SHOW_COLUMNS", ["field"], (_padded(each["Name"]) for each in columns))


@dataclass(frozen=True)
class ShowPartitions:
    """SHOW PARTITIONS name, for Hive tables."""

    name: TableName

    def run(self, session: Session) -> Outcome:
        """List the partitions in Glue as `key=value/key=value`."""
        name = self.name.within(session.database)
        table = get_table(session, name)
        if not table.get("PartitionKeys"):
            raise StatementFailed(
                "FAILED", f"{DDL_TASK}Table {name.table} is not a partitioned table"
            )
        pages = session.glue.get_paginator("get_partitions").paginate(
            DatabaseName=name.database or "", TableName=name.table
        )
        paths = sorted(
            partition_path(table, each["Values"]) for page in pages for each in page["Partitions"]
        )
        return _answer("SHOW_PARTITIONS", ["partition"], paths)


@dataclass(frozen=True)
class ShowProperties:
    """SHOW TBLPROPERTIES name [('key')]."""

    name: TableName
    key: str | None

    def run(self, session: Session) -> Outcome:
        """List the properties in Glue, or one property's value."""
        table = get_table(session, self.name.within(session.database))
        properties = table.get("Parameters", {})
        keys = sorted(properties) if self.key is None else [self.key]
        lines = [f"{key}\t{properties[key]}" for key in keys if key in properties]
        return _answer("SHOW_TBLPROPERTIES", ["prpt_name", "prpt_value"], lines)


@dataclass(frozen=True)
class ShowCreateView:
    """SHOW CREATE VIEW name."""

    name: TableName

    def run(self, session: Session) -> Outcome:
        """Ask Trino, whose answer Athena gives too."""
        name = self.name.within(session.database)
        return Outcome(
            "UTILITY", "SHOW_CREATE_VIEW", session.trino(f"SHOW CREATE VIEW {name.trino}")
        )


def parse_describe(cursor: Cursor) -> Describe:
    """Read a whole DESCRIBE."""
    if not cursor.accept("DESCRIBE"):
        cursor.expect("DESC")
    describe = Describe(parse_table_name(cursor))
    cursor.expect_end()
    return describe


def parse_show(cursor: Cursor) -> Executable:
    """Read a whole SHOW of any kind."""
    cursor.expect("SHOW")
    shown = _parse_shown(cursor)
    cursor.expect_end()
    return shown


def _parse_shown(cursor: Cursor) -> Executable:
    if cursor.accept("DATABASES") or cursor.accept("SCHEMAS"):
        return ShowDatabases(_parse_pattern(cursor))
    if cursor.sees("TABLES") or cursor.sees("VIEWS"):
        views_only = cursor.word() == "VIEWS"
        database = parse_database_name(cursor) if _accept_in(cursor) else None
        return ShowTables(views_only, database, _parse_pattern(cursor))
    if cursor.accept("COLUMNS"):
        _accept_in(cursor)
        name = parse_table_name(cursor)
        return ShowColumns(name.within(parse_database_name(cursor)) if _accept_in(cursor) else name)
    if cursor.accept("PARTITIONS"):
        return ShowPartitions(parse_table_name(cursor))
    if cursor.accept("TBLPROPERTIES"):
        return _parse_show_properties(cursor)
    if cursor.accept("CREATE", "VIEW"):
        return ShowCreateView(parse_table_name(cursor))
    if cursor.accept("CREATE", "TABLE"):
        return ShowCreateTable(parse_table_name(cursor))
    # SHOW FUNCTIONS, SHOW STATS and the like are Trino's on Athena too.
    return Unchanged(f"SHOW {cursor.rest()}", "UTILITY", "SHOW")


def _parse_show_properties(cursor: Cursor) -> ShowProperties:
    name = parse_table_name(cursor)
    key = None
    if cursor.accept("("):
        key = cursor.hive_string()
        cursor.expect(")")
    return ShowProperties(name, key)


def _accept_in(cursor: Cursor) -> bool:
    return cursor.accept("IN") or cursor.accept("FROM")


def _parse_pattern(cursor: Cursor) -> str | None:
    has_like = cursor.accept("LIKE")
    return None if cursor.at_end and not has_like else cursor.hive_string()


def _matching(names: Iterable[str], pattern: str | None) -> list[str]:
    """The names that a pattern of Hive's matches: a regular expression in which `*` is any text."""
    if pattern is None:
        return list(names)
    try:
        compiled = re.compile(pattern.replace("*", ".*"), re.IGNORECASE)
    except re.error as error:
        raise StatementFailed("FAILED", f"{DDL_TASK}Pattern '{pattern}': {error}") from error
    return [name for name in names if compiled.fullmatch(name)]


def _padded(*cells: str) -> str:
    return "\t".join(cell.ljust(_WIDTH) for cell in cells)
