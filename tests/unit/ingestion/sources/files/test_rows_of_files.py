"""From a file's header and cells to the line of an event."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.envelope import Message, Replay, to_line
from ingestion.sources.files.cells import conversions, converted
from ingestion.sources.files.feeds import Column, Feed
from ingestion.sources.files.file_lines import Delivery, FileLines
from ingestion.sources.files.header import HeaderError, header_of
from ingestion.sources.files.records import Unreadable
from ingestion.sources.files.rows import rules_of


def column(name: str, type_: str, *aliases: str, optional: bool = False) -> Column:
    return Column(name, type_, aliases, optional, False, "")


FEED = Feed(
    name="grocery_orders",
    files="orders*.csv",
    system="shop",
    key=("order_id",),
    columns=(
        column("order_id", "identifier"),
        column("order_num", "integer", "No."),
        column("total_amount", "amount", optional=True),
        column("is_paid", "boolean", optional=True),
        column("ordered_at", "instant", optional=True),
        column("note", "text", optional=True),
    ),
    constants={"currency_code": "EUR"},
)
AT = datetime(2026, 1, 15, 10, tzinfo=UTC)


def test_a_header_may_be_in_any_order_and_spelling_and_have_more() -> None:
    header = header_of(FEED, ["NOTE", "Order ID", "no", "Loyalty Card", "", "order"])
    assert header.fields == ("note", "order_id", "order_num", "loyalty_card", "column_5", "order_")
    assert header.unknown == ("loyalty_card", "column_5", "order_")


def test_columns_that_the_feed_does_not_know_are_told_apart() -> None:
    names = ["order_id", "No.", "Größe", "Grüße", "", "備考", "Currency Code", "備考"]
    header = header_of(FEED, names)
    assert len(set(header.fields)) == len(names)
    assert header.fields[:5] == ("order_id", "order_num", "gr_e", "gr_e_4", "column_5")
    assert "currency_code" not in header.fields


def test_names_of_other_scripts_are_names() -> None:
    feed = replace(FEED, columns=(FEED.columns[0], column("total_amount", "amount", "金額")))
    assert header_of(feed, ["order_id", "備考", "金額", ""]).fields[2] == "total_amount"
    with pytest.raises(HeaderError, match="no column total_amount, but order_id, 備考"):
        header_of(feed, ["order_id", "備考"])


def test_without_a_header_the_columns_are_the_feeds() -> None:
    assert header_of(FEED, None).fields == tuple(column.name for column in FEED.columns)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["order_num"], r"no column order_id, but order_num\. .*alias in ingestion/feeds/grocery_"),
        ([""], "no column order_id, order_num, but nothing"),
        (["order_id", "order_num", "No"], "more than one column order_num"),
    ],
)
def test_a_header_that_is_none_of_the_feeds(cells: list[str], told: str) -> None:
    with pytest.raises(HeaderError, match=told):
        header_of(FEED, cells)


@pytest.mark.parametrize(
    ("cells", "is_expected", "is_skipped"),
    [
        (["1", "2"], True, False),
        (["1", "2", "", ""], True, False),
        (["1", "2", "3"], False, False),
        (["1"], False, False),
        ([], True, True),
        (["  "], True, True),
        (["", "", ""], True, True),
        (["id", "name"], True, True),
        (["TOTAL", "2", "rows"], True, True),
        (["total", "2", "rows"], False, False),
    ],
)
def test_what_is_a_row(cells: list[str], is_expected: bool, is_skipped: bool) -> None:
    rules = rules_of(replace(FEED, footer="TOTAL"), ["id", "name"])
    assert rules.is_expected(cells) == is_expected
    assert rules.is_skipped(cells) == is_skipped


def values(cells: list[str], **changes: object) -> list[object]:
    feed = replace(FEED, **changes)  # type: ignore[arg-type]
    columns = converted([cells], conversions(feed, header_of(feed, None)))
    return [column[0] for column in columns]


def test_cells_become_values_of_their_types() -> None:
    assert values([" o1 ", "007", "19.90", "Y", "2026-01-15 10:00:00", " x "]) == [
        *("o1", 7, "19.90", True, "2026-01-15 10:00:00Z", " x "),
    ]
    assert values(["o1", "", "", "", "", ""]) == ["o1", None, None, None, None, None]
    assert values(["o1", "1.000", "1.234,50", "0", "", ""], **OF_GERMANY)[1:4] == [
        *(1000, "1234.50", False),
    ]


OF_GERMANY = {"decimal_separator": ",", "thousands_separator": "."}


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2026-01-15 10:00:00", "2026-01-15T10:00:00+01:00"),
        ("2026-07-15T10:00", "2026-07-15T10:00:00+02:00"),
        ("2026-07-15T10:00:00Z", "2026-07-15T10:00:00Z"),
        ("2026-07-15T10:00:00-05:00", "2026-07-15T10:00:00-05:00"),
        ("2026-02-30 10:00:00", "2026-02-30 10:00:00"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_without_an_offset_is_of_the_feeds_zone(given: str, instant: str) -> None:
    assert values(["o1", "", "", "", given, ""], time_zone="Europe/Berlin")[4] == instant


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ("1.234.567,5", "1234567.5"),
        ("1234,50", "1234.50"),
        ("12.30", "12.30"),
        ("1.2.3", "1.2.3"),
        ("n.a., soon", "n.a., soon"),
        ("-5,00", "-5.00"),
    ],
)
def test_an_amount_is_read_only_as_its_feed_writes_it(given: str, amount: str) -> None:
    assert values(["o1", "12.5", given, "", "", ""], **OF_GERMANY)[1:3] == ["12.5", amount]


def test_what_is_no_value_of_its_type_stays_as_it_is() -> None:
    cells = ["o1", "1.5", "1,50 €", "maybe", "soon", ""]
    assert values(cells)[:5] == cells[:5]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)


@given(TEXT, TEXT, st.text(min_size=1, max_size=9), st.integers(0, 10**9))
def test_a_line_is_the_one_of_the_envelope(cell: str, note: str, file: str, row: int) -> None:
    delivery = Delivery("grocery_orders", file, 3, AT)
    header = header_of(FEED, ["order_id", "order_num", "note"])
    lines = FileLines(delivery, header.fields, conversions(FEED, header), FEED.constants, AT)
    [line] = lines.lines([[cell, "5", note]], [row], [17])
    event = {
        "specversion": "1.0",
        "type": "grocery_orders",
        "source": "grocery_orders",
        "time": "2026-01-15T10:00:00.000000Z",
        "id": f"{delivery.id}{row:010d}",
        "op": "upsert",
        "sequence": f"{delivery.position}{row:010d}",
        "file": file,
        "offset": "17",
        "data": {
            "order_id": cell.strip() or None,
            "order_num": 5,
            "note": note or None,
            "currency_code": "EUR",
        },
    }
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    expected = to_line(Message(body, event["id"], "grocery_orders"), AT)  # type: ignore[arg-type]
    assert json.loads(line.data) == json.loads(expected.data)
    assert list(json.loads(line.data)) == list(json.loads(expected.data))
    assert (line.event_type, line.message_id) == (expected.event_type, expected.message_id)


def test_positions_are_in_the_order_of_deliveries() -> None:
    deliveries = [
        Delivery("f", "b.csv", 1, AT),
        Delivery("f", "b.csv", 2, AT),
        Delivery("f", "a.csv", 1, AT + timedelta(microseconds=1)),
        Delivery("f", "a.csv", 20, AT + timedelta(days=400)),
    ]
    positions = [delivery.position for delivery in deliveries]
    assert positions == sorted(positions)
    assert len({delivery.id for delivery in deliveries}) == len(deliveries)


@pytest.mark.parametrize("line", [b'{"event_type":"order_created","event_id":"1"}', b"1,\xff", b""])
def test_what_is_no_row_is_never_read_as_an_event(line: bytes) -> None:
    lines = FileLines(Delivery("grocery_orders", "o.csv", 1, AT), (), (), {}, AT)
    made = lines.line_of_unreadable(Unreadable(4, 99, line))
    assert (made.event_type, made.is_malformed) == ("unknown", True)
    replay = Replay(made.message_id, "grocery_orders", made.message_id, "x", is_unreadable=True)
    assert to_line(Message(line, "replay#1", replay=replay), AT).is_malformed
    envelope = json.loads(made.data)
    assert envelope["event_name"] == envelope["source"] == "grocery_orders"
    assert envelope["event_id"].endswith(".000001/0000000004")


def test_a_row_that_is_too_large_lies_beside_the_lines() -> None:
    header = header_of(FEED, ["order_id", "order_num", "note"])
    delivery = Delivery("grocery_orders", "o.csv", 1, AT)
    lines = FileLines(delivery, header.fields, conversions(FEED, header), {}, AT)
    other, line = lines.lines([["o0", "1", ""], ["o1", "1", "x" * 1_100_000]], [4, 5], [0, 9])
    assert other.oversized is None
    assert line.oversized is not None
    assert json.loads(line.oversized.body)["data"]["order_id"] == "o1"
    assert line.message_id == f"{delivery.id}{5:010d}"
