"""The contracts, read and checked."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Any, Final, NoReturn

from ingestion.column_names import column_name_fault, field_name_fault
from ingestion.contract_generator.contract import (
    LIST,
    Contract,
    ContractError,
    Field,
    FieldType,
    Items,
)
from ingestion.event_type import NAME, RESERVED, EventType, can_be_event_type

TYPES_FILE: Final = "types.json"
REFERENCE: Final = f"{TYPES_FILE}#/$defs/"
"""What stands before a type's name in the `$ref` of a field."""

# A value of an enum is spliced into SQL and into Markdown.
_ENUM_VALUE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
# dbt renders a description as Jinja.
_JINJA: Final = re.compile(r"{[{%#]")

_CONTRACT_KEYWORDS: Final = frozenset(
    {
        *("title", "description", "required", "properties", "examples"),
        *("x-kind", "x-key", "x-cadence", "x-entity", "x-source", "x-system"),
    }
)
_FIELD_KEYWORDS: Final = frozenset(
    {"$ref", "description", "examples", "enum", "x-personal", "x-past"}
)
_LIST_KEYWORDS: Final = frozenset({"type", "maxItems", "items", "description", "examples"})
_ITEM_KEYWORDS: Final = frozenset({"type", "required", "properties"})
MOST_ITEMS: Final = 1000
"""The most items that a contract can allow: what macros/cross_db/json_items.sql reads of a list."""

_MOST_ITEM_FIELDS: Final = 20
# What models of staging are called that are of no event type.
_OTHER_STAGING: Final = frozenset({"arrivals", "landed", "unrecognised"})
_KINDS: Final = ("event", "row")
_CADENCES: Final = ("fast", "hourly")


def read_contracts(folder: Traversable) -> tuple[Contract, ...]:
    """Read a folder of contracts and its types.json, sorted by event type.

    Raises:
        ContractError: A file cannot be used, or two contradict each other.
    """
    event_types = read_event_types(folder)
    types = read_types(folder)
    contracts = tuple(
        _read_contract(folder / known.domain / f"{known.name}.json", known, types)
        for known in event_types.values()
    )
    _check_column_types(contracts)
    _check_entities(contracts)
    return contracts


def read_event_types(folder: Traversable) -> Mapping[str, EventType]:
    """Read the event types that a folder of contracts declares, sorted by name.

    Raises:
        ContractError: A file's or a folder's name cannot be used, or two contracts are of one type.
    """
    event_types: dict[str, EventType] = {}
    for subfolder in folder.iterdir():
        if not subfolder.is_dir():
            continue
        domain = subfolder.name
        if not NAME.fullmatch(domain):
            raise ContractError(f"{domain}/: the folder's name must be a domain, {NAME.pattern}")
        for file in subfolder.iterdir():
            if not file.name.endswith(".json"):
                continue
            name = file.name.removesuffix(".json")
            if not can_be_event_type(name) or name in _OTHER_STAGING:
                reserved = ", ".join(sorted(RESERVED | _OTHER_STAGING))
                raise ContractError(
                    f"{domain}/{file.name}: the file's name must be an event type, "
                    f"{NAME.pattern}.json, and none of {reserved}"
                )
            if name in event_types:
                domains = " and ".join(sorted([domain, event_types[name].domain]))
                raise ContractError(f"{name}.json is in {domains}: delete one of the two")
            event_types[name] = EventType(name, domain)
    return dict(sorted(event_types.items()))


def read_types(folder: Traversable) -> dict[str, FieldType]:
    """Read the types that fields share, by name, in the order of the file.

    Raises:
        ContractError: types.json cannot be used.
    """
    document = _Document(TYPES_FILE, _read_json(folder / TYPES_FILE, TYPES_FILE))
    types = {}
    for name, schema in document.mapping("$defs").items():
        definition = _Document(f"{TYPES_FILE}: {name}", schema)
        description = definition.text("description")
        published = {
            keyword: value
            for keyword, value in definition.content.items()
            if keyword not in ("x-column", "$comment")
        }
        types[name] = FieldType(name, description, published, definition.text("x-column"))
    if LIST.name in types:
        document.refuse(
            f"no type can be called {LIST.name}: a contract says of a list what it holds"
        )
    return types


