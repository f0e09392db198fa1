"""What was promised at the last release: recorded, and no change of the contracts may break it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.contract_generator.__main__ import main
from ingestion.contract_generator.contract_reader import read_contracts, read_types
from ingestion.contract_generator.released import (
    FILE,
    PromisedContract,
    PromisedField,
    PromisedType,
    Promises,
    breaks,
    promises,
    read_released,
    released_json,
)

PROJECT = Path(__file__).parents[3]
CHANGED = "things/thing_changed.json"
HAPPENED = "things/thing_happened.json"

Change = Callable[[dict[str, Any]], object]


def change(project: Path, path: str, how: Change) -> None:
    """Change a file of the contracts, and write what follows from it."""
    file = project / "ingestion/contracts" / path
    content = json.loads(file.read_text())
    how(content)
    file.write_text(json.dumps(content))
    assert main([], project) == 0


def setting(keyword: str, value: object) -> Change:
    return lambda content: content.update({keyword: value})


def setting_of(field: str, keyword: str, value: object) -> Change:
    return lambda content: content["properties"][field].update({keyword: value})


def adding(field: str, *, required: bool) -> Change:
    def add(content: dict[str, Any]) -> None:
        content["properties"][field] = {
            "$ref": "types.json#/$defs/text",
            "description": "Something new.",
        }
        if required:
            content["required"].append(field)
            content["examples"][0][field] = "new"

    return add


def removing(field: str) -> Change:
    return lambda content: content["properties"].pop(field)


def requiring(field: str, value: object) -> Change:
    def require(content: dict[str, Any]) -> None:
        content["required"].append(field)
        content["examples"][0][field] = value

    return require


def of_items(field: str, how: Change) -> Change:
    """A change of what the items of a list are."""
    return lambda content: how(content["properties"][field]["items"])


def adding_a_list(content: dict[str, Any]) -> None:
    content["properties"]["more_parts"] = content["properties"]["maybe_parts"]


def adding_to_items(name: str, *, required: bool) -> Change:
    def add(items: dict[str, Any]) -> None:
        items["properties"][name] = {"$ref": "types.json#/$defs/text", "description": "New."}
        if required:
            items["required"].append(name)

    return of_items("maybe_parts", add)


def of_type(name: str, keyword: str, value: object) -> Change:
    return lambda content: content["$defs"][name].update({keyword: value})


def test_what_is_recorded_in_the_repository_is_kept() -> None:
    folder = PROJECT / "ingestion/contracts"
    recorded = read_released(PROJECT / FILE)
    assert recorded.contracts
    assert list(breaks(recorded, promises(read_contracts(folder), read_types(folder)))) == []
    assert (PROJECT / FILE).read_text() == released_json(recorded)


def test_where_it_lies_nobody_takes_it_for_a_contract() -> None:
    assert not (PROJECT / FILE).is_relative_to(PROJECT / "ingestion/contracts")


@pytest.mark.parametrize(
    ("path", "how"),
    [
        (CHANGED, adding("weight", required=False)),
        (CHANGED, lambda content: content["required"].remove("remark")),
        (CHANGED, setting_of("colour", "enum", ["RED", "DARK BLUE", "GREEN"])),
        (CHANGED, lambda content: content["properties"]["colour"].pop("enum")),
        (CHANGED, setting_of("remark", "description", "Said in other words.")),
        (CHANGED, setting_of("remark", "x-personal", True)),
        (CHANGED, adding_a_list),
        (CHANGED, adding_to_items("weight", required=False)),
        (CHANGED, of_items("parts", lambda items: items["required"].remove("remark"))),
        (CHANGED, setting_of("maybe_parts", "maxItems", 3)),
        (CHANGED, setting("x-cadence", "hourly")),
        (CHANGED, setting("title", "Another title")),
        ("types.json", of_type("text", "description", "Said in other words.")),
        ("types.json", of_type("text", "$comment", "Because.")),
    ],
)
def test_a_change_that_breaks_nothing_passes(project: Path, path: str, how: Change) -> None:
    change(project, path, how)
    assert main(["--check"], project) == 0


def test_a_new_type_breaks_nothing(project: Path) -> None:
    happened = project / "ingestion/contracts" / HAPPENED
    shutil.copy(happened, happened.with_name("thing_sold.json"))
    assert main([], project) == 0
    assert main(["--check"], project) == 0


@pytest.mark.parametrize(
    ("path", "how", "told"),
    [
        (
            HAPPENED,
            lambda content: content.update({"x-kind": "row", "x-entity": "happenings"}),
            "x-kind was event and is row: leave it, or add an event type of another name.",
        ),
        (CHANGED, setting("x-entity", "items"), "x-entity was things and is items: leave it"),
        (
            CHANGED,
            setting("x-key", ["thing_id"]),
            "x-key was thing_id, made_on and is thing_id: leave it",
        ),
        (CHANGED, removing("maybe_remark"), "maybe_remark is gone, and what is sent in it"),
        (
            HAPPENED,
            setting_of("maybe_remark", "$ref", "types.json#/$defs/identifier"),
            "maybe_remark was of the type text and is of identifier: leave it",
        ),
        (
            HAPPENED,
            requiring("maybe_remark", "a remark"),
            "maybe_remark is required, and events that lack it were accepted",
        ),
        (HAPPENED, adding("weight", required=True), "weight is new and required, and events"),
        (
            HAPPENED,
            setting_of("seen_at", "x-past", True),
            "seen_at has x-past, and what had not come yet was accepted",
        ),
        (
            HAPPENED,
            setting_of("maybe_colour", "enum", ["RED"]),
            "maybe_colour cannot be DARK BLUE any more",
        ),
        (
            HAPPENED,
            setting_of("maybe_remark", "enum", ["GOOD", "BAD"]),
            "maybe_remark could be any text, and has an enum now",
        ),
        (
            CHANGED,
            adding_to_items("weight", required=True),
            "maybe_parts.weight is new and required, and items that lack it were accepted",
        ),
        (
            CHANGED,
            of_items("maybe_parts", lambda items: items["properties"].pop("maybe_price")),
            "maybe_parts.maybe_price is gone, and what is sent in it would be lost",
        ),
        (
            CHANGED,
            of_items("maybe_parts", lambda items: items["required"].append("maybe_price")),
            "maybe_parts.maybe_price is required, and items that lack it were accepted",
        ),
        (
            CHANGED,
            of_items("maybe_parts", setting_of("maybe_price", "$ref", "types.json#/$defs/text")),
            "maybe_parts.maybe_price was of the type amount and is of text: leave it",
        ),
        (
            CHANGED,
            of_items("parts", setting_of("maybe_colour", "enum", ["RED"])),
            "parts.maybe_colour cannot be DARK BLUE any more",
        ),
        (
            CHANGED,
            setting_of("maybe_parts", "maxItems", 1),
            "maybe_parts could have 2 items, and can have 1: put that back",
        ),
    ],
)
def test_a_change_that_breaks_a_promise_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], path: str, how: Change, told: str
) -> None:
    change(project, path, how)
    assert main(["--check"], project) == 1
    first, *others = capsys.readouterr().err.splitlines()
    assert first.startswith(f"ingestion/contracts/{path}: {told}")
    assert len(others) == 1
    assert "say so in CHANGELOG.md and run `make release-contracts`" in others[0]

    assert main(["--release"], project) == 0
    assert main(["--check"], project) == 0


# Ids of events in the published examples, which the contracts must go on to accept.
EXAMPLE_IDS = ["thing_changed-1", "thing_changed-2", "thing_happened-1", "thing_happened-2"]


@pytest.mark.parametrize(
    "how",
    [
        of_type("identifier", "maxLength", 255),
        of_type("identifier", "pattern", "^[a-z0-9_-]+$"),
        of_type("identifier", "enum", ["t1", "p1", *EXAMPLE_IDS]),
        of_type("identifier", "x-column", "varchar(256)"),
    ],
)
def test_a_shared_type_that_changes_is_refused_with_the_fields_of_it(
    project: Path, capsys: pytest.CaptureFixture[str], how: Change
) -> None:
    change(project, "types.json", how)
    assert main(["--check"], project) == 1
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.startswith(
        "ingestion/contracts/types.json: identifier is another than it was, and "
        "thing_changed.thing_id, thing_changed.place_id, "
    )


def test_a_type_that_is_gone_or_moved_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contracts = project / "ingestion/contracts"
    (contracts / "sales").mkdir()
    (contracts / CHANGED).rename(contracts / "sales/thing_changed.json")
    (contracts / HAPPENED).unlink()
    assert main([], project) == 0
    assert main(["--check"], project) == 1
    moved, gone, _ = capsys.readouterr().err.splitlines()
    assert moved.startswith(f"ingestion/contracts/{CHANGED}: its domain was things and is sales")
    assert gone.startswith(f"ingestion/contracts/{HAPPENED} is gone")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "it is missing"),
        ("", "it is not as it was written"),
        ("<<<<<<< HEAD", "it is not as it was written"),
        ('{"comment": "", "contracts": {"thing_changed": {}}, "types": {}}', "not as it was"),
    ],
)
def test_a_record_that_cannot_be_read_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], text: str | None, told: str
) -> None:
    if text is None:
        (project / FILE).unlink()
    else:
        (project / FILE).write_text(text)
    assert main(["--check"], project) == 1
    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"{FILE}: ")
    assert told in sentence


def test_what_is_stale_and_what_is_broken_are_told_together(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "ingestion/contracts" / HAPPENED).unlink()
    assert main(["--check"], project) == 1
    told = capsys.readouterr().err
    assert "is stale" in told
    assert f"{HAPPENED} is gone" in told


# Any contracts, and any changes of them.

_TYPES: Final = {
    name: PromisedType(column, {"type": "string"})
    for name, column in (("identifier", "varchar"), ("text", "varchar"), ("day", "date"))
}
_NAMES: Final = st.sampled_from([f"name_{number}" for number in range(6)])
_MOST: Final = st.integers(2, 9)
_VALUES: Final = st.lists(st.sampled_from("ABCDEF"), min_size=1, unique=True).map(tuple)


@st.composite
def _fields(draw: st.DrawFn, *, may_be_list: bool = True) -> PromisedField:
    if may_be_list and draw(st.integers(0, 3)) == 0:
        items = st.dictionaries(_NAMES, _fields(may_be_list=False), min_size=1, max_size=3)
        return PromisedField("list", draw(st.booleans()), None, draw(_MOST), draw(items))
    name = draw(st.sampled_from(sorted(_TYPES)))
    values = draw(st.none() | _VALUES) if name == "text" else None
    return PromisedField(name, draw(st.booleans()), values)


_CONTRACTS: Final = st.builds(
    PromisedContract,
    domain=st.sampled_from(["orders", "carts"]),
    kind=st.just("event"),
    entity=st.none(),
    key=st.just(("thing_id",)),
    fields=st.dictionaries(_NAMES, _fields(), max_size=4).map(
        lambda fields: {"thing_id": PromisedField("identifier", True, None), **fields}
    ),
)
_PROMISES: Final = st.builds(
    Promises,
    comment=st.just(""),
    contracts=st.dictionaries(_NAMES, _CONTRACTS, min_size=2, max_size=4),
    types=st.just(_TYPES),
)


def _with(promised: Promises, contract: str, **changes: Any) -> Promises:
    new = msgspec.structs.replace(promised.contracts[contract], **changes)
    return msgspec.structs.replace(promised, contracts={**promised.contracts, contract: new})


def _with_field(promised: Promises, contract: str, name: str, field: PromisedField) -> Promises:
    fields = promised.contracts[contract].fields | {name: field}
    return _with(promised, contract, fields=fields)


@st.composite
def _kept(draw: st.DrawFn, promised: Promises, broken: str = "") -> Promises:
    """One change of the kinds that break nothing, of another contract than `broken`."""
    contract = draw(st.sampled_from(sorted(promised.contracts.keys() - {broken})))
    fields = promised.contracts[contract].fields
    name = draw(st.sampled_from(sorted(fields)))
    ways = ["type", "field", "optional", "values", "any text", "new text", "items"]
    match draw(st.sampled_from(ways)):
        case "type":
            new = {f"new_{contract}": draw(_CONTRACTS)}
            return msgspec.structs.replace(promised, contracts=new | promised.contracts)
        case "field":
            field = msgspec.structs.replace(draw(_fields()), required=False)
            return _with(promised, contract, fields={"new_field": field} | fields)
        case "optional":
            changes: dict[str, Any] = {"required": False}
        case "values" if fields[name].values is not None:
            changes = {"values": (*draw(_VALUES), *(fields[name].values or ()))}
        case "any text":
            changes = {"values": None}
        case "items" if fields[name].items is not None:
            new_field = msgspec.structs.replace(draw(_fields(may_be_list=False)), required=False)
            changes = {"items": {"new_field": new_field} | (fields[name].items or {})}
            changes |= {"most": (fields[name].most or 0) + draw(_MOST)}
        case _:
            types = promised.types | {"new_type": PromisedType("bigint", {"type": "number"})}
            return msgspec.structs.replace(promised, types=types)
    return _with_field(promised, contract, name, msgspec.structs.replace(fields[name], **changes))


@st.composite
def _broken(draw: st.DrawFn, promised: Promises, contract: str) -> Promises:
    """One change of a contract of the kinds that break something."""
    fields = promised.contracts[contract].fields
    name = draw(st.sampled_from(sorted(fields)))
    field = fields[name]
    ways = ["gone", "domain", "kind", "entity", "key", "field gone", "field type", "new required"]
    ways += ["required"] if not field.required else []
    ways += ["fewer values"] if field.values else ["limited"] if field.type == "text" else []
    ways += ["fewer items", "item field gone", "new required in items"] if field.items else []
    match draw(st.sampled_from(ways)):
        case "gone":
            left = {each: it for each, it in promised.contracts.items() if each != contract}
            return msgspec.structs.replace(promised, contracts=left)
        case "domain":
            return _with(promised, contract, domain="elsewhere")
        case "kind":
            return _with(promised, contract, kind="row")
        case "entity":
            return _with(promised, contract, entity="things")
        case "key":
            return _with(promised, contract, key=("thing_id", "other_id"))
        case "field gone":
            rest = {each: it for each, it in fields.items() if each != name}
            return _with(promised, contract, fields=rest)
        case "field type":
            type_ = draw(st.sampled_from(sorted(_TYPES.keys() - {field.type})))
            new = msgspec.structs.replace(field, type=type_)
        case "new required":
            name, new = "new_field", PromisedField("text", True, None)
        case "required":
            new = msgspec.structs.replace(field, required=True)
        case "fewer items":
            new = msgspec.structs.replace(field, most=1)
        case "item field gone":
            new = msgspec.structs.replace(field, items={})
        case "new required in items":
            added = {"new_field": PromisedField("text", True, None)}
            new = msgspec.structs.replace(field, items=(field.items or {}) | added)
        case "fewer values":
            new = msgspec.structs.replace(field, values=(*(field.values or ())[1:], "OTHER"))
        case _:
            new = msgspec.structs.replace(field, values=draw(_VALUES))
    return _with_field(promised, contract, name, new)


@given(promised=_PROMISES)
def test_what_is_recorded_is_read_as_it_was(
    promised: Promises, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "released.json"
    file.write_text(released_json(promised), encoding="utf-8")
    assert read_released(file) == promised


@given(promised=_PROMISES, data=st.data(), count=st.integers(0, 6))
def test_any_changes_that_break_nothing_pass_together(
    promised: Promises, data: st.DataObject, count: int
) -> None:
    now = promised
    for _ in range(count):
        now = data.draw(_kept(now))
    assert list(breaks(promised, now)) == []


@given(promised=_PROMISES, data=st.data(), count=st.integers(0, 3))
def test_a_break_is_found_among_any_other_changes(
    promised: Promises, data: st.DataObject, count: int
) -> None:
    contract = data.draw(st.sampled_from(sorted(promised.contracts)))
    now = data.draw(_broken(promised, contract))
    for _ in range(count):
        now = data.draw(_kept(now, contract))
    told = list(breaks(promised, now))
    assert told
    assert all(f"/{contract}.json" in sentence for sentence in told)
