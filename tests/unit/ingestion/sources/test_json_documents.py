from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.json_documents import MAX_DOCUMENT_BYTES, Document, read_documents

EVENT = b'{"event_id": "e1", "amount": 1.10, "amount": 2}'


def read(data: bytes, size: int = 1 << 20) -> list[Document]:
    return list(read_documents(data[at : at + size] for at in range(0, len(data), size)))


def objects(*data: bytes) -> list[Document]:
    return [Document(each, True) for each in data]


def broken(*data: bytes) -> list[Document]:
    return [Document(each, False) for each in data]


def test_a_line_goes_as_the_bytes_that_it_is() -> None:
    lines = [EVENT, b'{"a":"\xff"}', b"{}"]
    assert read(b"\n".join(lines)) == objects(*lines)
    assert read(b"\r\n\n  \n".join(lines) + b"\n") == objects(*lines)
    assert read(b"") == read(b"\n \r\n") == []


def test_what_is_no_object_goes_as_the_line_that_it_is() -> None:
    lines = [b"not json", b"17", b'  "text" ', b"{oops}", b"null", b"[1, 2]", b'{"a":1} oops']
    assert read(b"\n".join([EVENT, *lines, EVENT])) == [
        *objects(EVENT),
        *broken(*lines),
        *objects(EVENT),
    ]


@pytest.mark.parametrize(
    "between", [b"", b" ", b"\n\n", b",\n", b"\x1e", b"\n\x1e", b"\xef\xbb\xbf"]
)
def test_objects_may_follow_each_other(between: bytes) -> None:
    assert read(between.join([EVENT, b'{\n  "a": [{}]\n}', EVENT])) == objects(
        EVENT, b'{\n  "a": [{}]\n}', EVENT
    )


@pytest.mark.parametrize("indent", [None, 0, 1, 2, 4, "\t"])
@pytest.mark.parametrize("whole", [True, False])
def test_objects_and_arrays_may_be_pretty_printed(indent: Any, whole: bool) -> None:
    events: list[dict[str, Any]] = [{"id": n, "lines": [{"sku": "a"}, [], {}]} for n in range(9)]
    documents = [events] if whole else events
    data = "\n".join(json.dumps(each, indent=indent) for each in documents).encode()
    found = read(data)
    assert all(each.is_object for each in found)
    assert [json.loads(each.data) for each in found] == events


def test_an_array_of_any_size_is_a_stream() -> None:
    count = 0

    def chunks() -> Iterator[bytes]:
        yield b"["
        for _ in range(40):
            yield b",".join([b'{"a":"' + b"x" * 993 + b'"}'] * 1_000) + b","
            # It comes out as it goes in.
            assert count == 0 or count >= 900
        yield b"{}]"

    for document in read_documents(chunks()):
        assert document.is_object
        count += 1
    assert count == 40_001


def test_a_broken_object_over_several_lines_is_one_and_costs_no_other() -> None:
    wrong = b'  {\n    "id": 1,\n    "lines": [\n      {"sku": "a"},\n    ],\n    "x": oops\n  },'
    data = b'[\n  {"id": 0},\n' + wrong + b'\n  {\n    "id": 2\n  }\n]\n'
    assert read(data) == [
        *objects(b'{"id": 0}'),
        *broken(wrong),
        *objects(b'{\n    "id": 2\n  }'),
    ]


def test_a_cut_object_is_kept() -> None:
    assert read(EVENT + b'\n{"a": {"b": [1,\n') == [*objects(EVENT), *broken(b'{"a": {"b": [1,')]
    assert read(b'{\n  "a": 1,\n  "b": 2') == broken(b'{\n  "a": 1,\n  "b": 2')


def test_three_hundred_thousand_lines_of_one_broken_document_are_few() -> None:
    data = b"{\n" + b'  "a": 1,\n' * 300_000 + b"oops"
    assert [len(each.data) for each in read(data)] == [len(data) - 5, 4]


def test_what_is_too_large_is_cut_and_none_is_lost() -> None:
    data = b'{"a": "' + b"x" * (2 * MAX_DOCUMENT_BYTES)
    found = read(data, 1 << 16)
    assert b"".join(each.data for each in found) == data
    assert max(len(each.data) for each in found) < 1.1 * MAX_DOCUMENT_BYTES


def test_deep_nesting_is_kept_as_it_is() -> None:
    deep = b'{"a":' * 5_000
    assert read(deep + b"\n" + EVENT) == [*broken(deep), *objects(EVENT)]


def test_a_pipe_is_passed_on_line_by_line() -> None:
    sent = 0

    def pipe() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(3):
            sent += 1
            yield EVENT + b"\n"

    documents = read_documents(pipe())
    for number in (1, 2, 3):
        assert next(documents).data == EVENT
        assert sent == number


EVENTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@given(
    st.lists(EVENTS, max_size=5),
    st.sampled_from([None, 0, 2]),
    st.sampled_from(["", "\n", ", ", "\x1e", "\n\n"]),
    st.booleans(),
    st.integers(1, 12),
)
def test_any_events_in_any_layout_and_chunks(
    events: list[Any], indent: int | None, between: str, ascii_only: bool, size: int
) -> None:
    texts = [json.dumps(event, indent=indent, ensure_ascii=ascii_only) for event in events]
    found = read(between.join(texts).encode(), size)
    assert [each.data.decode() for each in found] == texts
    assert all(each.is_object for each in found)


@given(st.binary(max_size=80), st.integers(1, 9))
def test_no_bytes_are_refused_or_lost_and_chunks_do_not_matter(data: bytes, size: int) -> None:
    found = read(data)
    assert read(data, size) == found
    separators = b" \t\r\n,[]\x1e\xef\xbb\xbf"
    kept = b"".join(each.data for each in found)
    assert kept.translate(None, separators) == data.translate(None, separators)


@given(
    st.lists(
        st.tuples(EVENTS, st.binary(max_size=20).filter(lambda line: b"\n" not in line)), max_size=4
    )
)
def test_a_broken_line_costs_no_line_of_an_object(lines: list[tuple[Any, bytes]]) -> None:
    whole = [json.dumps(event).encode() for event, _ in lines]
    data = b"".join(
        event + b"\n" + other + b"\n" for event, (_, other) in zip(whole, lines, strict=True)
    )
    found = [each.data for each in read(data) if each.is_object]
    for event in whole:
        assert event in found
