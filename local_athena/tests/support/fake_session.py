"""A session that executes nothing: it records what it is asked for, and answers what it is told."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from mypy_boto3_glue import GlueClient
from mypy_boto3_s3 import S3Client

from local_athena.session import ICEBERG_CATALOG, Column, TrinoResult


class EntityNotFoundError(Exception):
    pass


class AlreadyExistsError(Exception):
    pass


class ConcurrentModificationError(Exception):
    pass


@dataclass
class FakeGlue:
    """Databases, tables and partitions in memory, with the calls that change them."""

    databases: dict[str, dict[str, Any]] = field(default_factory=lambda: {"sales": {}})
    tables: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    partitions: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    # How often each table was updated.
    updates: Counter[tuple[str, str]] = field(default_factory=Counter)
    # What somebody else does once, between a table's being read and its being updated.
    meanwhile: Callable[[], object] | None = None

    class exceptions:  # noqa: N801
        EntityNotFoundException = EntityNotFoundError
        AlreadyExistsException = AlreadyExistsError
        ConcurrentModificationException = ConcurrentModificationError

    def create_database(self, *, DatabaseInput: dict[str, Any]) -> None:  # noqa: N803
        if DatabaseInput["Name"] in self.databases:
            raise AlreadyExistsError
        self.databases[DatabaseInput["Name"]] = DatabaseInput

    def delete_database(self, *, Name: str) -> None:  # noqa: N803
        if Name not in self.databases:
            raise EntityNotFoundError
        del self.databases[Name]
        self.tables = {key: table for key, table in self.tables.items() if key[0] != Name}

    def get_table(self, *, DatabaseName: str, Name: str) -> dict[str, Any]:  # noqa: N803
        if (DatabaseName, Name) not in self.tables:
            raise EntityNotFoundError
        table = copy.deepcopy(self.tables[DatabaseName, Name])
        return {"Table": {**table, "VersionId": str(self.updates[DatabaseName, Name])}}

    def get_tables(self, *, DatabaseName: str, MaxResults: int = 100) -> dict[str, Any]:  # noqa: N803
        if DatabaseName not in self.databases:
            raise EntityNotFoundError
        tables = [table for key, table in self.tables.items() if key[0] == DatabaseName]
        return {"TableList": tables[:MaxResults]}

    def create_table(self, *, DatabaseName: str, TableInput: dict[str, Any]) -> None:  # noqa: N803
        if DatabaseName not in self.databases:
            raise EntityNotFoundError
        if (DatabaseName, TableInput["Name"]) in self.tables:
            raise AlreadyExistsError
        self.tables[DatabaseName, TableInput["Name"]] = TableInput

    def update_table(
        self,
        *,
        DatabaseName: str,  # noqa: N803
        TableInput: dict[str, Any],  # noqa: N803
        SkipArchive: bool,  # noqa: N803
        VersionId: str,  # noqa: N803
    ) -> None:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        key = DatabaseName, TableInput["Name"]
        if key not in self.tables:
            raise EntityNotFoundError
        if VersionId != str(self.updates[key]):
            raise ConcurrentModificationError
        self.updates[key] += 1
        self.tables[key] = TableInput

    def delete_table(self, *, DatabaseName: str, Name: str) -> None:  # noqa: N803
        del self.tables[DatabaseName, Name]

    def create_partition(
        self,
        *,
        DatabaseName: str,  # noqa: N803
        TableName: str,  # noqa: N803
        PartitionInput: dict[str, Any],  # noqa: N803
    ) -> None:
        there = self.partitions.setdefault((DatabaseName, TableName), [])
        if any(each["Values"] == PartitionInput["Values"] for each in there):
            raise AlreadyExistsError
        there.append(PartitionInput)

    def delete_partition(
        self,
        *,
        DatabaseName: str,  # noqa: N803
        TableName: str,  # noqa: N803
        PartitionValues: list[str],  # noqa: N803
    ) -> None:
        there = self.partitions.get((DatabaseName, TableName), [])
        left = [each for each in there if each["Values"] != PartitionValues]
        if len(left) == len(there):
            raise EntityNotFoundError
        self.partitions[DatabaseName, TableName] = left

    def get_paginator(self, operation: str) -> FakePaginator:
        return FakePaginator(self, operation)


@dataclass
class FakePaginator:
    glue: FakeGlue
    operation: str

    def paginate(self, **names: str) -> Iterator[dict[str, Any]]:
        if self.operation == "get_databases":
            yield {"DatabaseList": [{"Name": name} for name in self.glue.databases]}
        elif self.operation == "get_tables":
            yield self.glue.get_tables(DatabaseName=names["DatabaseName"])
        else:
            key = (names["DatabaseName"], names["TableName"])
            yield {"Partitions": self.glue.partitions.get(key, [])}


@dataclass
class FakeS3:
    """Keys by bucket."""

    keys: dict[str, list[str]] = field(default_factory=dict)

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:  # noqa: N803
        found = [key for key in self.keys.get(Bucket, []) if key.startswith(Prefix)]
        return {"KeyCount": len(found[:MaxKeys])}


@dataclass(frozen=True)
class TrinoCall:
    sql: str
    catalog: str = ICEBERG_CATALOG
    properties: Mapping[str, str] = field(default_factory=dict)


class FakeSession:
    """A session in the database `sales`."""

    def __init__(self) -> None:
        self.database = "sales"
        self.tables_location = "s3://results/tables/5eed/"
        self.fake_glue = FakeGlue()
        self.fake_s3 = FakeS3()
        self.glue = cast(GlueClient, self.fake_glue)
        self.s3 = cast(S3Client, self.fake_s3)
        self.calls: list[TrinoCall] = []
        self._answers: list[tuple[str, TrinoResult]] = []

    def answer(
        self, beginning: str, columns: Sequence[Column] = (), rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        """Answer so to statements that begin so; to others, with nothing."""
        self._answers.append((beginning, TrinoResult(columns, rows)))

    def trino(
        self,
        sql: str,
        *,
        catalog: str = ICEBERG_CATALOG,
        properties: Mapping[str, str] | None = None,
    ) -> TrinoResult:
        if sql.startswith("CREATE") and " VIEW " in sql:
            self._add_view_to_glue(sql)
        self.calls.append(TrinoCall(sql, catalog, properties or {}))
        return next(
            (answer for beginning, answer in self._answers if sql.startswith(beginning)),
            TrinoResult(),
        )

    @property
    def sql(self) -> list[str]:
        """What Trino was given, with spaces and line breaks as one space."""
        return [" ".join(call.sql.split()) for call in self.calls]

    def add_table(self, name: str, **table: Any) -> None:
        """Put a table of the database `sales` into Glue."""
        self.fake_glue.tables["sales", name] = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {},
            "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}]},
            **table,
        }

    def add_iceberg_table(self, name: str, **table: Any) -> None:
        """Put an Iceberg table of the database `sales` into Glue."""
        self.add_table(name, Parameters={"table_type": "ICEBERG"}, **table)

    def _add_view_to_glue(self, sql: str) -> None:
        # As Trino leaves one: the columns are a placeholder.
        name = sql.split(" VIEW ")[1].split(" ")[0].split(".")[-1].strip('"')
        self.add_table(
            name,
            TableType="VIRTUAL_VIEW",
            ViewOriginalText="/* Presto View: … */",
            StorageDescriptor={"Columns": [{"Name": "dummy", "Type": "string"}]},
        )
