"""Records of delimited text: every byte belongs to one, whatever the text is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.sources.files.records import LONGEST_LINE, Batch, Records

EVERYTHING = 1 << 40

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=8)
# Of the few characters that mean something, and of bytes that are no text.
TEXTS = st.lists(
    st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\r", b"a", b"\xff", b"\0", b'""', b"\xc3\xa4"]),
    max_size=40,
).map(b"".join)


def opened(text: bytes, buffer: int = 1 << 18) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(text), buffer)


def read(
    text: bytes,
    row: int = 0,
    offset: int = 0,
    most: int = 3,
    width: int | None = None,
    buffer: int = 1 << 18,
) -> Batch:
    """Read all of a text from a record on, a few records at a time."""
    lines = opened(text[offset:], buffer)
    records = Records(lines, ",", width=width, row=row, offset=offset)
    whole = Batch()
    while not whole.is_last:
        batch = records.read(most, EVERYTHING)
        for name in ("cells", "rows", "offsets", "unreadable"):
            getattr(whole, name).extend(getattr(batch, name))
        whole.size += batch.size
        whole.is_last = batch.is_last
    assert records.offset == len(text)
    return whole


def boundaries(batch: Batch) -> list[tuple[int, int]]:
    """The number of each record, and where it begins."""
    unreadable = [(each.row, each.offset) for each in batch.unreadable]
    return sorted([*zip(batch.rows, batch.offsets, strict=True), *unreadable])


@given(TABLES, st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_of_csv_writes_is_read(table: list[list[str]], end: str) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
    batch = read(written.getvalue().encode())
    assert batch.cells == table
    assert batch.unreadable == []


@given(TEXTS)
def test_each_byte_is_of_one_record(text: bytes) -> None:
    batch = read(text)
    assert batch.size == len(text)
    found = boundaries(batch)
    assert [row for row, _ in found] == list(range(len(found)))
    assert [offset for _, offset in found] == sorted({offset for _, offset in found})
    for unreadable in batch.unreadable:
        assert text[unreadable.offset :].startswith(unreadable.line)


@given(TEXTS)
def test_reading_goes_on_at_any_record_as_if_it_had_never_stopped(text: bytes) -> None:
    whole = read(text)
    for row, offset in boundaries(whole):
        rest = read(text, row, offset, most=1)
        first = whole.rows.index(row) if row in whole.rows else None
        since = [at for at, number in enumerate(whole.rows) if number >= row]
        assert first is None or first == since[0]
        assert rest.cells == [whole.cells[at] for at in since]
        assert boundaries(rest) == [each for each in boundaries(whole) if each >= (row, offset)]
        assert rest.unreadable == [each for each in whole.unreadable if each.row >= row]


@example(b'"x\ny"\n', 1, 9, 1 << 18)
@example(b'1,"x\ny"\n', 2, 9, 1 << 18)
@example(b"1,2\n\xff,2\n", 2, 9, 1 << 18)
@given(TEXTS, st.integers(1, 3), st.integers(1, 9), st.sampled_from([8, 1 << 18]))
def test_what_is_read_in_blocks_is_what_is_read_one_by_one(
    text: bytes, width: int, most: int, buffer: int
) -> None:
    usual = b"a,b,c\n"[6 - 2 * width :] * 5
    text = usual + text + usual
    assert read(text, most=most, width=width, buffer=buffer) == read(text)


@pytest.mark.parametrize(
    ("text", "cells", "unreadable"),
    [
        (b'1,"open\n2,b\n3,c\n', [["2", "b"], ["3", "c"]], [b'1,"open']),
        (b'1,a\n2,"open', [["1", "a"]], [b'2,"open']),
        (b'1,"a" b\n2,c\n', [["2", "c"]], [b'1,"a" b']),
        (b'1,"a\nb"\n', [["1", "a\nb"]], []),
        (b'1,"a ""b"""\n', [["1", 'a "b"']], []),
        (b"1,\xff\n2,b\n", [["2", "b"]], [b"1,\xff"]),
        (b"1,a\0\n2,b\n", [["2", "b"]], [b"1,a\0"]),
        # Its first line alone: what follows may be rows.
        (b'1,"a\n2,\xff\n3,c\n', [["3", "c"]], [b'1,"a', b"2,\xff"]),
        (b"1,a\n\n2,b", [["1", "a"], [], ["2", "b"]], []),
    ],
)
def test_what_is_no_row_costs_one_line(
    text: bytes, cells: list[list[str]], unreadable: list[bytes]
) -> None:
    batch = read(text)
    assert batch.cells == cells
    assert [each.line for each in batch.unreadable] == unreadable


@pytest.mark.parametrize(
    ("text", "unreadable"),
    [
        (b"1,a\n2\n3,c\n", [b"2"]),
        # A quote that is closed far below makes one record of too many cells out of several rows.
        (b'1,a\n2,"b\n3,c\n4,d",x\n3,c\n', [b'2,"b', b'4,d",x']),
    ],
)
def test_a_record_of_another_width_is_no_row(text: bytes, unreadable: list[bytes]) -> None:
    is_row: Callable[[list[str]], bool] = lambda cells: len(cells) == 2  # noqa: E731
    batch = Records(opened(text), ",", is_row, 2).read(100, EVERYTHING)
    assert [each.line for each in batch.unreadable] == unreadable
    assert all(len(cells) == 2 for cells in batch.cells)
    assert ["3", "c"] in batch.cells


def test_a_line_that_is_too_long_is_given_up_piece_by_piece() -> None:
    long = b"x," * LONGEST_LINE
    batch = read(b"1,a\n" + long + b"2,b\n3,c\n")
    assert batch.cells == [["1", "a"], ["3", "c"]]
    assert b"".join(each.line for each in batch.unreadable) == long + b"2,b"
    assert max(len(each.line) for each in batch.unreadable) == LONGEST_LINE


def test_no_more_is_read_at_once_than_was_asked_for() -> None:
    text = b"1,aaaaaaa\n" * 10
    records = Records(opened(text), ",")
    assert len(records.read(100, 25).rows) == 3
    assert len(records.read(4, EVERYTHING).rows) == 4
    assert (records.row, records.offset) == (7, 70)
