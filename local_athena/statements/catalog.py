"""Tables as Glue has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from local_athena.errors import StatementFailed
from local_athena.session import Session
from local_athena.statements.hive_errors import DDL_TASK
from local_athena.statements.names import TableName

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableInputTypeDef, TableTypeDef

# What UpdateTable accepts of what GetTable answers.
_TABLE_INPUT_KEYS: Final = (
    "Name",
    "Description",
    "Owner",
    "LastAccessTime",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)


def find_table(session: Session, name: TableName) -> TableTypeDef | None:
    """Ask Glue for a table or view; None if there is none, or no such database."""
    try:
        return session.glue.get_table(DatabaseName=name.database or "", Name=name.table)["Table"]
    except session.glue.exceptions.EntityNotFoundException:
        return None


def get_table(session: Session, name: TableName) -> TableTypeDef:
    """Ask Glue for a table or view that must exist.

    Raises:
        StatementFailed: As Hive's parser reports it on Athena.
    """
    table = find_table(session, name)
    if table is None:
        raise StatementFailed("FAILED", f"SemanticException [Error 10001]: Table not found {name}")
    return table


def is_iceberg(table: TableTypeDef) -> bool:
    """Whether a table is Iceberg's, whoever made it."""
    return table.get("Parameters", {}).get("table_type", "").upper() == "ICEBERG"


def is_view(table: TableTypeDef) -> bool:
    """Whether it is a view."""
    return table.get("TableType") == "VIRTUAL_VIEW"


def update_table(
    session: Session, database: str, table: TableTypeDef, *, skip_archive: bool = False
) -> None:
    """Write a changed table back to Glue, which keeps what it was as a version unless told not.

    Raises:
        StatementFailed: Somebody else has changed the table since it was read.
    """
    # Glue answers with empty members that it does not accept, such as a table's owner.
    table_input = {key: table[key] for key in _TABLE_INPUT_KEYS if table.get(key)}  # type: ignore[literal-required]
    try:
        session.glue.update_table(
            DatabaseName=database,
            TableInput=cast("TableInputTypeDef", table_input),
            SkipArchive=skip_archive,
            VersionId=table["VersionId"],
        )
    except session.glue.exceptions.ConcurrentModificationException:
        raise StatementFailed(
            "FAILED",
            f"{DDL_TASK}ConcurrentModificationException(message:Table {database}.{table['Name']} "
            "was changed by another statement at the same time)",
        ) from None


def refuse_iceberg_or_view(table: TableTypeDef, name: TableName, form: str) -> None:
    """Fail unless it is a Hive table."""
    if is_view(table) or is_iceberg(table):
        kind = "views" if is_view(table) else "Iceberg tables"
        raise StatementFailed("NOT_SUPPORTED", f"{form} is not supported for {kind}: {name}")


def refuse_hive_or_view(table: TableTypeDef, name: TableName, form: str) -> None:
    """Fail unless it is an Iceberg table."""
    if is_view(table) or not is_iceberg(table):
        kind = "views" if is_view(table) else "Hive tables"
        raise StatementFailed("NOT_SUPPORTED", f"{form} is not supported for {kind}: {name}")
