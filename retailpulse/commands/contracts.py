"""`retailpulse contracts`: what landed that no contract has, and a draft of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any, Final

import typer

from ingestion.column_names import field_name_fault
from ingestion.contract_generator.contract import Contract, ContractError, FieldType
from ingestion.contract_generator.contract_reader import (
    read_contracts,
    read_types,
)
from ingestion.event_type import NAME, UNKNOWN, can_be_event_type
from ingestion.known_types import KNOWN_EVENT_TYPES
from retailpulse.errors import SetupError
from retailpulse.formats import printable, table_of
from retailpulse.local.home import Home, find_home
from retailpulse.local.inferred_fields import SeenField, seen_fields
from retailpulse.local.landed_events import landed_events
from retailpulse.local.proposals import proposal
from retailpulse.terminal import Terminal

_SHOWN: Final = 50
_MOST_CHARACTERS: Final = 64

app = typer.Typer(
    name="contracts", help="Draft contracts from what has landed.", no_args_is_help=True
)


@app.callback()
def _contracts() -> None:
    # A group, though of one command so far.
    pass


@app.command()
def propose(
    event_name: Annotated[
        str | None, typer.Argument(help="Of which events; without it, list what has no contract.")
    ] = None,
    domain: Annotated[str | None, typer.Option(help="The business area they belong to.")] = None,
) -> None:
    """List events and fields without a contract, or draft a contract as JSON."""
    home = find_home()
    if event_name is None:
        if domain is not None:
            raise SetupError("--domain is for a draft: name the events, or leave it out")
        _check_raw(home)
        _list(home)
    else:
        _check_names(event_name, domain)
        _check_raw(home)
        _draft(home, event_name, f"{domain}/{event_name}.json")


def _check_raw(home: Home) -> None:
    if not home.raw.is_dir():
        raise SetupError(f"there is no raw zone in {home.root}: see RETAILPULSE_HOME")


def _check_names(event_name: str, domain: str | None) -> None:
    if not can_be_event_type(event_name):
        raise SetupError(
            f"no contract can be of {_shown(event_name)}: an event type is called like "
            f"{NAME.pattern}, and not unknown, true, false or null"
        )
    if event_name in KNOWN_EVENT_TYPES:
        known = KNOWN_EVENT_TYPES[event_name]
        raise SetupError(f"there is a contract already: {known.domain}/{event_name}.json")
    if domain is None or not NAME.fullmatch(domain):
        raise SetupError(f"say which domain: --domain with a name like {NAME.pattern}")


def _list(home: Home) -> None:
    contracts, types = _known()
    known = {each.event_type.name: {field.name for field in each.fields} for each in contracts}
    names: dict[str, _Arrivals] = {}
    seen: dict[tuple[str, str], SeenField] = {}
    terminal = Terminal()
    with terminal.step("Reading raw") as step:
        for read, landed in enumerate(landed_events(home.raw), start=1):
            step.update(f"{read:,} events")
            if landed.event_type in known:
                for name, value in landed.fields.items():
                    if name not in known[landed.event_type]:
                        field = seen.setdefault((landed.event_type, name), SeenField())
                        field.add(value, types)
            elif landed.event_type == UNKNOWN and landed.name and landed.name not in known:
                names.setdefault(landed.name, _Arrivals()).add(landed.received_at)
    _show(
        terminal,
        "Event names without a contract",
        ("event_name", "events", "first_arrival", "last_arrival", "note"),
        [
            (
                *(_shown(name), each.count, _second(each.first), _second(each.last)),
                "" if can_be_event_type(name) else "no event type can be called so",
            )
            for name, each in names.items()
        ],
    )
    _show(
        terminal,
        "Fields that their contract does not have",
        ("event_type", "events", "field", "type", "note"),
        [
            (
                *(event_type, each.count, _shown(name), each.type_of(name) or ""),
                field_name_fault(name) or each.fault(name) or "",
            )
            for (event_type, name), each in seen.items()
        ],
    )
    if any(map(can_be_event_type, names)):
        terminal.say("A draft: retailpulse contracts propose <event_name> --domain <domain>")


class _Arrivals:
    """How many events arrived, and when the first and the last."""

    def __init__(self) -> None:
        self.count = 0
        self.first = self.last = ""

    def add(self, received_at: str) -> None:
        self.count += 1
        self.first = min(self.first or received_at, received_at)
        self.last = max(self.last, received_at)


def _show(
    terminal: Terminal, title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Show those of the most events, of which the second column has the number."""
    if not rows:
        terminal.say(f"{title}: none")
        return
    rows.sort(key=lambda row: (-row[1], row))
    terminal.show(table_of(columns, rows[:_SHOWN], title))
    if len(rows) > _SHOWN:
        terminal.say(f"… and {len(rows) - _SHOWN:,} more, of fewer events")


def _draft(home: Home, event_name: str, path: str) -> None:
    _, types = _known()
    count, seen = seen_fields(
        (each.fields for each in landed_events(home.raw, UNKNOWN) if each.name == event_name), types
    )
    if not count:
        raise SetupError(
            f"no event named {event_name} has landed in {home.root}: "
            "`retailpulse contracts propose` lists those that have"
        )
    contract, notes = proposal(event_name, count, seen)
    typer.echo(json.dumps(contract, indent=2))
    for note in notes:
        typer.echo(f"note: {printable(note)}", err=True)
    if not contract["x-key"]:
        typer.echo(
            "note: no field called …_id is in every event: name in x-key what they are about",
            err=True,
        )
    typer.echo(
        f"From {count:,} events. Next: write each description, add "
        '"x-personal": true where a field says something about a person, save it as '
        f"ingestion/contracts/{path}, run `make contracts`; then "
        "`retailpulse quarantine --replay` sends these events down the road again.",
        err=True,
    )


def _known() -> tuple[tuple[Contract, ...], Mapping[str, FieldType]]:
    folder = resources.files("ingestion") / "contracts"
    try:
        return read_contracts(folder), read_types(folder)
    except ContractError as error:
        raise SetupError(f"ingestion/contracts/{error}") from error


def _shown(name: str) -> str:
    """A name as it can be written anywhere: it is whatever a producer sent."""
    text = printable(name)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _second(received_at: str) -> str:
    return received_at[:19].replace("T", " ")
