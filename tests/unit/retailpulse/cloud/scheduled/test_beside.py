from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest

from retailpulse.cloud.scheduled.beside import FORMER, GOLD, SILVER, TablesBeside
from retailpulse.errors import WorkError

Tables = dict[tuple[str, str], dict[str, Any]]


class KilledError(Exception):
    """Nothing after it was done."""


class AlreadyExistsError(Exception):
    pass


class InvalidInputError(Exception):
    pass


class FakeGlue:
    """Glue's tables; it ends before a change for which there is no more time."""

    class exceptions:  # noqa: N801 - boto3's name
        AlreadyExistsException = AlreadyExistsError
        InvalidInputException = InvalidInputError

    def __init__(
        self, tables: Tables, look: Callable[[Tables], None], *, changes_kinds: bool = True
    ) -> None:
        self.tables = tables
        self.changes_left: int | None = None
        self._look = look
        self._changes_kinds = changes_kinds

    def get_paginator(self, operation: str) -> FakeGlue:
        assert operation == "get_tables"
        return self

    def paginate(self, **of: str) -> Iterator[dict[str, Any]]:
        found = [one for (name, _), one in self.tables.items() if name == of["DatabaseName"]]
        # What Glue tells has more than it takes.
        for one in found:
            yield {"TableList": [{**one, "VersionId": "3", "CreateTime": "now"}]}

    def create_table(self, **made: Any) -> None:
        key = made["DatabaseName"], made["TableInput"]["Name"]
        if key in self.tables:
            raise AlreadyExistsError
        self._change(key, made["TableInput"])

    def update_table(self, **made: Any) -> None:
        assert made["SkipArchive"]
        table = made["TableInput"]
        key = made["DatabaseName"], table["Name"]
        if self.tables[key]["TableType"] != table["TableType"] and not self._changes_kinds:
            raise InvalidInputError
        self._change(key, table)

    def delete_table(self, **gone: str) -> None:
        self._change((gone["DatabaseName"], gone["Name"]), None)

    def _change(self, key: tuple[str, str], table: dict[str, Any] | None) -> None:
        assert not {"VersionId", "CreateTime"} & (table or {}).keys()
        if self.changes_left is not None:
            if not self.changes_left:
                raise KilledError
            self.changes_left -= 1
        if table is None:
            del self.tables[key]
        else:
            self.tables[key] = table
        self._look(self.tables)


class FakeS3:
    """Files by their keys, in one bucket."""

    def __init__(self, keys: Sequence[str], undeletable: Sequence[str] = ()) -> None:
        self.keys = set(keys)
        self._undeletable = undeletable

    def get_paginator(self, operation: str) -> FakeS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **of: str) -> Iterator[dict[str, Any]]:
        assert of["Bucket"] == "lake"
        found = [{"Key": key} for key in sorted(self.keys) if key.startswith(of["Prefix"])]
        yield {"Contents": found} if found else {}

    def delete_objects(self, **asked: Any) -> dict[str, Any]:
        assert asked["Bucket"] == "lake"
        keys = {file["Key"] for file in asked["Delete"]["Objects"]}
        self.keys -= keys - set(self._undeletable)
        kept = sorted(keys & set(self._undeletable))
        return (
            {"Errors": [{"Key": key, "Message": "Access Denied"} for key in kept]} if kept else {}
        )


def table(name: str, version: str) -> dict[str, Any]:
    location = f"s3://lake/{name}/{version}"
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {"Location": location},
        "Parameters": {"metadata_location": f"{location}/metadata/1.json"},
    }


def view(name: str, *reads: tuple[str, str]) -> dict[str, Any]:
    """A view, whose text here is the names that it reads."""
    return {"Name": name, "TableType": "VIRTUAL_VIEW", "ViewOriginalText": reads}


def beside(glue: FakeGlue, s3: FakeS3 | None = None) -> TablesBeside:
    return TablesBeside(glue, s3 or FakeS3([]))  # type: ignore[arg-type]


def lake(*databases: tuple[str, Sequence[dict[str, Any]]]) -> Tables:
    return {(name, one["Name"]): one for name, tables in databases for one in tables}


BEFORE = lake(
    (SILVER, [table("run_windows", "old"), table(FORMER, "old"), table("quarantined", "old")]),
    (GOLD, [table("facts", "old"), table("days", "old")]),
    (GOLD, [view("revenue", (GOLD, "facts"), (GOLD, "days")), view("totals", (GOLD, "revenue"))]),
)
BUILT = lake(
    (SILVER, [table("run_windows__next", "new"), table("orders_quarantined__next", "new")]),
    (SILVER, [view("quarantined__next", (SILVER, "orders_quarantined__next"))]),
    (GOLD, [table("facts__next", "new"), table("days__next", "new")]),
    (GOLD, [view("refunds__next", (GOLD, "facts__next"))]),
    (GOLD, [view("revenue__next", (GOLD, "refunds__next"), (GOLD, "days__next"))]),
    (GOLD, [view("totals__next", (GOLD, "revenue__next"))]),
)
# What dbt makes of the views at the end.
VIEWS = {
    (database, name.removesuffix("__next")): view(
        name.removesuffix("__next"),
        *((base, read.removesuffix("__next")) for base, read in one["ViewOriginalText"]),
    )
    for (database, name), one in BUILT.items()
    if one["TableType"] == "VIRTUAL_VIEW"
}
READ = [key for key in BEFORE if key[1] not in ("run_windows", FORMER)]


