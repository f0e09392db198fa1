"""The page that tells producers which event types there are, and what each takes."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from ingestion.contract_generator.contract import Contract, Field, FieldType
from ingestion.contract_generator.marker import MARKER

FILE: Final = "docs/contracts/README.md"

_HEAD: Final = f"""\
<!-- {MARKER} -->

# Event types

What producers can send, by domain. Around these fields an event has its envelope, flat or as a
CloudEvent: [what a message may be](../events.md). Each type links to its JSON Schema, with examples
in both forms. An optional field may be null or left out; further fields are allowed. Of a list the
fields of each item stand below it: `items.quantity` is in each object of `items`.

An event of kind *event* happened, and stands. One of kind *row* is the image of a row elsewhere: it
also says `op`, `upsert` or `delete`, and `sequence`, where it stands among the versions of its row
(text of 1 to 128 characters out of `0-9A-Za-z._:/-`, compared byte by byte). Both stand at the top,
beside `event_ts` or `time`. A `delete` needs only the key.
"""


def contracts_page(contracts: Iterable[Contract], types: Mapping[str, FieldType]) -> str:
    """Return the text of the page.

    Args:
        contracts: All contracts.
        types: All types by name, in the order of the page.
    """
    by_domain = sorted(contracts, key=lambda c: (c.event_type.domain, c.event_type.name))
    parts = [_HEAD]
    for domain, of_domain in groupby(by_domain, key=lambda c: c.event_type.domain):
        parts.append(f"## {domain}\n")
        parts.extend(_section(contract) for contract in of_domain)
    parts.append("## Types of fields\n")
    rows = (f"| `{each.name}` | {_cell(each.description)} |" for each in types.values())
    parts.append("\n".join(["| type | what it is |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _section(contract: Contract) -> str:
    known = contract.event_type
    key = ", ".join(f"`{name}`" for name in contract.key)
    about = f"{contract.kind.capitalize()}, key {key}"
    return "\n".join(
        [
            f"### [`{known.name}`]({known.domain}/{known.name}.json)\n",
            f"{contract.description} ({about}.)\n",
            "| field | type | required | meaning |",
            "|---|---|---|---|",
            *(row for field in contract.fields for row in _rows(field)),
            "",
        ]
    )


def _rows(field: Field) -> Iterator[str]:
    if field.items is None:
        yield _row(field, field.name, f"`{field.type.name}`")
    else:
        yield _row(field, field.name, f"list of at most {field.items.most:,} objects")
        for each in field.items.fields:
            yield _row(each, f"{field.name}.{each.name}", f"`{each.type.name}`")


def _row(field: Field, name: str, type_: str) -> str:
    if field.values is not None:
        type_ = ", ".join(f"`{value}`" for value in field.values)
    required = "yes" if field.is_required else ""
    past = " It has to have come when the event arrives." if field.is_past else ""
    personal = " Personal data." if field.is_personal else ""
    return f"| `{name}` | {type_} | {required} | {_cell(field.description)}{past}{personal} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
