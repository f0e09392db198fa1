"""Deliveries of files: killed anywhere, repeated, corrected, late, and two at once."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone, StorageError
from ingestion.sources.errors import TransientError
from ingestion.sources.files import delivering
from ingestion.sources.files.decoding import DamagedFileError
from ingestion.sources.files.deliveries import FileState, Known, Repeat
from ingestion.sources.files.delivering import Delivered, DroppedFile, Receiver
from ingestion.sources.files.feeds import Column, Feed
from ingestion.sources.files.header import HeaderError
from ingestion.sources.state_store import FolderStateStore, Stored

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)
FEED = Feed(
    name="grocery_orders",
    files="orders*.csv",
    system="shop",
    key=("order_id",),
    columns=(
        Column("order_id", "identifier", (), False, False, ""),
        Column("total_amount", "amount", (), False, False, ""),
    ),
    constants={},
    footer="TOTAL",
)
HEADER = b"order_id,total_amount\n"
ROWS = [b"o%d,%d.50\n" % (n, n) for n in range(10)]
ORDERS = HEADER + b"".join(ROWS)


def delivery(content: bytes, at: datetime = AT, name: str = "orders.csv") -> DroppedFile:
    return DroppedFile(name, at, "", lambda offset: io.BytesIO(content[offset:]))


class Killed(BaseException):
    """The process died."""


@dataclass
class Deaths:
    """Counts writes, and dies before or behind one of them."""

    at: int = -1
    is_behind: bool = False
    count: int = 0

    def write(self, write: Any, *arguments: Any) -> Any:
        number, self.count = self.count, self.count + 1
        if number == self.at and not self.is_behind:
            raise Killed
        written = write(*arguments)
        if number == self.at:
            raise Killed
        return written


@dataclass
class Home:
    """A raw zone and states in a folder."""

    root: Path
    deaths: Deaths = field(default_factory=Deaths)

    def receiver(self) -> Receiver:
        raw, states = FolderRawZone(self.root / "raw"), FolderStateStore(self.root / "files")
        deaths = self.deaths

        class Raw:
            def put(self, key: str, body: bytes) -> None:
                deaths.write(raw.put, key, body)

        class States(FolderStateStore):
            def write(self, name: str, body: bytes, tag: str | None) -> Stored:
                stored: Stored = deaths.write(states.write, name, body, tag)
                return stored

        ingester = Ingester(Raw(), sleep=lambda _: None)
        return Receiver(ingester, States(self.root / "files"))

    def receive(self, file: DroppedFile, feed: Feed = FEED) -> Delivered:
        return self.receiver().receive(file, feed)

    def lines(self) -> list[dict[str, Any]]:
        found = [
            json.loads(line)
            for path in sorted(self.root.glob("raw/events/*/*/*/*.gz"))
            for line in gzip.decompress(path.read_bytes()).splitlines()
        ]
        return sorted(found, key=lambda line: line["message_id"])

    def current(self) -> dict[str, str]:
        """The latest amount of each order, as silver has it."""
        rows = [line["payload"] for line in self.lines() if "sequence" in line["payload"]]
        rows.sort(key=lambda row: (row["sequence"], row["id"]))
        return {row["data"]["order_id"]: row["data"]["total_amount"] for row in rows}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "MOST_ROWS", 3)


def test_each_row_lands_with_its_place(home: Home) -> None:
    content = HEADER + b'o1,1.50\n\no2,"2\norder_id,total_amount\no3,3.50\nTOTAL,2,rows'
    delivered = home.receive(delivery(content))

    progress = delivered.progress
    assert (delivered.number, delivered.is_done) == (1, True)
    assert (progress.landed, progress.rejected, progress.skipped) == (2, 1, 4)
    assert progress.offset == len(content)
    lines = home.lines()
    assert {line["source"] for line in lines} == {"grocery_orders"}
    for line in lines:
        payload = line["payload"]
        if line["payload_encoding"] == "json":
            assert content[int(payload["offset"]) :].startswith(
                payload["data"]["order_id"].encode()
            )
            assert payload["file"] == "orders.csv"
            assert payload["sequence"].endswith(line["message_id"][-10:])
    assert [line["payload"] for line in lines if line["payload_encoding"] == "text"] == ['o2,"2']


def writes() -> Iterator[tuple[int, bool]]:
    # A new delivery, then raw and state of each of four batches.
    for number in range(1 + 4 * 2):
        yield number, False
        yield number, True


@pytest.mark.parametrize(("number", "is_behind"), list(writes()))
@pytest.mark.parametrize("content", [ORDERS, gzip.compress(ORDERS)], ids=["plain", "packed"])
def test_killed_at_any_write_the_next_attempt_finishes(
    home: Home, content: bytes, number: int, is_behind: bool
) -> None:
    home.deaths = Deaths(number, is_behind)
    with pytest.raises(Killed):
        home.receive(delivery(content))
    home.deaths = Deaths()

    delivered = home.receive(delivery(content))

    assert (delivered.number, delivered.progress.landed) == (1, 10)
    ids = [line["event_id"] for line in home.lines()]
    assert len(set(ids)) == 10
    assert len(ids) <= 13, "more than a batch landed twice"
    assert len({json.dumps(line["payload"]) for line in home.lines()}) == 10
    # Nor does a third attempt do anything.
    home.deaths = Deaths(at=0)
    assert home.receive(delivery(content)).progress.landed == 10


def test_it_goes_on_within_a_line_that_is_too_long(home: Home) -> None:
    content = HEADER + b"o1,1\n" + b"x" * (2 << 20) + b"stolen,666\no2,2\n"
    while not (delivered := _once(home, content)).is_done:
        pass
    assert (delivered.progress.landed, delivered.progress.rejected) == (2, 3)
    assert home.current() == {"o1": "1", "o2": "2"}


def _once(home: Home, content: bytes) -> Delivered:
    """Receive a batch of it."""
    receiver = home.receiver()
    answers = iter([True, False])
    receiver.has_time = lambda: next(answers)
    return receiver.receive(delivery(content), FEED)


def test_read_in_another_way_it_is_another_delivery(home: Home) -> None:
    content = HEADER + "".join(f"ö{n},1\n" for n in range(9)).encode("latin-1")
    assert _once(home, content).is_done is False
    assert home.current() == {}
    delivered = home.receive(delivery(content), replace(FEED, encoding="latin-1"))
    assert (delivered.number, delivered.progress.landed) == (2, 9)
    again = home.receive(delivery(content, AT + timedelta(hours=1)))
    assert (again.is_unchanged, again.progress.rejected) == (False, 9)
    # The first attempt, which was never gone on with, is none to compare with.
    assert home.receive(delivery(content, AT + timedelta(hours=2))).is_unchanged


def test_of_two_files_at_one_moment_one_counts(home: Home) -> None:
    home.receive(delivery(HEADER + b"o1,1\no2,1\n", AT, "orders_a.csv"))
    home.receive(delivery(HEADER + b"o2,2\no1,2\n", AT, "orders_b.csv"))
    assert set(home.current().values()) in ({"1"}, {"2"})


def test_a_state_that_was_lost_costs_no_delivery(home: Home) -> None:
    home.receive(delivery(HEADER + b"o1,1\n"))
    [state] = (home.root / "files").glob("*/*.json")
    state.unlink()
    home.receive(delivery(HEADER + b"o1,999\n", AT + timedelta(hours=1)))
    assert len({line["event_id"] for line in home.lines()}) == 2
    assert home.current() == {"o1": "999"}


def test_out_of_time_it_says_so_and_goes_on_later(home: Home) -> None:
    receiver = home.receiver()
    answers = iter([True, False])
    receiver.has_time = lambda: next(answers)
    assert receiver.receive(delivery(ORDERS), FEED).is_done is False
    delivered = home.receive(delivery(ORDERS))
    assert (delivered.is_done, delivered.progress.landed) == (True, 10)
    assert len(home.lines()) == 10


def test_of_two_at_once_one_goes_on(home: Home) -> None:
    first = home.receiver()

    def overtaken(_: int) -> None:
        first.tell = lambda _: None
        home.receive(delivery(ORDERS))

    first.tell = overtaken
    with pytest.raises(TransientError, match="somebody else is landing this file"):
        first.receive(delivery(ORDERS), FEED)
    assert len({line["event_id"] for line in home.lines()}) == 10
    assert home.current() == {f"o{n}": f"{n}.50" for n in range(10)}


def test_the_same_file_again_is_no_delivery_and_a_corrected_one_wins_row_by_row(
    home: Home,
) -> None:
    home.receive(delivery(ORDERS))
    again = home.receive(delivery(ORDERS, AT + timedelta(hours=1)))
    assert (again.is_unchanged, again.number) == (True, 1)
    corrected = HEADER + b"o1,100\n"
    assert home.receive(delivery(corrected, AT + timedelta(hours=2))).number == 2
    assert home.current() == {f"o{n}": f"{n}.50" for n in range(10)} | {"o1": "100"}
    # The first once more is a revert.
    reverted = home.receive(delivery(ORDERS, AT + timedelta(hours=3)))
    assert (reverted.is_unchanged, reverted.number) == (False, 3)
    assert home.current() == {f"o{n}": f"{n}.50" for n in range(10)}


def test_of_deliveries_that_come_in_another_order_the_later_counts(home: Home) -> None:
    home.receive(delivery(HEADER + b"o1,2\n", AT + timedelta(seconds=1)))
    home.receive(delivery(HEADER + b"o1,1\no2,1\n", AT))
    home.receive(delivery(HEADER + b"o2,3\n", AT + timedelta(seconds=2), "orders-2.csv"))
    assert home.current() == {"o1": "2", "o2": "3"}


def test_a_file_with_another_header_lands_no_row_and_counts_once_its_feed_knows_it(
    home: Home,
) -> None:
    content = b"id,total_amount\no1,1\n"
    # Once more, as if the first had been killed before the file was moved.
    for _ in range(2):
        with pytest.raises(HeaderError, match="no column order_id"):
            home.receive(delivery(content))
    assert home.lines() == []
    knowing = Feed(
        **{name: getattr(FEED, name) for name in FEED.__slots__}
        | {
            "columns": (
                Column("order_id", "identifier", ("id",), False, False, ""),
                FEED.columns[1],
            )
        }
    )
    delivered = home.receive(delivery(content, AT + timedelta(hours=1)), knowing)
    assert (delivered.is_unchanged, delivered.progress.landed) == (False, 1)


@pytest.mark.parametrize("content", [b"", b"\n\n", b'"order_id,total_amount\no1,1\n'])
def test_a_file_without_a_header_is_none(home: Home, content: bytes) -> None:
    with pytest.raises(HeaderError, match="has no header"):
        home.receive(delivery(content))


def test_a_file_of_a_header_alone_is_one_without_rows(home: Home) -> None:
    progress = home.receive(delivery(HEADER)).progress
    assert (progress.landed, progress.rejected, progress.skipped) == (0, 0, 1)


def test_without_a_header_the_first_row_is_a_row(home: Home) -> None:
    feed = Feed(**{name: getattr(FEED, name) for name in FEED.__slots__} | {"has_header": False})
    content = b"\xef\xbb\xbf" + b"".join(ROWS)
    assert home.receive(delivery(content), feed).progress.landed == 10
    assert home.current() == {f"o{n}": f"{n}.50" for n in range(10)}


def test_of_a_packed_file_that_is_torn_what_can_be_read_lands(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MOST_ROWS", 50_000)
    rows = b"".join(b"o%d,%d\n" % (n, n * 7919 % 100_000) for n in range(30_000))
    torn = gzip.compress(HEADER + rows)[:-1_000]
    with pytest.raises(DamagedFileError):
        home.receive(delivery(torn))
    assert 0 < len(home.lines()) < 30_000
    # Once more, as if the first had been killed before the file was moved.
    with pytest.raises(DamagedFileError):
        home.receive(delivery(torn))
    # The whole of it, delivered again, is no repetition.
    whole = gzip.compress(HEADER + b"".join(ROWS))
    assert home.receive(delivery(whole, AT + timedelta(hours=1))).progress.landed == 10


def test_rows_that_cannot_land_are_told_and_land_later(home: Home) -> None:
    class Broken:
        def put(self, key: str, body: bytes) -> None:
            raise StorageError(f"no room for {key}, {len(body)} bytes")

    receiver = home.receiver()
    seconds = iter(range(0, 10_000, 20))
    receiver.ingester = Ingester(Broken(), sleep=lambda _: None)
    receiver.monotonic = lambda: float(next(seconds))
    with pytest.raises(TransientError, match="3 rows did not land"):
        receiver.receive(delivery(ORDERS), FEED)
    assert home.receive(delivery(ORDERS)).progress.landed == 10


def test_only_repeats_of_what_is_not_before_them_any_more_come_again() -> None:
    def known(number: int, at: int, content: str) -> Known:
        return Known(number, at, f"order {at}", content, "feed", is_done=True)

    state = FileState("orders.csv").with_new(known(1, 10, "A"))
    state = state.with_repeat(Repeat(30, "order 30", "A", "feed"))
    state = state.with_new(known(2, 50, "B")).with_repeat(Repeat(60, "order 60", "B", "feed"))
    assert state.again == ()

    # The same content once more in between is no news to the repeat behind it.
    assert state.with_new(known(3, 20, "A")).again == ()
    between = state.with_new(known(3, 20, "C"))
    assert between.again == ("order 30",)
    assert [repeat.order for repeat in between.repeats] == ["order 60"]
    assert between.find_repeat((60, "order 60"), "feed")
