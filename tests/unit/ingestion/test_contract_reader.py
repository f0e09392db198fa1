"""What is read of a contract, and what is said of one that cannot be used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.column_names import SQL_WORDS
from ingestion.contract_generator.contract import LIST, ContractError, all_fields
from ingestion.contract_generator.contract_reader import (
    read_contracts,
    read_event_types,
    read_types,
)
from ingestion.event_type import EventType
from ingestion.known_types import KNOWN_EVENT_TYPES

TYPES = Path(__file__).parents[3] / "ingestion/contracts/types.json"


def field(type_: str = "identifier", **more: object) -> dict[str, Any]:
    return {"$ref": f"types.json#/$defs/{type_}", "description": "Some field.", **more}


def listing(**more: object) -> dict[str, Any]:
    """A field that is a list of items, with other keywords."""
    return {
        "type": "array",
        "maxItems": 9,
        "items": item(),
        "description": "Some list.",
        **more,
    }


def item(**more: object) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["part_id"],
        "properties": {"part_id": field(), "colour": field("text", enum=["RED"])},
        **more,
    }


def contract() -> dict[str, Any]:
    return {
        "title": "Thing made",
        "description": "A thing was made.",
        "x-kind": "event",
        "x-key": ["thing_id"],
        "x-cadence": "fast",
        "required": ["thing_id"],
        "properties": {"thing_id": field(), "colour": field("text", enum=["RED", "DARK BLUE"])},
        "examples": [{"thing_id": "t1"}, {"thing_id": "t2", "colour": "RED"}],
    }


def write(folder: Path, path: str, content: object) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of contracts with the project's types and one contract."""
    write(tmp_path, "types.json", TYPES.read_text(encoding="utf-8"))
    write(tmp_path, "things/thing_made.json", contract())
    return tmp_path


def test_known_types_say_where_events_go() -> None:
    assert list(KNOWN_EVENT_TYPES) == sorted(KNOWN_EVENT_TYPES)
    created = KNOWN_EVENT_TYPES["order_created"]
    assert created == EventType("order_created", domain="orders")
    assert created.staging_model == "stg_orders__order_created"


def test_a_contract_is_read(folder: Path) -> None:
    [made] = read_contracts(folder)
    assert made.event_type == EventType("thing_made", "things")
    assert (made.title, made.kind, made.cadence) == ("Thing made", "event", "fast")
    assert (made.key, made.entity, made.accepted_model) == (("thing_id",), None, "things_events")
    thing_id, colour = made.fields
    assert (thing_id.name, thing_id.type.name, thing_id.is_required) == (
        *("thing_id", "identifier"),
        True,
    )
    assert (colour.values, colour.is_required, colour.is_personal) == (
        *(("RED", "DARK BLUE"), False),
        False,
    )


def test_a_list_is_read_with_the_fields_of_its_items(folder: Path) -> None:
    content = contract()
    # As a column of staging is called: of an item it is no column.
    parts = item(properties={"part_id": field(), "line": field("integer", **{"x-personal": True})})
    content["properties"]["parts"] = listing(items=parts, examples=[[{"part_id": "p1"}]])
    write(folder, "things/thing_made.json", content)
    [made] = read_contracts(folder)
    parts_read = made.fields[-1]
    assert (parts_read.type, parts_read.type.data_type) == (LIST, "varchar")
    assert (parts_read.is_required, parts_read.is_personal) == (False, True)
    assert parts_read.examples == ([{"part_id": "p1"}],)
    assert parts_read.items is not None
    assert parts_read.items.most == 9
    assert [(each.name, each.type.name, each.is_required) for each in parts_read.items.fields] == [
        ("part_id", "identifier", True),
        ("line", "integer", False),
    ]
    assert [each.name for each in all_fields(made)] == [
        *("thing_id", "colour", "parts", "part_id", "line"),
    ]


def test_a_row_has_tables_of_its_entity(folder: Path) -> None:
    row = contract() | {"x-kind": "row", "x-entity": "things", "x-cadence": "hourly"}
    write(folder, "things/thing_made.json", row)
    [read] = read_contracts(folder)
    assert (read.is_row, read.entity, read.accepted_model) == (True, "things", "things_versions")
    assert (read.source, read.system) == (None, None)