def _read_contract(
    file: Traversable, event_type: EventType, types: Mapping[str, FieldType]
) -> Contract:
    path = f"{event_type.domain}/{event_type.name}.json"
    document = _Document(path, _read_json(file, path))
    document.allow_only(_CONTRACT_KEYWORDS)
    properties = document.mapping("properties")
    required = document.names("required", properties)
    key = document.names("x-key", required)
    kind = document.choice("x-kind", _KINDS)
    entity = source = system = None
    if kind == "row":
        entity = document.word("x-entity")
        if "x-source" in document.content:
            source = document.word("x-source")
            system = document.word("x-system", source)
        elif "x-system" in document.content:
            document.refuse("x-system is of a source's rows: say x-source, or leave it out")
    elif only_of_rows := sorted({"x-entity", "x-source", "x-system"} & document.content.keys()):
        document.refuse(
            f"{', '.join(only_of_rows)} is of rows alone: leave it out, or say x-kind row"
        )
    fields = tuple(
        _read_field(_Document(f"{path}: {name}", value), name, types, name in required)
        for name, value in properties.items()
    )
    _check_key(document, key, fields)
    if kind != "row" and (tables := [field.name for field in fields if field.type.is_of_a_table]):
        document.refuse(f"{', '.join(tables)}: a type row_… is of a database's table, x-kind row")
    return Contract(
        event_type=event_type,
        title=document.text("title"),
        description=document.text("description"),
        kind=kind,
        key=key,
        cadence=document.choice("x-cadence", _CADENCES),
        entity=entity,
        source=source,
        system=system,
        fields=fields,
        examples=_read_examples(document, properties, required),
    )


def _read_field(
    document: "_Document", name: str, types: Mapping[str, FieldType], is_required: bool
) -> Field:
    if fault := field_name_fault(name):
        document.refuse(fault)
    if "type" in document.content:
        return _read_list(document, name, types, is_required)
    return _read_scalar(document, name, types, is_required)


def _read_list(
    document: "_Document", name: str, types: Mapping[str, FieldType], is_required: bool
) -> Field:
    document.allow_only(_LIST_KEYWORDS)
    if document.content["type"] != "array":
        document.refuse("type must be array, for a list of items; of anything else say the $ref")
    most = document.content.get("maxItems")
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= MOST_ITEMS:
        document.refuse(f"maxItems must be a whole number from 1 to {MOST_ITEMS}")
    item = _Document(f"{document.path}: items", document.content.get("items"))
    item.allow_only(_ITEM_KEYWORDS)
    item.choice("type", ("object",))
    properties = item.mapping("properties")
    required = item.names("required", properties)
    if len(properties) > _MOST_ITEM_FIELDS:
        item.refuse(f"an item can have {_MOST_ITEM_FIELDS} properties, not {len(properties)}")
    fields = tuple(
        _read_item_field(_Document(f"{item.path}: {each}", value), each, types, each in required)
        for each, value in properties.items()
    )
    return Field(
        name=name,
        type=LIST,
        description=document.text("description"),
        is_required=is_required,
        is_personal=any(field.is_personal for field in fields),
        is_past=False,
        values=None,
        examples=tuple(document.examples()),
        items=Items(most, fields),
    )


def _read_item_field(
    document: "_Document", name: str, types: Mapping[str, FieldType], is_required: bool
) -> Field:
    if fault := column_name_fault(name):
        document.refuse(fault)
    if "type" in document.content:
        document.refuse("an item's field must be of a type of types.json: no list, no object")
    field = _read_scalar(document, name, types, is_required)
    if field.type.is_of_a_table:
        document.refuse(f"{field.type.name} is of a database's table, which has no lists")
    if field.is_past:
        document.refuse("x-past is of a field of the event: an item's is not judged by the clock")
    return field


def _read_scalar(
    document: "_Document", name: str, types: Mapping[str, FieldType], is_required: bool
) -> Field:
    document.allow_only(_FIELD_KEYWORDS)
    reference = document.text("$ref")
    type_name = reference.removeprefix(REFERENCE)
    if not reference.startswith(REFERENCE) or type_name not in types:
        document.refuse(f"$ref must be {REFERENCE} and one of {', '.join(types)}")
    values = document.content.get("enum")
    if values is not None and (
        type_name != "text"
        or not isinstance(values, list)
        or not values
        or not all(isinstance(value, str) and _ENUM_VALUE.fullmatch(value) for value in values)
        or len(set(values)) < len(values)
    ):
        document.refuse(f"enum must be different texts like {_ENUM_VALUE.pattern}, of type text")
    for keyword in ("x-personal", "x-past"):
        if document.content.get(keyword, True) is not True:
            document.refuse(f"{keyword} must be true, or left out")
    if "x-past" in document.content and type_name not in ("instant", "day"):
        document.refuse("x-past is of an instant or a day")
    return Field(
        name=name,
        type=types[type_name],
        description=document.text("description"),
        is_required=is_required,
        is_personal="x-personal" in document.content,
        is_past="x-past" in document.content,
        values=None if values is None else tuple(values),
        examples=tuple(document.examples()),
    )


