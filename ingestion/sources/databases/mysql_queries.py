"""The queries by which rows of MySQL and MariaDB are read, and what becomes of them. Pure.

Each row begins with its fingerprint's two hashes; `copied` writes it as PostgreSQL's COPY would.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from ingestion.sources.databases.database import Column, KeyRange, Row, Shape, by_key, key_of
from ingestion.sources.databases.mysql_catalog import CURSOR_TYPES
from ingestion.sources.databases.mysql_session import Values, literal, quoted
from ingestion.sources.databases.settings import Table

_HASHES: Final = 2

# Their bytes are no text: they are written as hexadecimal digits.
_BINARY: Final = frozenset(
    {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"}
    | {"geometry", "point", "linestring", "polygon", "geometrycollection", "geomcollection"}
    | {"multipoint", "multilinestring", "multipolygon"}
)
# Those that can be larger than what a statement may put together.
_LARGE: Final = frozenset(
    {"tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob"}
    | {"json"}
)
_TEXTS: Final = frozenset({"char", "varchar", "enum", "set"})
_NUMBERS: Final = frozenset(
    {"tinyint", "smallint", "mediumint", "int", "bigint", "bigint unsigned", "decimal", "year"}
)
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DOUBLE: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?")
_HEXADECIMAL: Final = re.compile(r"([0-9a-f]{2})*")

_UTC: Final = "+00"
_NULL: Final = b"\\N"
_COPIED: Final = {b"\\": b"\\\\", b"\t": b"\\t", b"\n": b"\\n"}
_ESCAPED: Final = re.compile(rb"[\\\t\n]")


def rows(
    table: Table,
    shape: Shape,
    conditions: Sequence[str],
    by: Sequence[Column] = (),
    limit: int | None = None,
) -> str:
    """Return the query of rows, each behind its hashes; see `rows_of`."""
    columns = [*_hashes(table, shape), *(_value(column) for column in shape.columns)]
    return _selected(table, columns, conditions, by, limit)


def rows_of(table: Table, shape: Shape, found: Sequence[Values]) -> list[Row]:
    """Return what the rows of `rows` are."""
    keys = (_HASHES + shape.columns.index(column) for column in key_of(table, shape))
    fingerprint = itemgetter(*range(_HASHES), *keys)
    has_bytes = any(column.type in _BINARY for column in shape.columns)
    rows = []
    for values in found:
        if has_bytes:
            values = [*values[:_HASHES], *_written(shape.columns, values[_HASHES:])]
        rows.append(Row(copied(fingerprint(values)), copied(values[_HASHES:])))
    return rows


def last_of(shape: Shape, values: Values, by: Sequence[Column]) -> tuple[str, ...]:
    """Return the texts of the columns that rows are read by, of a row of `rows`."""
    return texts_of(by, [values[_HASHES + shape.columns.index(column)] for column in by])


def fingerprints(table: Table, shape: Shape, conditions: Sequence[str]) -> str:
    """Return the query of the parts of rows' fingerprints; see `fingerprint_of`."""
    keys = [_value(column) for column in key_of(table, shape)]
    return _selected(table, [*_hashes(table, shape), *keys], conditions, (), None)


def fingerprint_of(table: Table, shape: Shape, values: Values) -> bytes:
    """Return what a row of `fingerprints` is."""
    return copied([*values[:_HASHES], *_written(key_of(table, shape), values[_HASHES:])])


def checksums(table: Table, shape: Shape, conditions: Sequence[str], buckets: int) -> str:
    """Return the query of bucket, number of rows, and sum of their hashes."""
    _, of_row = _hashes(table, shape)
    bucket = _bucket(table, shape, buckets)
    return (
        f"select {bucket}, count(*), sum(cast({of_row} as unsigned)) "
        f"from {_table(table)} {_where(conditions)} group by 1"
    )


def last_key(table: Table, shape: Shape, after: Sequence[str] | None, count: int) -> str:
    """Return the query of the key that is so many further; of no row at the end."""
    keys = by_key(shape)
    columns = [_value(key) for key in keys]
    return _selected(table, columns, beyond(keys, after), keys, 1) + f" offset {count - 1}"


def texts_of(columns: Sequence[Column], values: Values) -> tuple[str, ...]:
    """Return the texts of columns by which rows are found again."""
    return tuple((value or b"").decode() for value in _written(columns, values))


def within(shape: Shape, keys: KeyRange) -> list[str]:
    """Return the conditions of a range of keys."""
    by = by_key(shape)
    conditions = beyond(by, keys.after)
    if keys.until is not None:
        conditions.append(f"not {_greater(by, keys.until)}")
        # What the engine can look up in an index.
        conditions.append(f"{quoted(by[0].name)} <= {literal_of(by[0], keys.until[0])}")
    return conditions


def beyond(by: Sequence[Column], after: Sequence[str] | None) -> list[str]:
    """Return the conditions of what comes after some texts of columns.

    Not as a comparison of rows, for which neither engine uses an index.
    """
    if after is None:
        return []
    return [
        f"{quoted(by[0].name)} >= {literal_of(by[0], after[0])}",
        _greater(by, after),
    ]


