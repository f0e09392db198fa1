"""What ingestion/feeds/<name>.yml says: which files a feed has, and what their columns are."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from ingestion.column_names import field_name_fault
from ingestion.event_type import NAME, can_be_event_type
from ingestion.sources.documents import Document, read_yaml
from ingestion.sources.errors import ConfigurationError
from ingestion.sources.field_names import compared
from ingestion.sources.files.decoding import ENCODINGS, UTF_8

TYPES: Final = ("identifier", "text", "integer", "amount", "currency", "boolean", "instant", "day")
"""What a column can be: types of ingestion/contracts/types.json."""

_FEED_KEYWORDS: Final = frozenset(
    {"files", "system", "key", "columns", "constants", "encoding", "delimiter", "footer"}
    | {"decimal_separator", "thousands_separator", "header", "time_zone"}
)
_COLUMN_KEYWORDS: Final = frozenset(
    {"column", "type", "aliases", "optional", "required", "past", "personal", "means"}
)
_SUFFIXES_OF_PACKED: Final = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a feed's files.

    Attributes:
        name: What it is called in the event, and in silver.
        type: One of TYPES.
        aliases: What else files may call it.
        is_optional: Whether a file may do without it.
        is_personal: Whether it says something about a person.
        means: What it means, and its unit.
        is_past: Of an instant or a day, whether it has to have come when the file does.
        is_required: Whether each row has to have a value: one without is rejected.
    """

    name: str
    type: str
    aliases: tuple[str, ...]
    is_optional: bool
    is_personal: bool
    means: str
    is_past: bool = False
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """Files of one kind.

    Attributes:
        name: What it is called here: the `source` and the type of its events, and their domain.
        files: The pattern of its files' names, in the form of `fnmatch`.
        system: Whose ids are in them: its own, unless several feeds are of one.
        key: The columns that tell its rows apart.
        columns: Its columns, in the order of the file, which files need not have.
        constants: What each row has though no column says it: a currency, for one.
        encoding: One of ENCODINGS.
        delimiter: What stands between cells.
        decimal_separator: What stands before an amount's decimals.
        thousands_separator: What groups the digits of numbers; empty for nothing.
        has_header: Whether the first row says what the columns are called.
        footer: What the first cell of a summary line begins with; empty if there is none.
        time_zone: In which a time without an offset is.
    """

    name: str
    files: str
    system: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    constants: Mapping[str, str]
    encoding: str = UTF_8
    delimiter: str = ","
    decimal_separator: str = "."
    thousands_separator: str = ""
    has_header: bool = True
    footer: str = ""
    time_zone: str = "UTC"

    @property
    def event_type(self) -> str:
        """The type of its rows' events."""
        return self.name

    def has(self, file_name: str) -> bool:
        """Say whether a file is one of its files, by its name."""
        name = file_name.rpartition("/")[2].lower()
        for suffix in _SUFFIXES_OF_PACKED:
            name = name.removesuffix(suffix)
        return fnmatch.fnmatchcase(name, self.files.lower())


def read_feeds(folder: Path) -> tuple[Feed, ...]:
    """Read every feed of a folder, sorted by name.

    Raises:
        ConfigurationError: A file cannot be used.
    """
    return tuple(read_feed(file) for file in sorted(folder.glob("*.yml")))


def feeds_of(feeds: Iterable[Feed], file_name: str) -> list[Feed]:
    """Return the feeds whose pattern a file's name has: one, if all is well."""
    return [feed for feed in feeds if feed.has(file_name)]


def told_of_no_feed(feeds: Iterable[Feed], found: Iterable[Feed]) -> str:
    """Return what is told of a file that is not of exactly one feed.

    Args:
        feeds: All that are followed.
        found: Those whose pattern its name has.
    """
    if several := " and of ".join(feed.name for feed in found):
        return f"it is a file of {several}: only one can be"
    patterns = ", ".join(f"{feed.files} ({feed.name})" for feed in feeds)
    return f"no feed has files of this name: there are {patterns}"


