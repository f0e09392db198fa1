"""What a feed's file can say, and which files are of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.sources.errors import ConfigurationError
from ingestion.sources.files.feed_contracts import contract_of
from ingestion.sources.files.feeds import Column, Feed, feeds_of, read_feed, read_feeds

FEED = """\
files: Orders*.csv
key: id
columns:
  - {column: id, type: identifier}
  - {column: amount, type: amount, aliases: [Total Amount], optional: true, personal: true}
constants: {currency_code: EUR}
"""


def written(folder: Path, text: str, name: str = "orders_feed") -> Path:
    file = folder / f"{name}.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_what_is_said_and_what_is_not(tmp_path: Path) -> None:
    assert read_feed(written(tmp_path, FEED)) == Feed(
        name="orders_feed",
        files="Orders*.csv",
        system="orders_feed",
        key=("id",),
        columns=(
            Column("id", "identifier", (), False, False, "The column id."),
            Column("amount", "amount", ("Total Amount",), True, True, "The column amount."),
        ),
        constants={"currency_code": "EUR"},
    )


def test_files_are_told_apart_by_their_names(tmp_path: Path) -> None:
    written(tmp_path, FEED)
    written(tmp_path, FEED.replace("Orders*.csv", "'*_items.csv'"), "items")
    feeds = read_feeds(tmp_path)
    assert [feed.name for feed in feeds] == ["items", "orders_feed"]
    for name, found in {
        "orders.csv": ["orders_feed"],
        "ORDERS-2026.CSV": ["orders_feed"],
        "from/partner/orders.csv.gz": ["orders_feed"],
        "orders.csv.zst": ["orders_feed"],
        "orders_items.csv": ["items", "orders_feed"],
        "returns.csv": [],
    }.items():
        assert [feed.name for feed in feeds_of(feeds, name)] == found, name


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("key: id", "key: number", "key has number, which is no column"),
        ("key: id", "key: amount", "amount is of the key, and cannot be optional"),
        ("type: identifier", "type: integer", "id is the first of the key: its type has to be"),
        ("type: identifier", "type: float", "type must be one of identifier, text"),
        ("column: id", "column: order", "columns: order: this is a word of SQL"),
        ("column: id", "column: Id", "columns: Id: a field's name must be like"),
        ("[Total Amount]", "[ID]", "id would be two columns"),
        ("files: Orders*.csv", "header: false", "files must be a pattern of names"),
        ("key: id", "key: id\nheader: false", "without a header no column can be optional"),
        ("key: id", "key: id\nsystem: The Shop", "system must be text like"),
        ("type: amount,", "type: amount, past: true,", "amount: past is of an instant or a day"),
        ("optional: true,", "optional: true, required: true,", "amount cannot be required and op"),
        ("key: id", "key: id\nencoding: ebcdic", "encoding must be one of utf-8"),
        ("key: id", "key: id\ndelimiter: ',,'", "delimiter must be one character"),
        ("key: id", "key: id\ntime_zone: Berlin", "time_zone must be an IANA name"),
        ("key: id", "key: id\nquote: x", "quote cannot be said, only columns"),
        ("{currency_code: EUR}", "{rate: 1.5}", "constants must be texts by their names"),
        ("{currency_code: EUR}", "{id: EUR}", "id would be two columns"),
        ("{currency_code: EUR}", "{EUR", "orders_feed.yml is not YAML"),
    ],
)
def test_what_cannot_be_said(old: str, new: str, told: str, tmp_path: Path) -> None:
    assert FEED.count(old) == 1
    with pytest.raises(ConfigurationError, match=told):
        read_feed(written(tmp_path, FEED.replace(old, new)))


def test_a_feeds_name_is_the_type_of_its_events(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a feed's name is the type of its events"):
        read_feed(written(tmp_path, FEED, "Orders"))


def test_its_contract_is_of_its_columns_and_keeps_what_people_wrote(tmp_path: Path) -> None:
    feed = read_feed(written(tmp_path, FEED))
    first = contract_of(feed, None)
    assert first["x-source"] == first["x-entity"] == "orders_feed"
    assert first["required"] == first["x-key"] == ["id"]
    assert first["properties"] == {
        "id": {"$ref": "types.json#/$defs/identifier", "description": "The column id."},
        "amount": {
            "$ref": "types.json#/$defs/amount",
            "description": "The column amount.",
            "x-personal": True,
        },
        "currency_code": {
            "$ref": "types.json#/$defs/currency",
            "description": "EUR, always.",
        },
    }
    needed = FEED.replace("optional: true", "required: true")
    assert contract_of(read_feed(written(tmp_path, needed)), None)["required"] == ["id", "amount"]
    written_by_people = {"title": "Order", "description": "An order.", "x-cadence": "hourly"}
    assert contract_of(feed, first | written_by_people) == first | written_by_people
