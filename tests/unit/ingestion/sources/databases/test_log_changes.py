"""What becomes of a row by each message, and which of them do not tell enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.databases.log_changes import (
    Change,
    UntoldError,
    changes_of,
    layout_of,
)
from ingestion.sources.databases.pgoutput import (
    UNCHANGED,
    Relation,
    RelationColumn,
    RowChange,
    Value,
)
from ingestion.sources.databases.row_lines import copied, unescaped

TABLE = Relation(
    7,
    "public",
    "parts",
    (RelationColumn("sku", 25), RelationColumn("tags", 1009), RelationColumn("nr", 23)),
)
# Not in the order of the columns.
LAYOUT = layout_of(TABLE, ("nr", "sku"), {1009: "text[]"})


def changes(old: list[Value] | None, new: list[Value] | None) -> list[Change]:
    is_whole = new is None or UNCHANGED not in new
    return changes_of(RowChange(7, old, new, is_whole), LAYOUT)


def test_a_layout_knows_key_and_arrays() -> None:
    assert LAYOUT.key == (2, 0)
    assert LAYOUT.arrays == {1: "text[]"}
    with pytest.raises(UntoldError):
        layout_of(TABLE, ("id",), {})


def test_a_row_that_comes_or_changes_is_there() -> None:
    assert changes(None, [b"a", None, b"1"]) == [Change("upsert", [b"a", None, b"1"], 1)]
    # The identity FULL sends the old row though the key is the same.
    assert changes([b"a", b"{}", b"1"], [b"a", None, b"1"]) == [
        Change("upsert", [b"a", None, b"1"], 1)
    ]


def test_another_key_is_a_deletion_and_a_row() -> None:
    assert changes([b"a", None, b"1"], [b"a", b"{}", b"2"]) == [
        Change("delete", [b"1", b"a"], 0),
        Change("upsert", [b"a", b"{}", b"2"], 1),
    ]


def test_a_deletion_has_the_key_alone() -> None:
    assert changes([b"a", b"{}", b"1"], None) == [Change("delete", [b"1", b"a"], 0)]


def test_what_was_not_sent_comes_from_the_old_row() -> None:
    assert changes([b"a", b"{x}", b"1"], [b"a", UNCHANGED, b"2"])[1].values == [
        b"a",
        b"{x}",
        b"2",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, [b"a", UNCHANGED, b"1"]),
        # The key of before alone.
        ([b"a", None, b"1"], [b"a", UNCHANGED, b"2"]),
        ([b"a", b"{}", None], None),
        ([b"a", b"{}", None], [b"a", b"{}", b"1"]),
        (None, [b"a", b"{}"]),
    ],
)
def test_what_is_not_told_is_not_guessed(old: list[Value] | None, new: list[Value] | None) -> None:
    with pytest.raises(UntoldError):
        changes(old, new)


@given(st.lists(st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
def test_a_row_is_written_as_copy_writes_it(values: list[str | None]) -> None:
    row = copied([None if value is None else value.encode() for value in values])

    assert b"\n" not in row
    if values:
        found = [None if v == b"\\N" else unescaped(v) for v in row.split(b"\t")]
        assert found == values