def read_feed(file: Path) -> Feed:
    """Read one feed; its name is the file's.

    Raises:
        ConfigurationError: The file cannot be used.
    """
    name = file.stem
    if not can_be_event_type(name):
        raise ConfigurationError(
            f"{file.name}: a feed's name is the type of its events: it must be like {NAME.pattern}"
        )
    document = Document(file.name, read_yaml(file), _FEED_KEYWORDS)
    columns = tuple(
        _read_column(Document(f"{file.name}: columns", each, _COLUMN_KEYWORDS))
        for each in document.items("columns")
    )
    feed = Feed(
        name=name,
        files=document.text("files", otherwise="a pattern of names, such as orders*.csv"),
        system=_system(document, name),
        key=document.names("key"),
        columns=columns,
        constants=_constants(document),
        encoding=_choice(document, "encoding", UTF_8, ENCODINGS),
        delimiter=_character(document, "delimiter", ","),
        decimal_separator=_character(document, "decimal_separator", "."),
        thousands_separator=_character(document, "thousands_separator", ""),
        has_header=document.flag("header", default=True),
        footer=document.text("footer") if document.has("footer") else "",
        time_zone=_time_zone(document),
    )
    _check_names(document, feed)
    return feed


def _read_column(document: Document) -> Column:
    name = document.text("column")
    if fault := field_name_fault(name):
        document.refuse(f"{name}: {fault}")
    aliases = document.names("aliases") if document.has("aliases") else ()
    type_ = _choice(document, "type", None, TYPES)
    is_past = document.flag("past")
    if is_past and type_ not in ("instant", "day"):
        document.refuse(f"{name}: past is of an instant or a day")
    return Column(
        name=name,
        type=type_,
        aliases=aliases,
        is_optional=document.flag("optional"),
        is_personal=document.flag("personal"),
        means=document.text("means", f"The column {name}."),
        is_past=is_past,
        is_required=document.flag("required"),
    )


def _check_names(document: Document, feed: Feed) -> None:
    names = [column.name for column in feed.columns]
    if missing := [name for name in feed.key if name not in names]:
        document.refuse(f"key has {', '.join(missing)}, which is no column")
    said = [
        name
        for column in feed.columns
        for name in {compared(each) for each in (column.name, *column.aliases)}
    ] + [*feed.constants]
    if twice := sorted({name for name in said if said.count(name) > 1}):
        document.refuse(f"{', '.join(twice)} would be two columns")
    for column in feed.columns:
        if column.name in feed.key and column.is_optional:
            document.refuse(f"{column.name} is of the key, and cannot be optional")
        if column.is_required and column.is_optional:
            document.refuse(f"{column.name} cannot be required and optional")
    if not feed.has_header and any(column.is_optional for column in feed.columns):
        document.refuse("without a header no column can be optional")
    separators = [feed.delimiter, feed.decimal_separator, feed.thousands_separator]
    if feed.decimal_separator == feed.thousands_separator or any(
        separator.isalnum() or separator in "+-" for separator in separators if separator
    ):
        document.refuse(
            "the separators must be other characters than each other, letters, digits and signs"
        )
    if feed.columns[names.index(feed.key[0])].type != "identifier":
        document.refuse(f"{feed.key[0]} is the first of the key: its type has to be identifier")


def _system(document: Document, name: str) -> str:
    system = document.text("system", name)
    if not NAME.fullmatch(system):
        document.refuse(f"system must be text like {NAME.pattern}, not {system!r}")
    return system


def _constants(document: Document) -> Mapping[str, str]:
    constants = document.texts("constants")
    for name in constants:
        if fault := field_name_fault(name):
            document.refuse(f"constants: {name}: {fault}")
    return constants


def _choice(document: Document, keyword: str, default: str | None, choices: tuple[str, ...]) -> str:
    value = document.text(keyword, default)
    if value not in choices:
        document.refuse(f"{keyword} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _character(document: Document, keyword: str, default: str) -> str:
    value: Any = document.given(keyword, default)
    if value != default and (not isinstance(value, str) or len(value) != 1 or value in '"\r\n'):
        document.refuse(f"{keyword} must be one character, in quotes")
    return str(value)


def _time_zone(document: Document) -> str:
    name = document.text("time_zone", "UTC")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        document.refuse(f"time_zone must be an IANA name such as Europe/Berlin, not {name!r}")
    return name
