"""From a row of a file to its line of the raw zone. Pure, and a hot path.

The line is the one that `ingestion.envelope.to_line` makes of the same event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any, Final

import msgspec

from ingestion.envelope import (
    ENVELOPE_VERSION,
    MAX_LINE_BYTES,
    Line,
    Message,
    to_line,
    to_unreadable_line,
    utc_text,
)
from ingestion.event_type import UNKNOWN
from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.sources.files.cells import Convert, converted
from ingestion.sources.files.deliveries import microseconds
from ingestion.sources.files.records import Unreadable

_encode_lines: Final = msgspec.json.Encoder().encode_lines
_NUMBER_DIGITS: Final = 6
_ROW: Final = "%010d"
_EPOCH: Final = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a file.

    Attributes:
        feed: The file's feed.
        file: The file's name.
        number: Which delivery of that name it is, from 1 on.
        delivered_at: When it was delivered, with a time zone.
    """

    feed: str
    file: str
    number: int
    delivered_at: datetime

    @property
    def id(self) -> str:
        """What the ids of its rows begin with."""
        return f"{self.feed}/{self._place}/"

    @property
    def position(self) -> str:
        """What the positions of its rows begin with: text in the order of the deliveries."""
        return f"{_EPOCH:010d}/{self._place}/"

    @property
    def _place(self) -> str:
        """The time, then the file, so that of two at one moment one counts, then the number."""
        moment = microseconds(self.delivered_at)
        name = hashlib.sha256(self.file.encode()).hexdigest()[:16]
        return f"{moment:020d}/{name}.{self.number:0{_NUMBER_DIGITS}d}"


class FileLines:
    """Makes the lines of rows of one delivery that land together."""

    def __init__(
        self,
        delivery: Delivery,
        fields: Sequence[str],
        conversions: Sequence[tuple[int, Convert]],
        constants: Mapping[str, str],
        received_at: datetime,
    ) -> None:
        """Prepare what the lines have in common.

        Args:
            delivery: Whose rows they are.
            fields: The field of each cell.
            conversions: Which cells become what; see `cells.conversions`.
            constants: What each row has though no cell says it.
            received_at: The time of arrival, with a time zone.
        """
        name = delivery.feed
        self._partition = name if name in KNOWN_EVENT_TYPES else UNKNOWN
        self._delivery = delivery
        self._conversions = conversions
        self._constants = tuple(constants.values())
        self._received_at = received_at
        self._id = delivery.id
        # By places, as a field may be called as one of Python's own words.
        names = {f"c{at}": field for at, field in enumerate([*fields, *constants])}
        self._data: Any = msgspec.defstruct("Data", [(place, Any) for place in names], rename=names)
        source, file = json.dumps(name), json.dumps(delivery.file, ensure_ascii=False)
        time, id_ = utc_text(delivery.delivered_at), _literal(self._id)
        self._line = (
            f'{{"envelope_version":{ENVELOPE_VERSION},"event_id":"{id_}{_ROW}",'
            f'"event_type":"{self._partition}","event_name":"{name}","event_ts":"{time}",'
            f'"source":{source},"received_at":"{utc_text(received_at)}","message_id":"{id_}{_ROW}",'
            '"replayed_from":null,"payload_encoding":"json","payload":{"specversion":"1.0",'
            f'"type":"{name}","source":{source},"time":"{time}","id":"{id_}{_ROW}",'
            f'"op":"upsert","sequence":"{delivery.position}{_ROW}","file":{_literal(file)},'
            '"offset":"%d","data":%b}}'
        ).encode()

    def lines(
        self, cells: Sequence[Sequence[str]], rows: Sequence[int], offsets: Sequence[int]
    ) -> list[Line]:
        """Return the lines of rows.

        Args:
            cells: The cells of each, as many as there are fields.
            rows: Of each its number in the file, from 0 on.
            offsets: Of each where it begins in the file's text, in bytes.
        """
        if not rows:
            return []
        columns = converted(cells, self._conversions)
        constants = (repeat(constant) for constant in self._constants)
        # Of a line each, as JSON has no line feed in a text.
        data = _encode_lines([*map(self._data, *columns, *constants)]).split(b"\n")
        id_, line, partition = self._id, self._line, self._partition
        made = [
            Line(id_ + _ROW % row, line % (row, row, row, row, offset, each), partition, "json")
            for row, offset, each in zip(rows, offsets, data, strict=False)
        ]
        if max((len(each.data) for each in made), default=0) > MAX_LINE_BYTES:
            made = [self._that_fits(each) for each in made]
        return made

    def _that_fits(self, line: Line) -> Line:
        """The line itself, or the one that says where the whole of it is."""
        if len(line.data) <= MAX_LINE_BYTES:
            return line
        payload = line.data.partition(b',"payload":')[2][:-1]
        message = Message(payload, line.message_id, self._delivery.feed)
        return to_line(message, self._received_at)

    def line_of_unreadable(self, unreadable: Unreadable) -> Line:
        """Return the line of what is no row: its bytes, to be quarantined."""
        return to_unreadable_line(
            unreadable.line,
            event_id=self._id + _ROW % unreadable.row,
            event_name=self._delivery.feed,
            event_ts=utc_text(self._delivery.delivered_at),
            source=self._delivery.feed,
            received_at=self._received_at,
        )


def _literal(text: str) -> str:
    """A text that stands in a template."""
    return text.replace("%", "%%")