def test_a_key_may_have_further_fields_of_any_type(folder: Path) -> None:
    line = contract() | {key: ["thing_id", "line_number"] for key in ("x-key", "required")}
    line["properties"]["line_number"] = field("integer")
    line["examples"] = [{"thing_id": "t1", "line_number": 1}]
    write(folder, "things/thing_made.json", line)
    [read] = read_contracts(folder)
    assert read.key == ("thing_id", "line_number")


def test_every_type_says_its_column() -> None:
    assert {name: each.data_type for name, each in read_types(TYPES.parent).items()} == {
        "identifier": "varchar",
        "text": "varchar",
        "amount": "decimal(18, 4)",
        "currency": "varchar",
        "instant": "timestamp(6)",
        "boolean": "boolean",
        "integer": "bigint",
        "day": "date",
        "row_text": "varchar",
        "row_integer": "bigint",
        "row_decimal": "decimal(38, 9)",
        "row_double": "double",
        "row_boolean": "boolean",
        "row_instant": "timestamp(6)",
        "row_local_time": "timestamp(6)",
        "row_day": "date",
    }


@pytest.mark.parametrize(
    "name", ["unknown", "true", "arrivals", "Order", "9lives", "a-b", "a.b", "x" * 65]
)
def test_file_name_that_is_no_event_type_is_refused(name: str, folder: Path) -> None:
    write(folder, f"things/{name}.json", contract())
    with pytest.raises(ContractError, match="must be an event type"):
        read_event_types(folder)


def test_folder_name_that_is_no_domain_is_refused(folder: Path) -> None:
    write(folder, "Some-Things/thing_sold.json", contract())
    with pytest.raises(ContractError, match="must be a domain"):
        read_event_types(folder)


def test_one_event_type_in_two_domains_is_refused(folder: Path) -> None:
    write(folder, "others/thing_made.json", contract())
    with pytest.raises(ContractError, match="others and things"):
        read_event_types(folder)


