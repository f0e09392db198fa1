"""What the contracts say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ingestion.event_type import EventType


class ContractError(ValueError):
    """A file in the contracts folder cannot be used as a contract."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type that fields of any contract share.

    Attributes:
        name: Its name in types.json, e.g. `amount`.
        description: What a value is, and its unit.
        schema: The JSON Schema of its values, with that description.
        data_type: The type of its column, e.g. `decimal(18, 4)`.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    data_type: str

    @property
    def is_of_a_table(self) -> bool:
        """Whether its values are a database's own texts, none of which is refused."""
        return self.name.startswith("row_")


LIST: Final = FieldType(
    "list",
    "A list of items, as the text of a JSON array: of each item the fields that the contract knows "
    "and the event gives, an amount as text with four decimals.",
    {"type": "array"},
    "varchar",
)
"""The type of a field that is a list of items; no type of types.json is called so."""


@dataclass(frozen=True, slots=True)
class Items:
    """What a list holds.

    Attributes:
        most: How many there can be.
        fields: The fields of each; none of them is a list.
    """

    most: int
    fields: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A business field, or a field of the items of one.

    Attributes:
        name: Its name, in the event and as a column.
        type: What its values are; `LIST` for a list of items.
        description: What it means, and its unit.
        is_required: Whether each event, or each item, must have it.
        is_personal: Whether it says something about a person.
        is_past: Of an instant or a day, whether it has to have come when the event arrives, and lie
            within the time that the lakehouse is of: an event without that is rejected.
        values: The texts that it can be; None for any of its type.
        examples: Some of its values.
        items: What a list holds; None of any other type.
    """

    name: str
    type: FieldType
    description: str
    is_required: bool
    is_personal: bool
    is_past: bool
    values: tuple[str, ...] | None
    examples: tuple[Any, ...]
    items: Items | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """What an event type is.

    Attributes:
        event_type: Its name and its domain.
        title: Its name for people.
        description: What it tells.
        kind: `event`, which happened, or `row`, the image of a row elsewhere.
        key: The required fields that name the thing it is about; the first is an identifier.
        cadence: How soon it is read: `fast` or `hourly`.
        entity: Of a row, what the rows are, in the plural; None of an event.
        source: Of a database's table or a feed, the source that it is in; None of all else.
        system: Of such a one, whose ids are in it: of its source unless it says otherwise.
        fields: Its business fields, in the order of their columns.
        examples: The business fields of some events.
    """

    event_type: EventType
    title: str
    description: str
    kind: str
    key: tuple[str, ...]
    cadence: str
    entity: str | None
    source: str | None
    system: str | None
    fields: tuple[Field, ...]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def is_row(self) -> bool:
        """Whether each event is a version of a row, with `op` and `sequence`."""
        return self.kind == "row"

    @property
    def accepted_model(self) -> str:
        """The silver table of its accepted events, e.g. `orders_events`."""
        return f"{self.entity}_versions" if self.is_row else f"{self.event_type.domain}_events"

    @property
    def quarantine_model(self) -> str:
        """The silver table of the lines that are rejected, beside the one of those accepted."""
        beside = f"{self.entity}_versions" if self.is_row else self.event_type.domain
        return f"{beside}_quarantined"

    @property
    def arrivals_model(self) -> str:
        """The model that judges what has arrived for the accepted table."""
        arrivals = f"{self.entity}_arrivals" if self.is_row else "arrivals"
        return f"stg_{self.event_type.domain}__{arrivals}"


def all_fields(contract: Contract) -> Iterator[Field]:
    """Return the business fields, behind each list the fields of its items."""
    for field in contract.fields:
        yield field
        if field.items is not None:
            yield from field.items.fields
