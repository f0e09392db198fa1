"""A row's line is the one that the ingester makes of the same event, whatever the row holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.envelope import MAX_LINE_BYTES, Message, to_line
from ingestion.sources.databases.positions import prefix_of
from ingestion.sources.databases.row_lines import HEAD_CHARACTERS, RowLines, RowType, unescaped

READ_AT = datetime(2026, 5, 6, 9, 8, 9, 123, tzinfo=timezone(timedelta(hours=2)))
RECEIVED_AT = datetime(2026, 5, 6, 7, 8, 10, tzinfo=UTC)
USERS = RowType("shop", "shop_users", ("id", "name", "note"))
KNOWN = RowType("shop", "product_changed", ("product_id", "name"))

# PostgreSQL's own text: no NUL, and no surrogates. \v, \x7f and what JSON writes otherwise.
TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\0"),
        st.sampled_from('\\"\t\n\r\b\f\v\x01\x1f\x7fNv{}[]%é\U0001f600'),
    )
)

_COPY_ESCAPES = {
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def copied(*values: str | None) -> bytes:
    """A row as COPY writes it (PostgreSQL's documentation of COPY, text format)."""
    return b"\t".join(
        b"\\N"
        if value is None
        else "".join(_COPY_ESCAPES.get(char, char) for char in value).encode()
        for value in values
    )


def lines(row_type: RowType, read: int = 7) -> RowLines:
    return RowLines(row_type, prefix_of(1_770_000_000, read), READ_AT, RECEIVED_AT)


@given(st.lists(st.one_of(st.none(), TEXTS), min_size=3, max_size=3), st.integers(0, 10**9))
def test_a_row_is_the_line_that_the_ingester_makes_of_its_event(
    values: list[str | None], row: int
) -> None:
    line = lines(USERS).line(copied(*values), row)

    sequence = f"1770000000/00000000000000000007/{row:010d}"
    event = {
        "specversion": "1.0",
        "type": "shop_users",
        "source": "shop",
        "time": "2026-05-06T07:08:09.000123Z",
        "id": f"shop_users/{sequence}",
        "op": "upsert",
        "sequence": sequence,
        "data": dict(zip(USERS.fields, values, strict=True)),
    }
    envelope = json.loads(line.data)
    assert envelope["payload"] == event
    assert b"\n" not in line.data
    # To the byte: what the payload's bytes are, they stay.
    payload = line.data.partition(b'"payload":')[2][:-1]
    assert line == to_line(Message(payload, line.message_id), RECEIVED_AT)


@given(TEXTS)
def test_what_copy_escapes_is_read_back(text: str) -> None:
    assert unescaped(copied(text)) == text


def test_a_known_type_has_its_own_partition() -> None:
    assert lines(KNOWN).line(copied("p1", "Cup"), 0).event_type == "product_changed"
    assert lines(USERS).line(copied("1", "A", None), 0).event_type == "unknown"


def test_positions_follow_each_other_as_text() -> None:
    found = [
        json.loads(lines(USERS, read).line(copied("1", "A", None), row).data)["payload"]["sequence"]
        for read in (9, 10, 10**15)
        for row in (0, 9, 10, 10**9)
    ]

    assert found == sorted(found)
    assert len(set(found)) == len(found)


def test_of_a_row_that_is_too_large_the_largest_columns_are_cut() -> None:
    large = '"é\n' * 300_000
    line = lines(USERS).line(copied("1", large, "x" * 500_000), 0)

    data = json.loads(line.data)["payload"]["data"]
    assert len(line.data) <= MAX_LINE_BYTES
    assert data["id"] == "1"
    assert data["note"] == "x" * 500_000
    assert data["name"]["cut_head"] == large[:HEAD_CHARACTERS]
    assert data["name"]["cut_bytes"] == len(large.encode())
    assert len(data["name"]["cut_sha256"]) == 64


def test_of_many_columns_as_many_are_cut_as_it_takes() -> None:
    row_type = RowType("shop", "shop_wide", tuple(f"c{number}" for number in range(500)))
    line = lines(row_type).line(copied(*(["y" * 4_000] * 499), None), 0)

    data = json.loads(line.data)["payload"]["data"]
    assert len(line.data) <= MAX_LINE_BYTES
    assert any(isinstance(value, dict) for value in data.values())
    assert any(isinstance(value, str) for value in data.values())
    assert data["c499"] is None


def test_bytes_that_are_no_utf8_are_told_by_their_numbers() -> None:
    # A database of the encoding SQL_ASCII has what it was given.
    data = json.loads(lines(USERS).line(b"1\tStra\xdfe\t\\N", 0).data)["payload"]["data"]

    assert data == {"id": "1", "name": "Stra\\xdfe", "note": None}


def test_a_row_with_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="has 2 columns"):
        lines(USERS).line(b"1\t2", 0)
