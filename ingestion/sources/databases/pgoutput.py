"""What PostgreSQL's output plugin `pgoutput` says, in version 1 of its protocol. Pure.

The messages are those of "Logical Replication Message Formats" in PostgreSQL's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from struct import Struct, error
from typing import Final, NamedTuple

from ingestion.sources.errors import SourceError

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)

_BEGIN: Final = Struct(">QqI")
_COMMIT: Final = Struct(">BQQq")
_OID: Final = Struct(">I")
_COUNT: Final = Struct(">H")
_LENGTH: Final = Struct(">i")
_ATTRIBUTE: Final = Struct(">Ii")
_TRUNCATE: Final = Struct(">IB")

_TEXT: Final = ord("t")
_NULL: Final = ord("n")
_TOASTED: Final = ord("u")
_NEW: Final = ord("N")

INSERT: Final = ord("I")
UPDATE: Final = ord("U")
DELETE: Final = ord("D")
TRUNCATE: Final = ord("T")
CHANGES: Final = frozenset({INSERT, UPDATE, DELETE, TRUNCATE})
"""The first byte of messages that change rows."""


class Unchanged(Enum):
    """What stands for a value that was not sent, as it is stored apart and did not change."""

    VALUE = "unchanged"


UNCHANGED: Final = Unchanged.VALUE

Value = bytes | None | Unchanged
"""A column's text in the encoding of the database, NULL, or not sent."""


class ProtocolError(SourceError):
    """A message is not what version 1 of the protocol allows."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A transaction begins: transactions come whole, in the order of their commits.

    Attributes:
        commit_lsn: Where its commit is in the log.
        committed_at: When that was.
        xid: The lower 32 bits of its number.
    """

    commit_lsn: int
    committed_at: datetime
    xid: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A transaction ends.

    Attributes:
        end_lsn: Where the log goes on behind it.
    """

    end_lsn: int


@dataclass(frozen=True, slots=True)
class RelationColumn:
    """A column of a table.

    Attributes:
        name: As the database spells it.
        type_oid: The number of its type.
    """

    name: str
    type_oid: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, as it is in the changes that follow.

    Attributes:
        oid: Its number.
        schema: The schema that it is in.
        name: Its name there.
        columns: The columns that are sent, in their order.
    """

    oid: int
    schema: str
    name: str
    columns: tuple[RelationColumn, ...]


class RowChange(NamedTuple):
    """A row that is inserted, updated or deleted.

    Attributes:
        relation: The number of its table.
        old: Of an update or a deletion, the row as it was, as far as the replica identity tells it;
            None if it does not.
        new: The row as it is; None if it is deleted.
        is_whole: Whether all of its values were sent.
    """

    relation: int
    old: list[Value] | None
    new: list[Value] | None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Truncate:
    """Tables are emptied.

    Attributes:
        relations: Their numbers.
    """

    relations: tuple[int, ...]


Message = Begin | Commit | Relation | RowChange | Truncate


def parse(message: bytes) -> Message | None:
    """Return what a message says; None if it says nothing of rows.

    Raises:
        ProtocolError: It is no message of the protocol.
    """
    try:
        kind = message[0]
        if kind == INSERT:
            _expect(message, 5, b"N")
            new, _, is_whole = _row(message, 6)
            return RowChange(_oid(message, 1), None, new, is_whole)
        if kind == UPDATE:
            old, at = None, 6
            if message[5] != _NEW:
                _expect(message, 5, b"KO")
                old, at, _ = _row(message, 6)
                _expect(message, at, b"N")
                at += 1
            new, _, is_whole = _row(message, at)
            return RowChange(_oid(message, 1), old, new, is_whole)
        if kind == DELETE:
            _expect(message, 5, b"KO")
            return RowChange(_oid(message, 1), _row(message, 6)[0], None)
        return _parse_rare(message)
    except (error, IndexError, ValueError, OverflowError) as cause:
        raise ProtocolError(f"a message of pgoutput is broken off: {message[:1]!r}") from cause


def _parse_rare(message: bytes) -> Message | None:
    match message[:1]:
        case b"B":
            lsn, microseconds, xid = _BEGIN.unpack_from(message, 1)
            return Begin(lsn, _EPOCH + timedelta(microseconds=microseconds), xid)
        case b"C":
            _, _, end, _ = _COMMIT.unpack_from(message, 1)
            return Commit(end)
        case b"R":
            return _relation(message)
        case b"T":
            count, _ = _TRUNCATE.unpack_from(message, 1)
            return Truncate(tuple(_oid(message, 6 + 4 * nth) for nth in range(count)))
        case b"O" | b"Y" | b"M":
            # Where a transaction comes from; a type's name; a message of an application.
            return None
        case other:
            raise ProtocolError(f"pgoutput has no message {other!r} in version 1 of its protocol")


def _relation(message: bytes) -> Relation:
    schema, at = _string(message, 5)
    name, at = _string(message, at)
    # Behind the replica identity.
    [count] = _COUNT.unpack_from(message, at + 1)
    at += 3
    columns = []
    for _ in range(count):
        column, at = _string(message, at + 1)
        type_oid, _ = _ATTRIBUTE.unpack_from(message, at)
        at += _ATTRIBUTE.size
        columns.append(RelationColumn(column, type_oid))
    # Types of the catalog are of the schema ''.
    return Relation(_oid(message, 1), schema or "pg_catalog", name, tuple(columns))


def _row(message: bytes, at: int) -> tuple[list[Value], int, bool]:
    """The values of a row, where it ends, and whether all were sent."""
    [count] = _COUNT.unpack_from(message, at)
    at += 2
    values: list[Value] = []
    is_whole = True
    # Most of what reading a log costs here.
    length_at, take = _LENGTH.unpack_from, values.append
    for _ in range(count):
        kind = message[at]
        if kind == _TEXT:
            start = at + 5
            at = start + length_at(message, at + 1)[0]
            take(message[start:at])
        else:
            at += 1
            if kind == _NULL:
                take(None)
            elif kind == _TOASTED:
                take(UNCHANGED)
                is_whole = False
            else:
                raise ProtocolError(f"pgoutput sent a value as {chr(kind)!r}, and not as text")
    if at > len(message):
        raise IndexError
    return values, at, is_whole


def _oid(message: bytes, at: int) -> int:
    return int(_OID.unpack_from(message, at)[0])


def _string(message: bytes, at: int) -> tuple[str, int]:
    end = message.index(b"\0", at)
    return message[at:end].decode(), end + 1


def _expect(message: bytes, at: int, kinds: bytes) -> None:
    if message[at] not in kinds:
        raise ProtocolError(f"pgoutput sent a row as {chr(message[at])!r}")
