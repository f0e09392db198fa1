"""From the messages of a log to what becomes of a table's rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from ingestion.sources.databases.pgoutput import UNCHANGED, Relation, RowChange, Value
from ingestion.sources.databases.row_lines import DELETE, UPSERT

PLACES_OF_A_CHANGE: Final = 2
"""An update of the key is two events: the old one's deletion, and the row under the new one."""

Texts = Sequence[bytes | None]


class UntoldError(Exception):
    """The log does not tell all of a change: only a comparison can say what the row is now."""


class Change(NamedTuple):
    """What becomes of a row.

    Attributes:
        op: `upsert` or `delete`.
        values: The texts of its columns; of a deletion, of its key.
        place: Its place among the events of its change.
    """

    op: str
    values: Texts
    place: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as the log sends it, and which of its columns are the key.

    Attributes:
        relation: The table.
        key: The places of the key's columns, in the order of the source's file.
        arrays: The types of the columns that become JSON text, by their places.
    """

    relation: Relation
    key: tuple[int, ...]
    arrays: Mapping[int, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.relation.columns)


def layout_of(relation: Relation, key: Sequence[str], arrays: Mapping[int, str]) -> Layout:
    """Return the layout of a table.

    Args:
        relation: The table.
        key: The names of the key's columns.
        arrays: The types that become JSON text, as the database spells them, by their numbers.

    Raises:
        UntoldError: A column of the key is not sent.
    """
    names = [column.name for column in relation.columns]
    if not set(key) <= set(names):
        raise UntoldError
    return Layout(
        relation,
        tuple(names.index(name) for name in key),
        {
            place: arrays[column.type_oid]
            for place, column in enumerate(relation.columns)
            if column.type_oid in arrays
        },
    )


def changes_of(message: RowChange, layout: Layout) -> list[Change]:
    """Return the events of a change.

    Raises:
        UntoldError: The replica identity is not enough for it.
    """
    _, old, new, is_whole = message
    if new is None:
        return [Change(DELETE, _key(old, layout), 0)]
    if len(new) != len(layout.relation.columns):
        raise UntoldError
    row = cast("Texts", new) if is_whole else _filled(new, old)
    upsert = Change(UPSERT, row, 1)
    if old is not None:
        key = _key(old, layout)
        if key != [row[place] for place in layout.key]:
            return [Change(DELETE, key, 0), upsert]
    return [upsert]


def _filled(new: list[Value], old: list[Value] | None) -> Texts:
    """A row with what was not sent, as it did not change, from the row of before."""
    if old is None:
        raise UntoldError
    # An identity other than FULL sends NULL for what it does not tell.
    filled = [was if is_ is UNCHANGED else is_ for is_, was in zip(new, old, strict=True)]
    if any(is_ is UNCHANGED and was is None for is_, was in zip(new, old, strict=True)):
        raise UntoldError
    return cast("Texts", filled)


def _key(old: list[Value] | None, layout: Layout) -> list[bytes]:
    if old is None or len(old) != len(layout.relation.columns):
        raise UntoldError
    key = [old[place] for place in layout.key]
    if not all(isinstance(value, bytes) for value in key):
        raise UntoldError
    return cast("list[bytes]", key)
