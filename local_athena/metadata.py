"""Athena's view of its one data catalog, which is Glue's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from local_athena.errors import ApiError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

CATALOG: Final = "AwsDataCatalog"


def check_catalog(name: str) -> None:
    """Return if a catalog is the one there is; its name is taken in any case.

    Raises:
        ApiError: It is another.
    """
    if name.lower() != CATALOG.lower():
        raise ApiError(
            "InvalidRequestException",
            f"DataCatalog {name} was not found",
            AthenaErrorCode="INVALID_INPUT",
        )


def get_database(glue: GlueClient, name: str) -> dict[str, Any]:
    """Describe a database.

    Raises:
        ApiError: There is none.
    """
    try:
        return _database(glue.get_database(Name=name)["Database"])
    except ClientError as error:
        raise _metadata_error(error) from error


def list_databases(glue: GlueClient) -> list[dict[str, Any]]:
    """Describe every database, by name."""
    pages = glue.get_paginator("get_databases").paginate()
    found = [_database(database) for page in pages for database in page["DatabaseList"]]
    return sorted(found, key=lambda database: str(database["Name"]))


def get_table(glue: GlueClient, database: str, name: str) -> dict[str, Any]:
    """Describe a table.

    Raises:
        ApiError: There is none.
    """
    try:
        return _table(glue.get_table(DatabaseName=database, Name=name)["Table"])
    except ClientError as error:
        raise _metadata_error(error) from error


def list_tables(glue: GlueClient, database: str, expression: str | None) -> list[dict[str, Any]]:
    """Describe a database's tables, by name.

    Args:
        glue: Where they are.
        database: Its name.
        expression: A regular expression that a name matches as a whole; None for all.

    Raises:
        ApiError: There is no such database, or the expression is none.
    """
    get_database(glue, database)
    pattern = _compiled(expression or ".*")
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    tables = [_table(table) for page in pages for table in page["TableList"]]
    found = [table for table in tables if pattern.fullmatch(table["Name"])]
    return sorted(found, key=lambda table: str(table["Name"]))


def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.IGNORECASE)
    except re.error as error:
        raise ApiError(
            "InvalidRequestException",
            f"Expression {expression} is not a regular expression: {error}",
            AthenaErrorCode="INVALID_INPUT",
        ) from error


def _metadata_error(error: ClientError) -> ApiError:
    return ApiError(
        "MetadataException",
        f"{error.response['Error']['Code']}: {error.response['Error']['Message']}",
    )


def _database(database: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: database[key] for key in ("Name", "Description", "Parameters") if database.get(key)
    }


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    storage = table.get("StorageDescriptor", {})
    described: dict[str, Any] = {
        "Name": table["Name"],
        "TableType": table.get("TableType", "EXTERNAL_TABLE"),
        "Columns": [_column(column) for column in storage.get("Columns", [])],
        "PartitionKeys": [_column(column) for column in table.get("PartitionKeys", [])],
        "Parameters": {**table.get("Parameters", {}), **_storage_parameters(storage)},
    }
    for key in ("CreateTime", "LastAccessTime"):
        if table.get(key):
            described[key] = table[key].timestamp()
    return described


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    return {key: column[key] for key in ("Name", "Type", "Comment") if column.get(key)}


def _storage_parameters(storage: Mapping[str, Any]) -> dict[str, str]:
    """What Athena tells of a table's storage, for which TableMetadata has no member of its own."""
    serde = storage.get("SerdeInfo", {})
    parameters = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    of_serde = {f"serde.param.{key}": value for key, value in serde.get("Parameters", {}).items()}
    return {key: value for key, value in parameters.items() if value} | of_serde
