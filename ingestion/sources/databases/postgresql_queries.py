"""The queries by which rows of PostgreSQL are read. Pure.

Each row that is copied begins with its fingerprint: two hashes and its key (`landed_keys`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Final

from psycopg import sql

from ingestion.sources.databases.database import Column, KeyRange, Shape, by_key, key_of
from ingestion.sources.databases.postgresql_catalog import CURSOR_TYPES
from ingestion.sources.databases.settings import Table
from ingestion.sources.databases.state import Watermark

HASHES: Final = 2
"""How many columns a fingerprint has before the key."""


def rows(
    table: Table,
    shape: Shape,
    conditions: Sequence[sql.Composable],
    by: Sequence[Column] = (),
    limit: int | None = None,
) -> sql.Composed:
    """Return the query that copies rows, each behind its fingerprint.

    Args:
        table: The table.
        shape: What it is.
        conditions: What they fulfil.
        by: What they are ordered by.
        limit: How many at most.
    """
    values = [
        sql.SQL("array_to_json({})" if column.is_array else "{}").format(_name(column))
        for column in shape.columns
    ]
    return _copied(table, [*_fingerprint(table, shape), *values], conditions, by, limit)


def fingerprints(table: Table, shape: Shape, conditions: Sequence[sql.Composable]) -> sql.Composed:
    """Return the query that copies the fingerprints of rows."""
    return _copied(table, _fingerprint(table, shape), conditions, (), None)


def checksums(
    table: Table, shape: Shape, conditions: Sequence[sql.Composable], buckets: int
) -> sql.Composed:
    """Return the query of bucket, number of rows, and sum of their hashes."""
    return sql.SQL("select {}, count(*), sum({})::text from {} {} group by 1").format(
        _bucket(table, shape, buckets),
        _hash(shape.columns),
        _table(table),
        _where(conditions),
    )


def last_key(table: Table, shape: Shape, after: Sequence[str] | None, count: int) -> sql.Composed:
    """Return the query of the key that is so many further, as texts; of no row at the end."""
    keys = by_key(shape)
    return _copied(
        table,
        [_name(key) for key in keys],
        beyond(keys, after),
        keys,
        1,
        offset=count - 1,
    )


def within(shape: Shape, keys: KeyRange) -> list[sql.Composed]:
    """Return the conditions of a range of keys."""
    by = by_key(shape)
    conditions = beyond(by, keys.after)
    if keys.until is not None:
        conditions.append(sql.SQL("({}) <= ({})").format(_names(by), _texts(by, keys.until)))
    return conditions


def beyond(by: Sequence[Column], after: Sequence[str] | None) -> list[sql.Composed]:
    """Return the condition of what comes after some texts of columns."""
    if after is None:
        return []
    return [sql.SQL("({}) > ({})").format(_names(by), _texts(by, after))]


def of_keys(table: Table, shape: Shape, keys: Sequence[Sequence[str]]) -> sql.Composed:
    """Return the condition of the rows that have one of some keys."""
    by = key_of(table, shape)
    return sql.SQL("({}) in ({})").format(
        _names(by), sql.SQL(", ").join(sql.SQL("({})").format(_texts(by, key)) for key in keys)
    )


def key_alone(table: Table, shape: Shape, key: Sequence[str]) -> sql.Composed:
    """Return the query that fails where a key is not of its columns' types."""
    return sql.SQL("select {}").format(_texts(key_of(table, shape), key))


def in_buckets(table: Table, shape: Shape, buckets: int, wanted: Sequence[int]) -> sql.Composed:
    """Return the condition of the rows in some of the buckets."""
    return sql.SQL("{} = any({})").format(_bucket(table, shape, buckets), sql.Literal(list(wanted)))


def set_since(table: Table, shape: Shape, since: Watermark, overlap_seconds: int) -> sql.Composed:
    """Return the condition of the rows whose cursor may have been set since a watermark."""
    cursor = shape.column(table.cursor)
    return sql.SQL("{} >= (timestamptz {} - interval {} - interval {})::{}").format(
        _name(cursor),
        sql.Literal(since.since.isoformat()),
        sql.Literal(f"{overlap_seconds} seconds"),
        sql.Literal(CURSOR_TYPES[cursor.type]),
        _type(cursor.type),
    )