def _check_key(document: "_Document", key: Sequence[str], fields: Iterable[Field]) -> None:
    """Refuse a key whose first field is no identifier: what is rebuilt is found by it, as text."""
    [first] = (field for field in fields if field.name == key[0])
    if first.type.name != "identifier":
        document.refuse(
            f"x-key begins with {first.name}, which is of type {first.type.name}: let it begin "
            "with an identifier"
        )
    if lists := [field.name for field in fields if field.name in key and field.items]:
        document.refuse(f"x-key has {', '.join(lists)}, which is a list and names nothing")


def _read_examples(
    document: "_Document", properties: Mapping[str, Any], required: Sequence[str]
) -> tuple[Mapping[str, Any], ...]:
    examples = document.content.get("examples")
    if not isinstance(examples, list) or not examples:
        document.refuse("examples must be a list of at least one event's business fields")
    for example in examples:
        if not isinstance(example, dict):
            document.refuse("an example must be an object of business fields")
        if unknown := sorted(example.keys() - properties.keys()):
            document.refuse(f"an example has {', '.join(unknown)}, which is no field")
        if missing := sorted(set(required) - example.keys()):
            document.refuse(f"an example lacks {', '.join(missing)}, which is required")
    return tuple(examples)


def _check_column_types(contracts: Iterable[Contract]) -> None:
    """Refuse one field name with two types in a silver table, which has one column for both."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for contract in contracts:
        name, domain = contract.event_type.name, contract.event_type.domain
        table = contract.accepted_model
        for field in contract.fields:
            column = LIST.name if field.items else field.type.data_type
            first, other = seen.setdefault((table, field.name), (name, column))
            if other != column:
                raise ContractError(
                    f"{domain}/{name}.json: {field.name} is a {column}, and in "
                    f"{domain}/{first}.json a {other}: in {table} it must be the same"
                )


def _check_entities(contracts: Iterable[Contract]) -> None:
    seen: dict[str, str] = {}
    for contract in contracts:
        name = contract.event_type.name
        if contract.entity and seen.setdefault(contract.entity, name) != name:
            raise ContractError(
                f"{name}.json: {seen[contract.entity]}.json has the x-entity "
                f"{contract.entity} already: each needs its own"
            )


def _read_json(file: Traversable, path: str) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ContractError(f"{path} is missing") from error
    except ValueError as error:
        raise ContractError(f"{path} is not JSON: {error}") from error


class _Document:
    """A JSON object of a contract, whose members are checked as they are read."""

    def __init__(self, path: str, content: Any) -> None:
        self.path = path
        if not isinstance(content, dict):
            self.refuse("it must be a JSON object")
        self.content: dict[str, Any] = content

    def refuse(self, what: str) -> NoReturn:
        raise ContractError(f"{self.path}: {what}")

    def allow_only(self, keywords: frozenset[str]) -> None:
        if unknown := sorted(self.content.keys() - keywords):
            allowed = ", ".join(sorted(keywords))
            self.refuse(f"{', '.join(unknown)} cannot be said here, only {allowed}")

    def text(self, keyword: str) -> str:
        """A text that is there, and no Jinja: dbt would render it."""
        value = self.content.get(keyword)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{keyword} must be text")
        if _JINJA.search(value):
            self.refuse(f"{keyword} must not hold Jinja: {value}")
        return value

    def word(self, keyword: str, default: str | None = None) -> str:
        """A text that can be a name."""
        value = self.content.get(keyword, default)
        if not isinstance(value, str) or not NAME.fullmatch(value):
            self.refuse(f"{keyword} must be text like {NAME.pattern}, not {value!r}")
        return value

    def choice(self, keyword: str, choices: Sequence[str]) -> str:
        value = self.content.get(keyword)
        if value not in choices:
            self.refuse(f"{keyword} must be {' or '.join(choices)}, not {value!r}")
        return str(value)

    def examples(self) -> list[Any]:
        """The examples of a field's values, if there are any."""
        value = self.content.get("examples", [])
        if not isinstance(value, list):
            self.refuse("examples must be a list")
        return value

    def mapping(self, keyword: str) -> dict[str, Any]:
        value = self.content.get(keyword)
        if not isinstance(value, dict) or not value:
            self.refuse(f"{keyword} must be an object that is not empty")
        return value

    def names(self, keyword: str, known: Collection[str]) -> tuple[str, ...]:
        """A list of different names out of `known`, at least one."""
        value = self.content.get(keyword)
        if not isinstance(value, list) or not value or not all(isinstance(n, str) for n in value):
            self.refuse(f"{keyword} must be a list of names, at least one")
        if len(set(value)) < len(value):
            self.refuse(f"{keyword} has a name twice: {', '.join(value)}")
        if unknown := [name for name in value if name not in known]:
            self.refuse(f"{keyword} has {', '.join(unknown)}, and may have {', '.join(known)}")
        return tuple(value)
