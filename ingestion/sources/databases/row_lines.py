"""From a row of a database to its line of the raw zone. Pure, and a puller's hot path.

A row comes as PostgreSQL's COPY writes it: the database's own text of each column, between tabs,
with escapes that JSON has, too, but for a few. So its bytes are spliced into the line, and never
become objects. The line is the one that `ingestion.envelope.to_line` makes of the same event.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from ingestion.envelope import ENVELOPE_VERSION, MAX_LINE_BYTES, Line, utc_text
from ingestion.event_type import UNKNOWN
from ingestion.json_text import is_utf8
from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.sources.databases.positions import place

UPSERT: Final = "upsert"
DELETE: Final = "delete"

HEAD_CHARACTERS: Final = 1_024
"""What is kept of the text of a column that is cut."""

_NULL: Final = b"\\N"
# Of these COPY escapes six, one of them as JSON does not. (A regular expression takes five times as
# long to find them as to leave them out of a row takes.)
_CONTROL_CHARACTERS: Final = bytes(sorted({*range(0x20)} - set(b"\t")))
_VERTICAL_TAB: Final = b"\\v"
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_UNESCAPED: Final = {
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}
_ESCAPED_BY_COPY: Final = re.compile(rb"[\\\b\f\n\r\t\v]")
_ESCAPES: Final = {
    b"\\": rb"\\",
    **{character: b"\\" + letter for letter, character in _UNESCAPED.items()},
}


@dataclass(frozen=True, slots=True)
class RowType:
    """What rows of a table become.

    Attributes:
        source: The source's name.
        event_type: Their type.
        fields: What their columns are called in the event, in the order of the columns.
    """

    source: str
    event_type: str
    fields: tuple[str, ...]


class RowLines:
    """Makes the lines of the rows of one page."""

    def __init__(self, row_type: RowType, position: str, read_at: datetime, received_at: datetime):
        """Prepare what the lines of a page have in common.

        Args:
            row_type: Whose rows.
            position: What their positions begin with (`prefix_of`).
            read_at: The database's time at the read, with a time zone.
            received_at: The page's time of arrival, likewise.
        """
        name = row_type.event_type
        self._partition = name if name in KNOWN_EVENT_TYPES else UNKNOWN
        self._name = name
        self._fields = row_type.fields
        source = json.dumps(row_type.source)
        self._before_time = f'","event_type":"{self._partition}","event_name":"{name}","event_ts":"'
        self._behind_time = (
            f'","source":{source},"received_at":"{utc_text(received_at)}","message_id":"'
        )
        self._event_before_time = (
            '","replayed_from":null,"payload_encoding":"json","payload":'
            f'{{"specversion":"1.0","type":"{name}","source":{source},"time":"'
        )
        self.move(position, read_at)
        keys = [f'"{field}":'.encode() for field in row_type.fields]
        self._of_values = b"{" + b",".join(key + b"%b" for key in keys) + b"}"
        self._of_texts = b"{" + b",".join(key + b'"%b"' for key in keys) + b"}"

    def move(self, position: str, read_at: datetime) -> None:
        """Let the lines that follow be of another read.

        Args:
            position: What their positions begin with.
            read_at: The database's time at the read, with a time zone.
        """
        time = utc_text(read_at)
        self._id = f"{self._name}/{position}"
        self._before_id = f'{{"envelope_version":{ENVELOPE_VERSION},"event_id":"{self._id}'.encode()
        self._between_ids = f"{self._before_time}{time}{self._behind_time}{self._id}".encode()
        self._payload = f'{self._event_before_time}{time}","id":"{self._id}'.encode()
        self._of_op = {
            op: f'","op":"{op}","sequence":"{position}'.encode() for op in (UPSERT, DELETE)
        }

    def line(self, copied: bytes, row: int, op: str = UPSERT) -> Line:
        """Return the line of a row.

        Args:
            copied: The row in COPY's text format, without its line feed.
            row: Which of its read it is, from 0 on.
            op: `upsert` or `delete`.

        Raises:
            ValueError: The row has not as many columns as it should.
        """
        # A database of the encoding SQL_ASCII sends what it was given.
        if _is_unusual(copied) or not is_utf8(copied):
            copied = b"\t".join(_as_json_escapes(value) for value in copied.split(b"\t"))
        values = copied.replace(b'"', b'\\"').split(b"\t")
        if len(values) != len(self._fields):
            raise ValueError(f"a row of {self._name} has {len(values)} columns")
        line = self._line(self._data(values), row, op)
        if len(line.data) > MAX_LINE_BYTES:
            line = self._line(self._data_that_fits(values), row, op)
        return line

    def _line(self, data: bytes, row: int, op: str) -> Line:
        at = place(row)
        here = at.encode()
        text = b"".join(
            (
                *(self._before_id, here, self._between_ids, here, self._payload, here),
                *(self._of_op[op], here, b'","data":', data, b"}}"),
            )
        )
        return Line(self._id + at, text, self._partition, "json")

    def _data(self, values: Sequence[bytes]) -> bytes:
        data = self._of_texts % tuple(values)
        # In a text a backslash begins an escape, and a quote follows one: this is none.
        return data.replace(b'"%b"' % _NULL, b"null") if _NULL in values else data

    def _data_that_fits(self, values: Sequence[bytes]) -> bytes:
        """The row with its largest columns cut, as few as will do: never the row itself."""
        members = [_json(value) for value in values]
        largest_first = sorted(range(len(values)), key=lambda at: -len(values[at]))
        # What the rest of a line takes is far below this.
        room = MAX_LINE_BYTES - 8_192 - sum(len(field) + 4 for field in self._fields)
        for at in largest_first:
            if sum(map(len, members)) <= room or members[at] == b"null":
                break
            members[at] = _cut(members[at])
        return self._of_values % tuple(members)


def _is_unusual(copied: bytes) -> bool:
    """Whether there is something in a row that JSON has otherwise."""
    usual = copied.translate(None, _CONTROL_CHARACTERS)
    return len(usual) != len(copied) or _VERTICAL_TAB in copied


def _json(value: bytes) -> bytes:
    return b"null" if value == _NULL else b'"%b"' % value


def _cut(value: bytes) -> bytes:
    """The head of a text that is too large, how many bytes it has, and their SHA-256."""
    text = json.loads(value)
    whole = text.encode()
    return json.dumps(
        {
            "cut_head": text[:HEAD_CHARACTERS],
            "cut_bytes": len(whole),
            "cut_sha256": hashlib.sha256(whole).hexdigest(),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def _as_json_escapes(value: bytes) -> bytes:
    """A value of COPY with the escapes that JSON has; a byte that is no UTF-8 by its number."""
    if value == _NULL:
        return value
    text = json.dumps(unescaped(value), ensure_ascii=False)[1:-1]
    # Quotes are escaped later, with those of the other rows.
    return text.replace('\\"', '"').encode()


def copied(values: Sequence[bytes | None]) -> bytes:
    """Return a row in COPY's text format, without a line feed.

    Args:
        values: The texts of its columns; none has a byte that is zero.
    """
    try:
        row = b"\0".join(cast("Sequence[bytes]", values))
    except TypeError:
        # One is NULL.
        return b"\t".join([_NULL if value is None else _escaped(value) for value in values])
    if _ESCAPED_BY_COPY.search(row):
        return b"\t".join(map(_escaped, cast("Sequence[bytes]", values)))
    return row.replace(b"\0", b"\t")


def _escaped(value: bytes) -> bytes:
    if _ESCAPED_BY_COPY.search(value):
        return _ESCAPED_BY_COPY.sub(lambda found: _ESCAPES[found[0]], value)
    return value


def unescaped(value: bytes, errors: str = "backslashreplace") -> str:
    """Return the text of a column that COPY wrote and that is not NULL.

    Args:
        value: What COPY wrote.
        errors: What is done where it is no UTF-8; see `bytes.decode`.

    Raises:
        UnicodeDecodeError: It is no UTF-8, and `errors` is strict.
    """
    whole = _ESCAPED.sub(lambda found: _UNESCAPED.get(found[1], found[1]), value)
    return whole.decode(errors=errors)
