"""What ingestion/sources/<name>.yml says: a database, how to reach it, and its tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingestion.event_type import NAME, can_be_event_type
from ingestion.sources.databases.names import event_type_of
from ingestion.sources.documents import Document, read_yaml
from ingestion.sources.errors import ConfigurationError

DEFAULT_SCHEMAS: Final = {"postgresql": "public", "mysql": ""}
"""The engines, and the schema of a table that is named without: of MySQL the address names one."""

POLL: Final = "poll"
LOG: Final = "log"
_MODES: Final = (POLL, LOG)
ENGINE_WITH_LOG: Final = "postgresql"
# The name of a slot has 63 characters, some of them ours.
_LONGEST_NAME_BY_LOG: Final = 48

_SOURCE_KEYWORDS: Final = frozenset(
    {"engine", "connection", "tables", "overlap_seconds", "page_rows", "rows_per_second"}
    | {"reconcile_hours", "mode"}
)
_TABLE_KEYWORDS: Final = frozenset({"table", "key", "cursor", "whole"})
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,127}")

DEFAULT_OVERLAP_SECONDS: Final = 30
DEFAULT_PAGE_ROWS: Final = 10_000
DEFAULT_RECONCILE_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is followed.

    Attributes:
        schema: The schema that it is in, as the database spells it, of MySQL the database; empty
            for the one that the address names.
        name: Its name there.
        key: The columns that tell its rows apart.
        cursor: The column that grows when a row changes; empty where the log tells what changed,
            or where there is none and each pull compares the whole table.
        event_type: The type of its events, e.g. `shop_dim_users`.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    cursor: str
    event_type: str

    @property
    def named_columns(self) -> tuple[str, ...]:
        """The columns that the source's file names."""
        return (*self.key, self.cursor) if self.cursor else self.key

    @property
    def label(self) -> str:
        """Its name for people."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Source:
    """A database that is followed.

    Attributes:
        name: What it is called here; the `source` of its events.
        engine: One of DEFAULT_SCHEMAS.
        connection: The environment variable that holds its address, password included.
        tables: Its tables, in the order of the file.
        overlap_seconds: How far a pull reads back, for clocks that are behind the database's.
        page_rows: How many rows are read and landed at once.
        rows_per_second: How many are read at most; None for as many as there are.
        reconcile_hours: After how long a pull compares each table with all that has landed of it.
        mode: Whether changed rows are asked for (`poll`), or the database's log tells them (`log`).
    """

    name: str
    engine: str
    connection: str
    tables: tuple[Table, ...]
    overlap_seconds: int = DEFAULT_OVERLAP_SECONDS
    page_rows: int = DEFAULT_PAGE_ROWS
    rows_per_second: int | None = None
    reconcile_hours: int = DEFAULT_RECONCILE_HOURS
    mode: str = POLL


def read_sources(folder: Path) -> tuple[Source, ...]:
    """Read every source of a folder, sorted by name.

    Raises:
        ConfigurationError: A file cannot be used.
    """
    return tuple(read_source(file) for file in sorted(folder.glob("*.yml")))


def read_source(file: Path) -> Source:
    """Read one source; its name is the file's.

    Raises:
        ConfigurationError: The file cannot be used.
    """
    name = file.stem
    if not NAME.fullmatch(name):
        raise ConfigurationError(f"{file.name}: a source's name must be like {NAME.pattern}")
    document = Document(file.name, read_yaml(file), _SOURCE_KEYWORDS)
    engine = document.text("engine")
    if engine not in DEFAULT_SCHEMAS:
        document.refuse(f"engine must be {' or '.join(DEFAULT_SCHEMAS)}, not {engine!r}")
    mode = _mode(document, name, engine)
    connection = document.text("connection")
    if not _VARIABLE.fullmatch(connection):
        # Not quoted: it may be the address itself.
        document.refuse(
            "connection must be the name of an environment variable, such as SHOP_DATABASE_URL, "
            "and not the address: that holds a password"
        )
    tables = tuple(
        _read_table(Document(f"{file.name}: tables", each, _TABLE_KEYWORDS), name, engine, mode)
        for each in document.items("tables")
    )
    types = [table.event_type for table in tables]
    for table in tables:
        if types.count(table.event_type) > 1:
            document.refuse(
                f"two tables are of the event type {table.event_type}: leave one of them out"
            )
    return Source(
        name=name,
        engine=engine,
        connection=connection,
        tables=tables,
        overlap_seconds=document.count("overlap_seconds", DEFAULT_OVERLAP_SECONDS, least=0),
        page_rows=document.count("page_rows", DEFAULT_PAGE_ROWS),
        rows_per_second=document.count("rows_per_second", 0) or None,
        reconcile_hours=document.count("reconcile_hours", DEFAULT_RECONCILE_HOURS),
        mode=mode,
    )


def _mode(document: Document, source: str, engine: str) -> str:
    mode = document.text("mode", POLL)
    if mode not in _MODES:
        document.refuse(f"mode must be {' or '.join(_MODES)}, not {mode!r}")
    if mode == LOG and engine != ENGINE_WITH_LOG:
        document.refuse(
            f"the log is read of {ENGINE_WITH_LOG} only, not of {engine}: leave `mode: log` out"
        )
    if mode == LOG and len(source) > _LONGEST_NAME_BY_LOG:
        document.refuse(
            f"a source that is read by the log has a name of at most {_LONGEST_NAME_BY_LOG} "
            "characters, as its slot is named after it"
        )
    return mode


def _read_table(document: Document, source: str, engine: str, mode: str) -> Table:
    given = document.text("table")
    schema, dot, name = given.partition(".")
    if not dot:
        schema, name = DEFAULT_SCHEMAS[engine], given
    event_type = event_type_of(source, schema, name)
    if not can_be_event_type(event_type):
        document.refuse(
            f"{given} would be of the event type {event_type}, which must be like {NAME.pattern}: "
            "give the source a shorter name"
        )
    return Table(
        schema=schema,
        name=name,
        key=document.names("key"),
        cursor=_cursor(document, mode),
        event_type=event_type,
    )


def _cursor(document: Document, mode: str) -> str:
    """The column that grows when a row changes; empty where the whole table is compared."""
    is_whole = document.flag("whole")
    if mode == LOG:
        # It tells of all changes, whatever is said here for polling.
        return ""
    if not is_whole:
        return document.text(
            "cursor",
            otherwise="a column that is set to the time whenever a row changes. If there is none, "
            "say `whole: true`, and each pull compares the whole table",
        )
    if document.has("cursor"):
        document.refuse("`whole: true` takes no cursor: leave one of them out")
    return ""