def without(keyword: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.pop(keyword)


def saying(**keywords: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.update(
        {name.replace("_", "-", 1) if name[:2] == "x_" else name: v for name, v in keywords.items()}
    )


def with_field(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content["properties"].update({name: value})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("title"), "title must be text"),
        (without("description"), "description must be text"),
        (saying(title=" "), "title must be text"),
        (saying(description="{{ env_var('HOME') }}"), "must not hold Jinja"),
        (saying(additionalProperties=False), "additionalProperties cannot be said here"),
        (without("x-kind"), "x-kind must be event or row, not None"),
        (saying(x_kind="fact"), "x-kind must be event or row, not 'fact'"),
        (saying(x_cadence="daily"), "x-cadence must be fast or hourly"),
        (saying(x_kind="row"), "x-entity must be text"),
        (saying(x_kind="row", x_entity="no name"), "x-entity must be text like"),
        (saying(x_entity="things"), "x-entity is of rows alone"),
        (saying(x_system="shop"), "x-system is of rows alone"),
        (saying(x_kind="row", x_entity="things", x_system="shop"), "x-system is of a source's"),
        (
            saying(x_kind="row", x_entity="things", x_source="tills", x_system="The Shop"),
            "x-system must be text like",
        ),
        (without("x-key"), "x-key must be a list of names, at least one"),
        (saying(x_key=[]), "x-key must be a list of names, at least one"),
        (saying(x_key=["colour"]), "x-key has colour, and may have thing_id"),
        (saying(x_key=["thing_id", "thing_id"]), "x-key has a name twice"),
        (
            lambda content: content["properties"].update({"thing_id": field("integer")}),
            "x-key begins with thing_id, which is of type integer: let it begin with an identifier",
        ),
        (saying(required=["size"]), "required has size, and may have thing_id, colour"),
        (saying(properties={}), "properties must be an object that is not empty"),
        (without("examples"), "examples must be a list of at least one"),
        (saying(examples=[]), "examples must be a list of at least one"),
        (saying(examples=[5]), "an example must be an object"),
        (saying(examples=[{"thing_id": "t1", "size": 5}]), "has size, which is no field"),
        (saying(examples=[{"colour": "RED"}]), "lacks thing_id, which is required"),
        (with_field("Size", field()), "Size: a field's name must be like"),
        (with_field("_size", field()), "_size: a field's name must be like"),
        (with_field("x" * 64, field()), "a field's name must be like"),
        (with_field("size'", field()), "a field's name must be like"),
        (with_field("event_at", field()), "event_at: staging has a column of this name"),
        (with_field("line", field()), "line: staging has a column of this name"),
        (with_field("sequence", field()), "sequence: staging has a column of this name"),
        (with_field("thing_id_json", field()), "staging has a column of this name"),
        (with_field("order", field()), "order: this is a word of SQL"),
        (with_field("size", 5), "size: it must be a JSON object"),
        (with_field("size", {"description": "A size."}), "size: $ref must be text"),
        (with_field("size", field("number")), "one of identifier, text, amount"),
        (with_field("size", {"$ref": "#/$defs/text", "description": "A"}), "$ref must be types.js"),
        (with_field("size", field(description="")), "size: description must be text"),
        (with_field("size", field(minLength=5)), "size: minLength cannot be said here"),
        (with_field("size", field("integer", enum=[1])), "size: enum must be different texts"),
        (with_field("size", field("text", enum=[])), "size: enum must be different texts"),
        (with_field("size", field("text", enum=["A", "A"])), "size: enum must be different texts"),
        (with_field("size", field("text", enum=["it's"])), "size: enum must be different texts"),
        (with_field("size", field("text", enum=[5])), "size: enum must be different texts"),
        (with_field("size", field() | {"x-personal": False}), "size: x-personal must be true"),
        (with_field("size", field() | {"x-past": True}), "size: x-past is of an instant or a day"),
        (with_field("size", field("day") | {"x-past": False}), "size: x-past must be true"),
        (
            with_field(
                "parts",
                listing(items=item(properties={"part_id": field("day") | {"x-past": True}})),
            ),
            "x-past is of a field of the event",
        ),
        (with_field("size", field(examples="S")), "size: examples must be a list"),
        (with_field("order", listing()), "order: this is a word of SQL"),
        (with_field("parts", listing(type="object")), "parts: type must be array, for a list"),
        (with_field("parts", field() | {"type": "string"}), "parts: $ref cannot be said here"),
        (with_field("parts", listing(minItems=1)), "parts: minItems cannot be said here"),
        (with_field("parts", listing(description="")), "parts: description must be text"),
        (with_field("parts", listing(examples=5)), "parts: examples must be a list"),
        (with_field("parts", listing(maxItems=None)), "maxItems must be a whole number from 1 to"),
        (with_field("parts", listing(maxItems=0)), "maxItems must be a whole number from 1 to"),
        (with_field("parts", listing(maxItems=1001)), "maxItems must be a whole number from 1 to"),
        (with_field("parts", listing(maxItems=True)), "maxItems must be a whole number from 1 to"),
        (with_field("parts", listing(maxItems=2.0)), "maxItems must be a whole number from 1 to"),
        (with_field("parts", listing(items=None)), "parts: items: it must be a JSON object"),
        (with_field("parts", listing(items=field())), "parts: items: $ref, description cannot be"),
        (with_field("parts", listing(items=item(type="array"))), "items: type must be object"),
        (with_field("parts", listing(items=item(properties={}))), "items: properties must be an"),
        (with_field("parts", listing(items=item(required=[]))), "items: required must be a list"),
        (with_field("parts", listing(items=item(required=["size"]))), "items: required has size"),
        (
            with_field("parts", listing(items=item(properties={"Id": field()}, required=["Id"]))),
            "like",
        ),
        (
            with_field("parts", listing(items=item(properties={"part_id": listing()}))),
            "parts: items: part_id: an item's field must be of a type of types.json: no list",
        ),
        (
            with_field("parts", listing(items=item(properties={"part_id": field("number")}))),
            "parts: items: part_id: $ref must be types.json",
        ),
        (
            with_field(
                "parts", listing(items=item(properties={"part_id": field(), "or": field()}))
            ),
            "parts: items: or: this is a word of SQL",
        ),
        (
            with_field(
                "parts",
                listing(
                    items=item(
                        properties={f"part_{n}": field() for n in range(21)}, required=["part_0"]
                    )
                ),
            ),
            "parts: items: an item can have 20 properties, not 21",
        ),
        (
            lambda content: content.update(
                {"x-key": ["thing_id", "parts"], "required": ["thing_id", "parts"]}
                | {"properties": content["properties"] | {"parts": listing()}}
            ),
            "x-key has parts, which is a list and names nothing",
        ),
    ],
)
def test_a_contract_that_cannot_be_used_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    content = contract()
    change(content)
    write(folder, "things/thing_made.json", content)
    with pytest.raises(ContractError) as refused:
        read_contracts(folder)
    assert str(refused.value).startswith("things/thing_made.json")
    assert told in str(refused.value)


