"""From a row of a file to its line of the raw zone. Pure, and a hot path.

The line is the one that `ingestion.envelope.to_line` makes of the same event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from ingestion.envelope import (
    ENVELOPE_VERSION,
    MAX_LINE_BYTES,
    Line,
    Message,
    to_line,
    to_unreadable_line,
)
from ingestion.event_type import UNKNOWN
from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.sources.files.cells import Cell, Convert, converted
from ingestion.sources.files.records import Unreadable

_encode: Final = msgspec.json.Encoder().encode
_NUMBER_DIGITS: Final = 6
_ROW_DIGITS: Final = 10
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
        name = hashlib.sha256(self.file.encode()).hexdigest()[:16]
        return f"{self.feed}/{name}/{self.number:0{_NUMBER_DIGITS}d}/"

    @property
    def position(self) -> str:
        """What the positions of its rows begin with: text in the order of the deliveries."""
        moment = int(self.delivered_at.timestamp() * 1_000_000)
        return f"{_EPOCH:010d}/{moment:020d}/{self.number:0{_NUMBER_DIGITS}d}."


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
        self._fields = fields
        self._conversions = conversions
        self._constants = constants
        self._received_at = received_at
        self._id, self._position = delivery.id, delivery.position
        source, file = json.dumps(name), json.dumps(delivery.file, ensure_ascii=False)
        time = _utc(delivery.delivered_at)
        self._before_id = f'{{"envelope_version":{ENVELOPE_VERSION},"event_id":"{self._id}'.encode()
        self._between_ids = (
            f'","event_type":"{self._partition}","event_name":"{name}","event_ts":"{time}",'
            f'"source":{source},"received_at":"{_utc(received_at)}","message_id":"{self._id}'
        ).encode()
        self._payload = (
            '","replayed_from":null,"payload_encoding":"json","payload":{"specversion":"1.0",'
            f'"type":"{name}","source":{source},"time":"{time}","id":"{self._id}'
        ).encode()
        self._op = f'","op":"upsert","sequence":"{self._position}'.encode()
        self._file = f'","file":{file},"offset":"'.encode()

    def line(self, cells: Sequence[str], row: int, offset: int) -> Line:
        """Return the line of a row.

        Args:
            cells: Its cells, as many as there are fields.
            row: Its number in the file, from 0 on.
            offset: Where it begins in the file's text, in bytes.
        """
        data: dict[str, Cell] = dict(
            zip(self._fields, converted(cells, self._conversions), strict=True)
        )
        data |= self._constants
        at = f"{row:0{_ROW_DIGITS}d}"
        here = at.encode()
        text = b"".join(
            (
                *(self._before_id, here, self._between_ids, here, self._payload, here),
                *(self._op, here, self._file, str(offset).encode(), b'","data":'),
                *(_encode(data), b"}}"),
            )
        )
        message_id = self._id + at
        if len(text) > MAX_LINE_BYTES:
            payload = text[text.index(b'"payload":') + len(b'"payload":') : -1]
            return to_line(Message(payload, message_id, self._delivery.feed), self._received_at)
        return Line(message_id, text, self._partition, "json")

    def line_of_unreadable(self, unreadable: Unreadable) -> Line:
        """Return the line of what is no row: its bytes, to be quarantined."""
        return to_unreadable_line(
            unreadable.line,
            event_id=f"{self._id}{unreadable.row:0{_ROW_DIGITS}d}",
            event_name=self._delivery.feed,
            event_ts=_utc(self._delivery.delivered_at),
            source=self._delivery.feed,
            received_at=self._received_at,
        )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
