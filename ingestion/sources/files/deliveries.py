"""What is known of the deliveries of a file: their numbers, and how far each is read. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ingestion.sources.errors import SourceError

_KEPT: Final = 20


class Progress(Struct, frozen=True):
    """How far a delivery has been read, and what became of it.

    Attributes:
        offset: Where the record begins that is read next, in bytes of the text.
        row: Its number, from 0 on.
        header: The cells of the header; None before it is read, or if there is none.
        is_within_a_long_line: Whether the offset is within a line that is too long for a row.
        landed: Rows that are in the raw zone.
        rejected: Lines that are no row: they are in the raw zone, too, to be quarantined.
        skipped: Records that are no rows and no fault: headers, blank lines, summaries.
        bytes_written: The size of the objects, as stored.
        seconds: How long it took so far.
    """

    offset: int = 0
    row: int = 0
    header: tuple[str, ...] | None = None
    is_within_a_long_line: bool = False
    landed: int = 0
    rejected: int = 0
    skipped: int = 0
    bytes_written: int = 0
    seconds: float = 0.0


class Known(Struct, frozen=True):
    """A delivery.

    Attributes:
        number: Which of its file's it is, from 1 on.
        delivered_at: When it was delivered, in microseconds since 1970.
        order: Text that grows from delivery to delivery at one moment.
        sha256: The hash of its bytes; empty if the file was rejected.
        feed: What its feed said, as a hash: read otherwise, it is another delivery.
        progress: How far it has been read.
        is_done: Whether that is all.
    """

    number: int
    delivered_at: int
    order: str
    sha256: str
    feed: str
    progress: Progress = Progress()
    is_done: bool = False

    @property
    def is_rejected(self) -> bool:
        """Whether it could not be read."""
        return self.is_done and not self.sha256

    @property
    def place(self) -> tuple[int, str]:
        """What orders deliveries."""
        return self.delivered_at, self.order


class Repeat(Struct, frozen=True):
    """A delivery that is none, as it repeats the one before it.

    Attributes:
        delivered_at: When it was delivered, in microseconds since 1970.
        order: Text that grows from delivery to delivery at one moment.
        sha256: The hash of its bytes.
        feed: What its feed said, as a hash.
    """

    delivered_at: int
    order: str
    sha256: str
    feed: str

    @property
    def place(self) -> tuple[int, str]:
        """What orders deliveries."""
        return self.delivered_at, self.order


class FileState(Struct, frozen=True):
    """What is known of a file.

    Attributes:
        file: Its name.
        deliveries: The latest of its deliveries and all that are not done, by their numbers.
        repeats: The latest of those that were left out for repeating the one before them.
        again: What `order` says of deliveries that have to be received once more.
    """

    file: str
    deliveries: tuple[Known, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    again: tuple[str, ...] = ()

    def find(self, place: tuple[int, str], feed: str) -> Known | None:
        """Return the delivery of that time, if it is read as the feed says now, or has been."""
        found = [
            known
            for known in self.deliveries
            if (known.place, known.feed) == (place, feed) and not known.is_rejected
        ]
        return found[-1] if found else None

    def before(self, place: tuple[int, str]) -> Known | None:
        """Return the latest delivery before a time; of one that was read twice, the second."""
        earlier = [known for known in self.deliveries if known.place < place]
        return max(earlier, key=lambda known: (known.place, known.number), default=None)

    def find_repeat(self, place: tuple[int, str], feed: str) -> Repeat | None:
        """Return the delivery of that time, if it was left out for repeating the one before it."""
        found = [each for each in self.repeats if (each.place, each.feed) == (place, feed)]
        return found[-1] if found else None

    def with_repeat(self, repeat: Repeat) -> FileState:
        """Return the state with a delivery that is left out."""
        return replace(self, repeats=(*self.repeats, repeat)[-_KEPT:])

    def with_new(self, known: Known) -> FileState:
        """Return the state with a delivery that nobody knew, wherever its place is.

        Those behind it may have been left out because they repeat the one before all of them: they
        are forgotten, and have to be received once more.
        """
        following = min(
            (other.place for other in self.deliveries if other.place > known.place), default=None
        )
        wrong = [
            repeat
            for repeat in self.repeats
            if repeat.place > known.place
            and (following is None or repeat.place < following)
            and (repeat.sha256, repeat.feed) != (known.sha256, known.feed)
        ]
        return replace(
            self.with_delivery(known),
            repeats=tuple(repeat for repeat in self.repeats if repeat not in wrong),
            again=(*self.again, *(repeat.order for repeat in wrong)),
        )

    @property
    def next_number(self) -> int:
        """The number of a delivery that is new."""
        return max((known.number for known in self.deliveries), default=0) + 1

    def with_delivery(self, known: Known) -> FileState:
        """Return the state with what is known of a delivery now."""
        others = [other for other in self.deliveries if other.number != known.number]
        deliveries = sorted([*others, known], key=lambda each: each.number)
        kept = [each for each in deliveries[:-_KEPT] if not each.is_done] + deliveries[-_KEPT:]
        return replace(self, deliveries=tuple(kept))


def microseconds(moment: datetime) -> int:
    """Return a time in microseconds since 1970."""
    return int(moment.timestamp() * 1_000_000)


def state_name(feed: str, file: str) -> str:
    """Return under which name the state of a file is kept: names of files are no keys."""
    return f"{feed}/{hashlib.sha256(file.encode()).hexdigest()[:32]}.json"


def encode_state(state: FileState) -> bytes:
    """Return a state's bytes."""
    return msgspec.json.format(msgspec.json.encode(state), indent=2)


def decode_state(body: bytes, name: str) -> FileState:
    """Return the state of its bytes.

    Raises:
        SourceError: They are none.
    """
    try:
        return msgspec.json.decode(body, type=FileState)
    except msgspec.MsgspecError as error:
        raise SourceError(
            f"{name} is no state of a file ({error}): delete it to have the file's next delivery "
            "be its first"
        ) from error