def written_since(least_xid: int, newest_xid: int) -> sql.Composed:
    """Return the condition of rows that the transaction `least_xid` of 64 bits, or a later, wrote.

    `xmin` has its lower 32 bits: of a number above `newest_xid`'s the upper ones are one less.
    """
    return sql.SQL(
        "({epoch} - case when xmin::text::bigint > {newest} then 1 else 0 end) * 4294967296"
        " + xmin::text::bigint >= {least}"
    ).format(
        epoch=sql.Literal(newest_xid >> 32),
        newest=sql.Literal(newest_xid & 0xFFFFFFFF),
        least=sql.Literal(least_xid),
    )


def of_texts(columns: Sequence[str], key: Sequence[int], arrays: Mapping[int, str]) -> sql.Composed:
    """Return the query over columns of texts, each a parameter, of what only the server can tell.

    It is of each row the hash of its key, the hash of all of it, and its arrays as JSON text.

    Args:
        columns: The names of the columns.
        key: The places of the key's.
        arrays: The types of the arrays, as the catalog spells them, by their places.
    """
    names = [sql.Identifier(f"c{place}") for place in range(len(columns))]
    values = list(zip(columns, names, strict=True))
    return sql.SQL("select {} from unnest({}) as texts ({})").format(
        sql.SQL(", ").join(
            [
                sql.SQL("({})::text").format(_hash_of([values[place] for place in key])),
                sql.SQL("({})::text").format(_hash_of(values)),
                *(
                    sql.SQL("array_to_json({}::{})::text").format(names[place], _type(kind))
                    for place, kind in arrays.items()
                ),
            ]
        ),
        sql.SQL(", ").join([sql.SQL("%s::pg_catalog.text[]")] * len(columns)),
        sql.SQL(", ").join(names),
    )


def _copied(
    table: Table,
    columns: Sequence[sql.Composable],
    conditions: Sequence[sql.Composable],
    by: Sequence[Column],
    limit: int | None,
    offset: int = 0,
) -> sql.Composed:
    return sql.SQL("copy (select {} from {} {} {} {} offset {}) to stdout").format(
        sql.SQL(", ").join(columns),
        _table(table),
        _where(conditions),
        sql.SQL("order by {}").format(_names(by)) if by else sql.SQL(""),
        sql.SQL("") if limit is None else sql.SQL("limit {}").format(sql.Literal(limit)),
        sql.Literal(offset),
    )


def _fingerprint(table: Table, shape: Shape) -> list[sql.Composable]:
    keys = key_of(table, shape)
    return [_hash(keys), _hash(shape.columns), *(_name(key) for key in keys)]


def _bucket(table: Table, shape: Shape, buckets: int) -> sql.Composed:
    return sql.SQL("(({}) & {})::integer").format(
        _hash(key_of(table, shape)), sql.Literal(buckets - 1)
    )


def _hash(columns: Sequence[Column]) -> sql.Composed:
    return _hash_of([(column.name, _name(column)) for column in columns])


def _hash_of(values: Sequence[tuple[str, sql.Composable]]) -> sql.Composed:
    """64 bits of what is in some columns, by the text of each and its name.

    What is NULL counts as what is not there, so that a new column changes no row; `concat` writes
    a value as COPY does, and not as a cast, which cuts the blanks of a `char(n)`.
    """
    return sql.SQL(" operator(pg_catalog.#) ").join(
        sql.SQL(
            "case when {value} is null then 0 "
            "else pg_catalog.hashtextextended(pg_catalog.concat({value}) "
            'collate pg_catalog."C", {seed}) end'
        ).format(value=value, seed=sql.Literal(zlib.crc32(name.encode())))
        for name, value in values
    )


def _where(conditions: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL("{} {}").format(
        sql.SQL("where" if conditions else ""), sql.SQL(" and ").join(conditions)
    )


def _table(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def _name(column: Column) -> sql.Identifier:
    return sql.Identifier(column.name)


def _names(columns: Sequence[Column]) -> sql.Composed:
    return sql.SQL(", ").join(_name(column) for column in columns)


def _texts(columns: Sequence[Column], texts: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{}::{}").format(sql.Literal(text), _type(column.full_type))
        for text, column in zip(texts, columns, strict=True)
    )


def _type(name: str) -> sql.Composable:
    """A type as the catalog spells it, which is SQL; no user's text."""
    return sql.SQL(name)