@pytest.mark.parametrize("text", ["{", "", "[]", "5"])
def test_a_file_that_holds_no_json_object_is_refused(folder: Path, text: str) -> None:
    write(folder, "things/thing_made.json", text)
    with pytest.raises(ContractError, match=r"things/thing_made\.json"):
        read_contracts(folder)


def test_a_folder_without_its_types_is_refused(folder: Path) -> None:
    (folder / "types.json").unlink()
    with pytest.raises(ContractError, match=r"types\.json is missing"):
        read_contracts(folder)


def test_one_field_with_two_column_types_in_a_domain_is_refused(folder: Path) -> None:
    sold = contract()
    sold["properties"]["colour"] = field("integer")
    sold["examples"] = [{"thing_id": "t1", "colour": 5}]
    write(folder, "things/thing_sold.json", sold)
    with pytest.raises(ContractError, match=r"colour is a bigint, and in things/thing_made\.json"):
        read_contracts(folder)


def test_one_field_with_two_column_types_in_two_domains_is_taken(folder: Path) -> None:
    sold = contract()
    sold["properties"]["colour"] = field("integer")
    sold["examples"] = [{"thing_id": "t1", "colour": 5}]
    write(folder, "sales/thing_sold.json", sold)
    assert len(read_contracts(folder)) == 2


def test_one_field_that_is_a_list_and_a_text_in_a_domain_is_refused(folder: Path) -> None:
    sold = contract()
    sold["properties"]["colour"] = listing()
    sold["examples"] = [{"thing_id": "t1"}]
    write(folder, "things/thing_sold.json", sold)
    with pytest.raises(
        ContractError, match=r"colour is a list, and in things/thing_made\.json a v"
    ):
        read_contracts(folder)


def test_no_type_can_be_called_list(folder: Path) -> None:
    types = json.loads(TYPES.read_text(encoding="utf-8"))
    types["$defs"]["list"] = types["$defs"]["text"]
    write(folder, "types.json", types)
    with pytest.raises(ContractError, match=r"types\.json: no type can be called list"):
        read_types(folder)


def test_a_sources_ids_are_its_own_unless_it_says_whose(folder: Path) -> None:
    row = contract() | {"x-kind": "row", "x-entity": "things", "x-source": "tills"}
    for said, system in (({}, "tills"), ({"x-system": "shop"}, "shop")):
        write(folder, "things/thing_made.json", row | said)
        [read] = read_contracts(folder)
        assert (read.source, read.system) == ("tills", system)


def test_one_entity_of_two_contracts_is_refused(folder: Path) -> None:
    row = contract() | {"x-kind": "row", "x-entity": "things"}
    write(folder, "things/thing_made.json", row)
    write(folder, "things/thing_sold.json", row)
    with pytest.raises(ContractError, match="each needs its own"):
        read_contracts(folder)


def test_duckdbs_reserved_words_are_all_refused() -> None:
    words = duckdb.sql(
        "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    ).fetchall()
    assert words
    assert {word for (word,) in words} <= SQL_WORDS