def versions(tables: Tables, key: tuple[str, str]) -> set[str]:
    """Of which versions are the tables that a reader of this name meets."""
    one = tables[key]
    if one["TableType"] != "VIRTUAL_VIEW":
        return {one["StorageDescriptor"]["Location"].rpartition("/")[2]}
    return set().union(*(versions(tables, read) for read in one["ViewOriginalText"]))


def locations(tables: Iterable[dict[str, Any]]) -> set[str]:
    return {one["StorageDescriptor"]["Location"] for one in tables if "StorageDescriptor" in one}


def no_mixture(tables: Tables) -> None:
    for key in READ:
        assert len(versions(tables, key)) == 1, key


def swap(glue: FakeGlue) -> None:
    """All that a rebuild does after its build."""
    beside(glue).take_their_place()
    for (database, _), one in VIEWS.items():
        # As `create or replace view` does, view by view.
        if glue.tables[database, one["Name"]]["TableType"] == "VIRTUAL_VIEW":
            glue.update_table(DatabaseName=database, TableInput=one, SkipArchive=True)
    beside(glue).forget()


def expected() -> Tables:
    return {
        (database, name.removesuffix("__next")): {**one, "Name": name.removesuffix("__next")}
        for (database, name), one in BUILT.items()
    } | VIEWS


def test_readers_meet_no_mixture_whenever_it_is_killed() -> None:
    changes = 0
    while True:
        glue = FakeGlue({**BEFORE, **BUILT}, no_mixture)
        glue.changes_left = changes
        try:
            swap(glue)
        except KilledError:
            # Runs are stopped as long as it is not done.
            if changes:
                assert beside(glue).are_taking_their_place()
            else:
                assert glue.tables == {**BEFORE, **BUILT}
            glue.changes_left = None
            swap(glue)
        else:
            break
        kept = {key for key in glue.tables if "__before_" in key[1]}
        assert {key: glue.tables[key] for key in glue.tables.keys() - kept} == expected()
        assert locations(glue.tables[key] for key in kept) == locations(BEFORE.values())
        changes += 1
    assert changes > 20


def test_the_first_tables_there_are_take_their_place_alike() -> None:
    glue = FakeGlue(dict(BUILT), lambda _: None)
    swap(glue)
    assert glue.tables == expected()


def test_a_table_becomes_a_view_where_glue_changes_no_kind() -> None:
    glue = FakeGlue({**BEFORE, **BUILT}, lambda _: None, changes_kinds=False)
    swap(glue)
    assert not beside(glue).are_taking_their_place()
    assert glue.tables[SILVER, "quarantined"] == VIEWS[SILVER, "quarantined"]


def test_what_glue_refuses_of_one_kind_is_told() -> None:
    class Refuses(FakeGlue):
        def update_table(self, **_: Any) -> None:
            raise InvalidInputError

    glue = Refuses({**BEFORE, **BUILT}, lambda _: None)
    with pytest.raises(InvalidInputError):
        swap(glue)
    assert (GOLD, "revenue") in glue.tables


def test_what_a_build_has_left_is_deleted_with_its_files_and_nothing_else() -> None:
    glue = FakeGlue({**BEFORE, **BUILT}, no_mixture)
    # A temporary table of dbt's, and a name of a table that is in use.
    glue.tables[GOLD, "facts__next__dbt_tmp_1"] = table("facts__next__dbt_tmp_1", "new")
    glue.tables[GOLD, "days__next"] = {**BEFORE[GOLD, "days"], "Name": "days__next"}
    s3 = FakeS3(
        [
            *("facts/old/1", "days/old/1", "facts__next/new/1", "facts__next/new/metadata/1"),
            *("facts__next/newer/1", "facts__next__dbt_tmp_1/new/1"),
        ]
    )
    beside(glue, s3).delete()
    assert glue.tables == BEFORE
    assert s3.keys == {"facts/old/1", "days/old/1", "facts__next/newer/1"}


def test_a_name_is_kept_as_long_as_there_are_files() -> None:
    glue = FakeGlue({**BEFORE, **BUILT}, no_mixture)
    s3 = FakeS3(["facts__next/new/1"], undeletable=["facts__next/new/1"])
    with pytest.raises(WorkError, match="S3 did not delete facts__next/new/1: Access Denied"):
        beside(glue, s3).delete()
    assert (GOLD, "facts__next") in glue.tables