def of_keys(table: Table, shape: Shape, keys: Sequence[Sequence[str]]) -> str:
    """Return the condition of the rows that have one of some keys."""
    columns = key_of(table, shape)
    names = ", ".join(quoted(column.name) for column in columns)
    values = (
        ", ".join(literal_of(column, text) for column, text in zip(columns, key, strict=True))
        for key in keys
    )
    return f"({names}) in ({', '.join(f'({each})' for each in values)})"


def fit(columns: Sequence[Column], key: Sequence[str]) -> bool:
    """Whether texts are of the types of columns; the server may know better."""
    return len(key) == len(columns) and all(
        _fits(column, text) for column, text in zip(columns, key, strict=True)
    )


def in_buckets(table: Table, shape: Shape, buckets: int, wanted: Sequence[int]) -> str:
    """Return the condition of the rows in some of the buckets."""
    return f"{_bucket(table, shape, buckets)} in ({', '.join(map(str, wanted))})"


def set_since(table: Table, shape: Shape, since: datetime, overlap_seconds: int) -> str:
    """Return the condition of the rows whose cursor may have been set since a time, UTC."""
    cursor = shape.column(table.cursor)
    behind = timedelta(hours=CURSOR_TYPES[cursor.type], seconds=overlap_seconds)
    low = (since - behind).replace(tzinfo=None).isoformat(" ", timespec="microseconds")
    return f"{quoted(cursor.name)} >= {literal(low if cursor.type != 'date' else low[:10])}"


def literal_of(column: Column, text: str) -> str:
    """Return a value of a column as SQL has it: a number as one, as texts are compared as doubles.

    Raises:
        ValueError: It is none of its type.
    """
    if not _fits(column, text):
        raise ValueError(f"no value of {column.type}")
    if column.type in _NUMBERS:
        return text
    if column.type == "double":
        return text if "e" in text else f"{text}e0"
    if column.type in _BINARY:
        return f"x'{text}'"
    return literal(text.removesuffix(_UTC) if column.type == "timestamp" else text)


def copied(values: Values) -> bytes:
    """Return values as COPY's text format has them."""
    line = b"\t".join([value or b"" for value in values])
    if b"\\" in line or b"\n" in line or line.count(b"\t") >= len(values):
        values = [value and _escaped(value) for value in values]
    elif None not in values:
        return line
    return b"\t".join([_NULL if value is None else value for value in values])


def _escaped(value: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: _COPIED[found[0]], value)


def _fits(column: Column, text: str) -> bool:
    if column.type in _NUMBERS:
        return _NUMBER.fullmatch(text) is not None
    if column.type == "double":
        return _DOUBLE.fullmatch(text) is not None
    return column.type not in _BINARY or _HEXADECIMAL.fullmatch(text) is not None


def _written(columns: Sequence[Column], values: Values) -> list[bytes | None]:
    return [
        value.hex().encode() if value is not None and column.type in _BINARY else value
        for column, value in zip(columns, values, strict=True)
    ]


def _value(column: Column) -> str:
    """A column as it is read: a float with all of its digits, an instant with its offset."""
    name = quoted(column.name)
    if column.type == "float":
        return f"{name} * 1e0"
    if column.type == "timestamp":
        return f"concat({name}, '{_UTC}')"
    return name


def _greater(by: Sequence[Column], texts: Sequence[str]) -> str:
    """Whether columns are greater than texts, the first of them before the others."""
    name, value = quoted(by[0].name), literal_of(by[0], texts[0])
    if len(by) == 1:
        return f"{name} > {value}"
    return f"({name} > {value} or ({name} = {value} and {_greater(by[1:], texts[1:])}))"


def _hashes(table: Table, shape: Shape) -> list[str]:
    return [_hash(key_of(table, shape)), _hash(shape.columns)]


def _bucket(table: Table, shape: Shape, buckets: int) -> str:
    return f"(cast({_hash(key_of(table, shape))} as unsigned) & {buckets - 1})"


def _hash(columns: Sequence[Column]) -> str:
    """64 bits of what is in some columns, as a number's text.

    What is NULL counts as what is not there, so that a new column changes no row. What may be
    larger than a statement can put together (`max_allowed_packet`) is hashed by itself.
    """
    parts = []
    for column in columns:
        name = quoted(column.name)
        seed = f"{zlib.crc32(column.name.encode()):08x}"
        if column.type in _LARGE:
            value = f"md5({name})"
        elif column.type in _BINARY:
            value = f"hex({name})"
        elif column.type in _TEXTS:
            # Columns of two character sets cannot be put together.
            value = f"convert({name} using utf8mb4)"
        else:
            value = f"concat({_value(column)})"
        parts.append(f"ifnull(concat('{seed}', length({value}), ':', {value}), '')")
    return f"conv(left(md5(concat({', '.join(parts)})), 16), 16, 10)"


def _selected(
    table: Table,
    columns: Sequence[str],
    conditions: Sequence[str],
    by: Sequence[Column],
    limit: int | None,
) -> str:
    order = f"order by {', '.join(quoted(column.name) for column in by)}" if by else ""
    most = "" if limit is None else f"limit {limit}"
    return f"select {', '.join(columns)} from {_table(table)} {_where(conditions)} {order} {most}"


def _where(conditions: Sequence[str]) -> str:
    return f"where {' and '.join(conditions)}" if conditions else ""


def _table(table: Table) -> str:
    return quoted(table.schema, table.name)
