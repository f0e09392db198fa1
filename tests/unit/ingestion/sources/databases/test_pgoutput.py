"""Messages of pgoutput say what was put in them; what is broken off is not taken for whole."""

from __future__ import annotations

import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.databases.pgoutput import (
    UNCHANGED,
    Begin,
    Commit,
    ProtocolError,
    Relation,
    RelationColumn,
    RowChange,
    Truncate,
    Value,
    parse,
)

OIDS = st.integers(0, 2**32 - 1)
LSNS = st.integers(0, 2**64 - 1)
NAMES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20
)
VALUES: st.SearchStrategy[Value] = st.one_of(st.binary(), st.none(), st.just(UNCHANGED))
ROWS = st.lists(VALUES, max_size=12)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def row(values: list[Value]) -> bytes:
    parts = [struct.pack(">H", len(values))]
    for value in values:
        if value is None:
            parts.append(b"n")
        elif isinstance(value, bytes):
            parts.append(b"t" + struct.pack(">i", len(value)) + value)
        else:
            parts.append(b"u")
    return b"".join(parts)


@given(OIDS, ROWS)
def test_an_inserted_row(oid: int, new: list[Value]) -> None:
    message = b"I" + struct.pack(">I", oid) + b"N" + row(new)

    assert parse(message) == RowChange(oid, None, new, UNCHANGED not in new)


@given(OIDS, ROWS, st.none() | ROWS, st.sampled_from([b"K", b"O"]))
def test_an_updated_row(oid: int, new: list[Value], old: list[Value] | None, kind: bytes) -> None:
    before = b"" if old is None else kind + row(old)
    message = b"U" + struct.pack(">I", oid) + before + b"N" + row(new)

    assert parse(message) == RowChange(oid, old, new, UNCHANGED not in new)


@given(OIDS, ROWS, st.sampled_from([b"K", b"O"]))
def test_a_deleted_row(oid: int, old: list[Value], kind: bytes) -> None:
    assert parse(b"D" + struct.pack(">I", oid) + kind + row(old)) == RowChange(oid, old, None)


@given(LSNS, st.integers(-(10**15), 10**16), OIDS)
def test_a_transaction(lsn: int, microseconds: int, xid: int) -> None:
    begun = Begin(lsn, EPOCH + timedelta(microseconds=microseconds), xid)
    assert parse(b"B" + struct.pack(">QqI", lsn, microseconds, xid)) == begun
    assert parse(b"C" + struct.pack(">BQQq", 0, 1, lsn, microseconds)) == Commit(lsn)


@given(OIDS, NAMES, NAMES, st.lists(st.tuples(NAMES, OIDS), max_size=9))
def test_a_table(oid: int, schema: str, name: str, columns: list[tuple[str, int]]) -> None:
    message = b"R" + struct.pack(">I", oid) + schema.encode() + b"\0" + name.encode() + b"\0f"
    message += struct.pack(">H", len(columns))
    for column, kind in columns:
        message += b"\1" + column.encode() + b"\0" + struct.pack(">Ii", kind, -1)

    assert parse(message) == Relation(
        oid, schema, name, tuple(RelationColumn(*column) for column in columns)
    )


@given(st.lists(OIDS, max_size=9))
def test_tables_that_are_emptied(oids: list[int]) -> None:
    message = b"T" + struct.pack(f">IB{len(oids)}I", len(oids), 3, *oids)

    assert parse(message) == Truncate(tuple(oids))


@pytest.mark.parametrize("kind", [b"O", b"Y", b"M"])
def test_what_says_nothing_of_rows(kind: bytes) -> None:
    assert parse(kind + b"whatever") is None


@given(OIDS, st.lists(st.binary(min_size=1), min_size=1, max_size=5), st.data())
def test_a_message_that_is_broken_off_is_refused(
    oid: int, new: list[Value], data: st.DataObject
) -> None:
    message = b"I" + struct.pack(">I", oid) + b"N" + row(new)
    end = data.draw(st.integers(0, len(message) - 1))

    with pytest.raises(ProtocolError):
        parse(message[:end])


@given(st.binary())
def test_bytes_that_are_no_message_are_refused_or_say_something(message: bytes) -> None:
    with suppress(ProtocolError):
        parse(message)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (b"S\0\0\0\1\0", "no message b'S' in version 1"),
        (b"I\0\0\0\1K\0\0", "sent a row as 'K'"),
        (b"I\0\0\0\1N\0\1b\0\0\0\1x", "as 'b', and not as text"),
    ],
)
def test_what_another_version_would_send_is_told(message: bytes, told: str) -> None:
    with pytest.raises(ProtocolError, match=told):
        parse(message)
