"""Which of the types of types.json the values of a field are of. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from typing import Any, Final

from ingestion.contract_generator.contract import FieldType

# What a value could be, the likeliest first; what a name tells comes before all but the first.
_TELLING: Final = ("boolean", "day", "instant")
_PLAIN: Final = ("integer", "text", "amount", "identifier", "currency")
_TOLD_BY_NAME: Final = (
    ("currency", re.compile(r"(^|_)currency(_|$)")),
    ("amount", re.compile(r"(^|_)(amount|price|total)$")),
    ("identifier", re.compile(r"(^|_)id$")),
)


# The remainder of a number of too many digits is NaN, which is not 0.
_CONTEXT: Final = Context(traps=[])


class SeenField:
    """What has been seen of a field.

    Attributes:
        count: The events that have it, and not null.
        is_nested: Whether it was an object or a list in one of them.
    """

    def __init__(self) -> None:
        self.count = 0
        self.is_nested = False
        self._types: frozenset[str] | None = None

    def add(self, value: Any, types: Mapping[str, FieldType]) -> None:
        """Take notice of a value."""
        if value is None:
            return
        self.count += 1
        self.is_nested = self.is_nested or isinstance(value, dict | list)
        # Of what no type is left, none comes again.
        if self._types is None or self._types:
            known = types if self._types is None else self._types
            self._types = frozenset(
                name
                for name in known
                if not types[name].is_of_a_table and _is_of(value, types[name].schema)
            )

    def type_of(self, name: str) -> str | None:
        """Return the likeliest type that takes all values; None if no type does.

        Args:
            name: The field's, which says what a text or a number may mean.
        """
        told = (type_ for type_, pattern in _TOLD_BY_NAME if pattern.search(name))
        found = self._types or frozenset()
        return next((each for each in (*_TELLING, *told, *_PLAIN) if each in found), None)

    def fault(self, name: str) -> str | None:
        """Say why no type can be given; None if one can."""
        if not self.count:
            return "it is always null"
        if self.is_nested:
            return (
                "it is an object or a list: let its members be fields of their own, or describe a "
                "list of items by hand"
            )
        if self.type_of(name) is None:
            return "its values are of no one type of types.json"
        return None


def seen_fields(
    events: Iterable[Mapping[str, Any]], types: Mapping[str, FieldType]
) -> tuple[int, dict[str, SeenField]]:
    """Return how many events there were, and what was seen of each field, the first first.

    Args:
        events: The business fields of each.
        types: The types that there are.
    """
    count = 0
    seen: dict[str, SeenField] = {}
    for fields in events:
        count += 1
        for name, value in fields.items():
            seen.setdefault(name, SeenField()).add(value, types)
    return count, seen


def _is_of(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a JSON value satisfies those keywords of JSON Schema that types.json has."""
    named = schema.get("type")
    if named is not None and _json_type(value) not in (
        [named] if isinstance(named, str) else named
    ):
        return False
    if isinstance(value, str) and not _is_text_of(value, schema):
        return False
    if isinstance(value, int | Decimal) and not _is_number_of(Decimal(value), schema):
        return False
    return (
        all(_is_of(value, each) for each in schema.get("allOf", ()))
        and ("anyOf" not in schema or any(_is_of(value, each) for each in schema["anyOf"]))
        and ("not" not in schema or not _is_of(value, schema["not"]))
    )


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "number" if isinstance(value, int | Decimal) else "other"


def _is_text_of(value: str, schema: Mapping[str, Any]) -> bool:
    return (
        schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        and re.search(schema.get("pattern", ""), value) is not None
    )


def _is_number_of(value: Decimal, schema: Mapping[str, Any]) -> bool:
    def given(keyword: str) -> Decimal | None:
        return Decimal(str(schema[keyword])) if keyword in schema else None

    least, most, end, step = map(given, ("minimum", "maximum", "exclusiveMaximum", "multipleOf"))
    return (
        (least is None or value >= least)
        and (most is None or value <= most)
        and (end is None or value < end)
        and (step is None or _CONTEXT.remainder(value, step) == 0)
    )
