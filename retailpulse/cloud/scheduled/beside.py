"""Tables that dbt built beside those in use, by other names in Glue, and how they take their place.

What Glue changes at one moment is one name: by UpdateTable it becomes a view of another text, or a
table of other metadata, as Iceberg commits. So the views are let read the new tables first, all of
them under their other names; then table by table takes its place. From the first of these changes
to the last there is a table `unfinished_rebuild`, which stops every other run (macros/engine/
former_tables.sql): what was killed in between goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from retailpulse.errors import WorkError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

SILVER: Final = "retailpulse_silver"
GOLD: Final = "retailpulse"

# As macros/engine/beside.sql and former_tables.sql have them.
NEXT: Final = "__next"
UNFINISHED: Final = "unfinished_rebuild"
FORMER: Final = "order_events"

# Upkeep drops them a day later (macros/operations/upkeep.sql): queries are at work on their files.
_BEFORE: Final = "__before_"

# What CreateTable and UpdateTable take of what GetTables tells.
_INPUT: Final = (
    *("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys"),
    *("ViewOriginalText", "ViewExpandedText", "TableType", "Parameters"),
)

Table = Mapping[str, Any]
"""A table or view, as Glue tells it."""


class TablesBeside:
    """What dbt built beside the tables in use. Nobody else may write to any of them."""

    def __init__(self, glue: GlueClient, s3: S3Client) -> None:
        """Use the databases of silver and gold."""
        self._glue = glue
        self._s3 = s3

    def are_taking_their_place(self) -> bool:
        """Tell whether that has begun, and is not done."""
        return (SILVER, UNFINISHED) in self._tables()

    def delete(self) -> None:
        """Delete what a build has left, its files first, which nothing else names.

        Raises:
            WorkError: S3 kept some.
        """
        tables = self._tables()
        in_use = {_location(table) for table in tables.values() if NEXT not in table["Name"]}
        for (database, name), table in tables.items():
            if NEXT in name:
                if not _is_view(table) and _location(table) not in in_use:
                    self._delete_files(_location(table))
                self._glue.delete_table(DatabaseName=database, Name=name)

    def take_their_place(self) -> None:
        """Let readers meet what was built: by views all of it at first, then each table.

        Killed at any moment, it is simply called again.
        """
        tables = self._tables()
        built = {key: table for key, table in tables.items() if key[1].endswith(NEXT)}
        if (SILVER, UNFINISHED) not in tables:
            self._create(SILVER, UNFINISHED, built[SILVER, f"run_windows{NEXT}"])
        waiting = [
            key
            for key, table in built.items()
            if not _is_view(table) and not _is_same(table, tables.get(_in_use(key)))
        ]
        # Once the last table has taken its place the views may have their final texts.
        views = [key for key, table in built.items() if _is_view(table)] if waiting else []
        for key in [*views, *waiting]:
            self._take_its_place(_in_use(key), built[key], tables.get(_in_use(key)))

    def forget(self) -> None:
        """Forget the names that were used for the build, and the tables of an earlier version.

        No view may read by those names any more.
        """
        tables = self._tables()
        for database, name in tables:
            if name.endswith(NEXT):
                self._glue.delete_table(DatabaseName=database, Name=name)
        if former := tables.get((SILVER, FORMER)):
            self._keep_for_a_while(SILVER, former)
            self._glue.delete_table(DatabaseName=SILVER, Name=FORMER)
        self._glue.delete_table(DatabaseName=SILVER, Name=UNFINISHED)

    def _take_its_place(self, key: tuple[str, str], built: Table, in_use: Table | None) -> None:
        database, name = key
        if in_use is None:
            self._create(database, name, built)
            return
        if not _is_view(in_use):
            self._keep_for_a_while(database, in_use)
        try:
            self._glue.update_table(
                DatabaseName=database,
                TableInput=_input(name, built),  # type: ignore[arg-type]
                SkipArchive=True,
            )
        except self._glue.exceptions.InvalidInputException:
            # Not documented is whether a table may become a view.
            if _is_view(built) == _is_view(in_use):
                raise
            self._glue.delete_table(DatabaseName=database, Name=name)
            self._create(database, name, built)

    def _keep_for_a_while(self, database: str, table: Table) -> None:
        location = hashlib.sha256(_location(table).encode()).hexdigest()[:8]
        self._create(database, f"{table['Name']}{_BEFORE}{location}", table)

    def _create(self, database: str, name: str, like: Table) -> None:
        try:
            self._glue.create_table(
                DatabaseName=database,
                TableInput=_input(name, like),  # type: ignore[arg-type]
            )
        except self._glue.exceptions.AlreadyExistsException:
            # Whoever was killed had come so far.
            return

    def _tables(self) -> dict[tuple[str, str], Table]:
        paginator = self._glue.get_paginator("get_tables")
        return {
            (database, table["Name"]): table
            for database in (SILVER, GOLD)
            for page in paginator.paginate(DatabaseName=database)
            for table in page["TableList"]
        }

    def _delete_files(self, location: str) -> None:
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"{prefix.rstrip('/')}/"
        )
        for page in pages:
            if found := page.get("Contents"):
                kept = self._s3.delete_objects(
                    Bucket=bucket, Delete={"Objects": [{"Key": file["Key"]} for file in found]}
                ).get("Errors")
                if kept:
                    raise WorkError(f"S3 did not delete {_keys(kept)}: {kept[0].get('Message')}")


def _keys(errors: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(str(error.get("Key")) for error in errors)


def _in_use(key: tuple[str, str]) -> tuple[str, str]:
    database, name = key
    return database, name.removesuffix(NEXT)


def _is_view(table: Table) -> bool:
    return bool(table.get("TableType") == "VIRTUAL_VIEW")


def _is_same(built: Table, in_use: Table | None) -> bool:
    """Whether both names are of one table, at one commit."""
    return in_use is not None and _metadata(in_use) == _metadata(built)


def _metadata(table: Table) -> str | None:
    location: str | None = table.get("Parameters", {}).get("metadata_location")
    return location


def _location(table: Table) -> str:
    return str(table.get("StorageDescriptor", {}).get("Location", ""))


def _input(name: str, like: Table) -> dict[str, Any]:
    return {**{key: like[key] for key in _INPUT if key in like}, "Name": name}
