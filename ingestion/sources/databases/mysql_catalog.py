"""What MySQL and MariaDB say of a table, and what it needs to be followed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ingestion.sources.databases.database import Column, Shape
from ingestion.sources.databases.mysql_session import Session, literal, quoted
from ingestion.sources.databases.settings import Table
from ingestion.sources.field_names import field_of

CURSOR_TYPES: Final = {"timestamp": 0, "datetime": 12, "date": 36}
"""What a cursor may be, and how many hours its values may be behind UTC.

A `datetime` holds some zone's time, and none is further behind than twelve hours.
"""

# What is the same in a literal, and is ordered by what is written there: an enum is ordered by the
# number of its member, and a float is never what was written.
_KEY_TYPES: Final = frozenset(
    {"tinyint", "smallint", "mediumint", "int", "bigint", "bigint unsigned", "decimal", "double"}
    | {"char", "varchar", "binary", "varbinary"}
    | {"date", "datetime", "timestamp", "time", "year"}
)


@dataclass(frozen=True, slots=True)
class _Index:
    columns: tuple[str, ...]
    is_unique: bool


class Catalog:
    """What a session can ask of tables."""

    def __init__(self, session: Session) -> None:
        """Use a session."""
        self._session = session

    def follow(self, table: Table) -> Shape:
        """Return what a table is.

        Raises:
            SourceError: It cannot be followed by its key and cursor; says what to add.
        """
        name = quoted(table.schema, table.name)
        schema = literal(table.schema) if table.schema else "database()"
        of_table = f"table_schema = {schema} and table_name = {literal(table.name)}"
        found = self._session.named(
            "select table_type as kind, engine as engine, table_name as name "
            f"from information_schema.tables where {of_table}"
        )
        found = [each for each in found if each["name"] == table.name]
        if not found:
            if not table.schema and not self._session.database:
                self._session.refuse(
                    f"{name} is in no database: name one in the address, or say `table: "
                    f"<database>.{table.name}`"
                )
            self._session.refuse(
                f"there is no table {name}, or the account may not read it: correct its name in "
                f"the source's file, or run `grant select on {name} to {self._session.role}`"
            )
        if found[0]["kind"] != "BASE TABLE":
            self._session.refuse(f"{name} is no table: follow the tables that it is made of")
        if table.cursor and (found[0]["engine"] or "").lower() != "innodb":
            self._session.refuse(
                f"{name} is a table of {found[0]['engine']}, whose transactions are not told: run "
                f"`alter table {name} engine = InnoDB`, or say `whole: true` in the place of its "
                "cursor"
            )
        columns = self._columns(of_table)
        indexes = self._indexes(of_table)
        self._check_columns(name, table, columns)
        if table.cursor:
            self._check_cursor(name, table, columns[table.cursor], indexes)
        key = self._key(name, table, indexes)
        # A grant of some columns shows a table, too.
        self._session.rows(f"select 1 from {name} limit 0")
        return Shape(tuple(columns.values()), key)

    def _columns(self, of_table: str) -> dict[str, Column]:
        found = self._session.named(
            "select column_name as name, data_type as type, column_type as full_type, "
            "is_nullable as can_be_null from information_schema.columns "
            f"where {of_table} order by ordinal_position"
        )
        columns = {}
        for each in found:
            name, kind = each["name"] or "", (each["type"] or "").lower()
            full = each["full_type"] or ""
            if kind == "bigint" and "unsigned" in full.lower():
                kind = "bigint unsigned"
            is_given = each["can_be_null"] == "NO"
            columns[name] = Column(name, field_of(name), kind, full, False, is_given)
        return columns

    def _indexes(self, of_table: str) -> Sequence[_Index]:
        found = self._session.named(
            "select index_name as name, non_unique as is_not_unique, column_name as part, "
            "sub_part as prefix, index_type as type from information_schema.statistics "
            f"where {of_table} order by index_name, seq_in_index"
        )
        parts: dict[str, list[Mapping[str, str | None]]] = defaultdict(list)
        for each in found:
            parts[each["name"] or ""].append(each)
        return [
            _Index(
                # Of an expression there is no column, and of a prefix not all of it is known.
                tuple(part["part"] or "" if part["prefix"] is None else "" for part in index),
                index[0]["is_not_unique"] == "0",
            )
            for index in parts.values()
            if index[0]["type"] == "BTREE"
        ]

    def _check_columns(self, name: str, table: Table, columns: Mapping[str, Column]) -> None:
        if missing := [each for each in table.named_columns if each not in columns]:
            self._session.refuse(
                f"{name} has no column {', '.join(missing)}: it has {', '.join(columns)}"
            )
        for key in (columns[each] for each in table.key):
            if not key.is_given:
                self._session.refuse(
                    f"{name}.{key.name} is a part of the key and can be NULL: run `alter table "
                    f"{name} modify {quoted(key.name)} {key.full_type} not null`"
                )
            if key.type not in _KEY_TYPES:
                self._session.refuse(
                    f"{name}.{key.name} is of type {key.full_type}, by which rows cannot be found "
                    "again in their order: it cannot be a part of the key"
                )
        fields = [column.field for column in columns.values()]
        if twice := sorted({field for field in fields if fields.count(field) > 1}):
            self._session.refuse(
                f"{name} has columns that differ in nothing but capitals or signs "
                f"({', '.join(twice)}): it cannot be followed"
            )

    def _key(self, name: str, table: Table, indexes: Sequence[_Index]) -> tuple[str, ...]:
        """The columns of the key, in the order of its index, by which it is read."""
        found = [
            index.columns
            for index in indexes
            if index.is_unique and set(index.columns) == set(table.key)
        ]
        if not found:
            keys = ", ".join(quoted(key) for key in table.key)
            self._session.refuse(
                f"no unique index of {name} is of {', '.join(table.key)}: correct the key in the "
                f"source's file, or run `alter table {name} add unique index ({keys})`"
            )
        return found[0]

    def _check_cursor(
        self, name: str, table: Table, cursor: Column, indexes: Sequence[_Index]
    ) -> None:
        if cursor.type not in CURSOR_TYPES:
            self._session.refuse(
                f"{name}.{table.cursor} is of type {cursor.full_type}: a cursor is a column of "
                f"type {' or '.join(CURSOR_TYPES)} that is set whenever a row changes"
            )
        if not any(index.columns[0] == table.cursor for index in indexes):
            self._session.refuse(
                f"no index of {name} begins with {table.cursor}, and each pull would read the "
                f"whole table: run `alter table {name} add index ({quoted(table.cursor)})`"
            )
