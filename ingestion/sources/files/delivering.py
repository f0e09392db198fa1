"""A file's way into the raw zone, batch by batch, and how far it is, written by condition.

A file's state is written only once its rows are in raw. Killed anywhere, the next attempt goes on
there: one batch at most lands twice, as the same events. Of two attempts at once one alone goes on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from ingestion.envelope import Line
from ingestion.ingester import Ingester
from ingestion.landing import Compress
from ingestion.sources.errors import TransientError
from ingestion.sources.files.cells import conversions
from ingestion.sources.files.decoding import DamagedFileError, Open, open_text
from ingestion.sources.files.deliveries import (
    FileState,
    Known,
    Progress,
    Repeat,
    decode_state,
    encode_state,
    microseconds,
    state_name,
)
from ingestion.sources.files.feeds import Feed
from ingestion.sources.files.file_lines import Delivery, FileLines
from ingestion.sources.files.header import Header, HeaderError, header_of
from ingestion.sources.files.records import LONGEST_LINE, Batch, Records
from ingestion.sources.files.rows import RowRules, rules_of
from ingestion.sources.packing import packed
from ingestion.sources.state_store import StateMovedError, StateStore

MOST_ROWS: Final = 50_000
MOST_BYTES: Final = 2 << 20
"""What lands at once: rows, or bytes of the text, of which lines are a few times as many."""

_CHUNK_BYTES: Final = 1 << 20
_SECONDS_FOR_A_BATCH: Final = 60.0


class BusyError(TransientError):
    """Somebody else is landing the same file."""


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A delivery of a file, as it lies there.

    Attributes:
        name: The file's name, below where files are dropped.
        delivered_at: When it was delivered, with a time zone.
        order: Text that grows from delivery to delivery at one moment.
        open: Opens its bytes.
    """

    name: str
    delivered_at: datetime
    order: str
    open: Open


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a delivery.

    Attributes:
        number: Which of its file's it is; of one that is unchanged, of which it repeats the bytes.
        progress: How far it has been read, and what came of it.
        unknown_columns: The fields that its feed does not know.
        is_done: Whether all of it is in raw; else it has to be gone on with.
        is_unchanged: Whether it is the delivery before it once more, which changes nothing.
        sha256: The hash of its bytes.
    """

    number: int
    progress: Progress
    unknown_columns: tuple[str, ...] = ()
    is_done: bool = True
    is_unchanged: bool = False
    sha256: str = ""


@dataclass(slots=True)
class Receiver:
    """What landing files takes.

    Attributes:
        ingester: What lands the rows.
        states: Where it is kept how far each file has been read.
        tell: Called with each batch: how many records have been read so far.
        has_time: Says whether there is time for another batch. One is landed in any case.
        tell_again: Called with what `order` says of a delivery that was left out for repeating the
            one before it, and has to be received once more: now one in between has come.
        compress: Compresses an object.
        monotonic: Gives seconds that only grow.
    """

    ingester: Ingester
    states: StateStore
    tell: Callable[[int], None] = lambda _: None
    has_time: Callable[[], bool] = lambda: True
    tell_again: Callable[[str], None] = lambda _: None
    compress: Compress = packed
    monotonic: Callable[[], float] = time.monotonic

    def receive(self, file: DroppedFile, feed: Feed) -> Delivered:
        """Land a delivery, or go on with it.

        Args:
            file: The file.
            feed: Its feed.

        Raises:
            HeaderError: It is none of its feed's; nothing of it landed.
            DamagedFileError: It cannot be read to its end; what came before has landed.
            BusyError: Somebody else is landing the file.
            TransientError: Not all of it landed.
            StorageError: Its state cannot be read or written.
        """
        return _Receiving(self, file, feed).run()


class _Receiving:
    """One attempt."""

    def __init__(self, receiver: Receiver, file: DroppedFile, feed: Feed) -> None:
        self._receiver = receiver
        self._file = file
        self._feed = feed
        self._name = state_name(feed.name, file.name)
        stored = receiver.states.read(self._name)
        self._tag = stored.tag if stored else None
        self._state = decode_state(stored.body, self._name) if stored else FileState(file=file.name)

    def run(self) -> Delivered:
        place = microseconds(self._file.delivered_at), self._file.order
        feed = hashlib.sha256(repr(self._feed).encode()).hexdigest()
        known, before = self._state.find(place, feed), self._state.before(place)
        if known is None:
            repeat = self._state.find_repeat(place, feed)
            digest = repeat.sha256 if repeat else _sha256(self._file.open)
            if before and before.is_done and (before.sha256, before.feed) == (digest, feed):
                if repeat is None:
                    self._write(self._state.with_repeat(Repeat(*place, digest, feed)))
                return Delivered(before.number, before.progress, is_unchanged=True, sha256=digest)
            known = Known(self._state.next_number, *place, digest, feed)
            self._write(self._state.with_new(known))
        if self._state.again:
            for order in self._state.again:
                self._receiver.tell_again(order)
            self._write(replace(self._state, again=()))
        try:
            return self._land(known)
        except (HeaderError, DamagedFileError):
            # Without the hash, so that the same file counts once it can be read.
            self._write(self._state.with_delivery(replace(known, sha256="", is_done=True)))
            raise

    def _land(self, known: Known) -> Delivered:
        progress = known.progress
        text, offset = open_text(self._file.open, self._feed.encoding, progress.offset)
        with text:
            if not progress.offset:
                progress = replace(progress, offset=offset)
                if self._feed.has_header:
                    progress = self._with_header(Records(text, self._feed.delimiter), progress)
            header = header_of(self._feed, progress.header)
            rules = rules_of(self._feed, progress.header)
            records = Records(
                text,
                self._feed.delimiter,
                rules.is_expected,
                rules.width,
                progress.row,
                progress.offset,
                progress.is_within_a_long_line,
            )
            while not known.is_done:
                began = self._receiver.monotonic()
                batch = records.read(MOST_ROWS, MOST_BYTES)
                progress = self._landed(known, header, rules, batch, progress)
                progress = replace(
                    progress,
                    offset=records.offset,
                    row=records.row,
                    is_within_a_long_line=records.is_within_a_long_line,
                    seconds=progress.seconds + self._receiver.monotonic() - began,
                )
                known = replace(known, progress=progress, is_done=batch.is_last)
                self._write(self._state.with_delivery(known))
                self._receiver.tell(progress.row)
                if not (known.is_done or self._receiver.has_time()):
                    return Delivered(known.number, progress, is_done=False)
        return Delivered(known.number, progress, header.unknown, sha256=known.sha256)

    def _with_header(self, records: Records, progress: Progress) -> Progress:
        """Read the header, the first record that is not blank."""
        while True:
            batch = records.read(1, LONGEST_LINE)
            if batch.is_last or batch.unreadable:
                raise HeaderError("the file has no header: its first line cannot be read as one")
            [cells] = batch.cells
            progress = replace(progress, skipped=progress.skipped + 1)
            if any(cell.strip() for cell in cells):
                return replace(
                    progress,
                    header=tuple(cells),
                    row=records.row,
                    offset=progress.offset + records.offset,
                )

    def _landed(
        self, known: Known, header: Header, rules: RowRules, batch: Batch, progress: Progress
    ) -> Progress:
        delivery = Delivery(self._feed.name, self._file.name, known.number, self._file.delivered_at)
        converts = conversions(self._feed, header)
        rows = rules.rows_of(batch)
        skipped = len(batch.rows) - len(rows[1])

        def lines(received_at: datetime) -> list[Line]:
            made = FileLines(delivery, header.fields, converts, self._feed.constants, received_at)
            return made.lines(*rows) + [made.line_of_unreadable(each) for each in batch.unreadable]

        deadline = self._receiver.monotonic() + _SECONDS_FOR_A_BATCH
        landed = self._receiver.ingester.land_lines(
            lines, lambda: deadline - self._receiver.monotonic(), self._receiver.compress
        )
        if landed.failed_message_ids:
            raise TransientError(
                f"{self._file.name}: {len(landed.failed_message_ids):,} rows did not land: see "
                "that the raw zone can be written, and drop the file again, which goes on from "
                "there"
            )
        rejected = len(batch.unreadable)
        return replace(
            progress,
            landed=progress.landed + landed.landed - rejected,
            rejected=progress.rejected + rejected,
            skipped=progress.skipped + skipped,
            bytes_written=progress.bytes_written + landed.bytes_written,
        )

    def _write(self, state: FileState) -> None:
        self._state = state
        try:
            stored = self._receiver.states.write(self._name, encode_state(state), self._tag)
        except StateMovedError as error:
            raise BusyError(
                f"{self._file.name}: somebody else is landing this file: let that end"
            ) from error
        self._tag = stored.tag


def _sha256(open_file: Open) -> str:
    digest = hashlib.sha256()
    with open_file(0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
