"""The value for which an event was refused, as its producer sent it."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw

from retailpulse.formats import printable

MISSING: Final = "(missing)"

_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode


def refused_value(payload: bytes, field: str | None, width: int) -> str:
    """Say what was refused: `amount: -12.50`, or the beginning of the body.

    Args:
        payload: What the producer sent.
        field: The field at fault, by its path (`data.amount`, of the items of a list
            `items.unit_price`); None where it is the whole body.
        width: How many characters fit; what is longer is cut, and says how long it is.
    """
    value = payload.decode(errors="replace") if field is None else _value(payload, field)
    label = "" if field is None else f"{field}: "
    return label + _cut(printable(value), width - len(label))


def _value(payload: bytes, field: str) -> str:
    value = payload
    for name in field.split("."):
        # Of which item it is the path does not say.
        if value.lstrip().startswith(b"["):
            break
        try:
            value = bytes(_decode_members(value)[name])
        except (msgspec.MsgspecError, KeyError):
            return MISSING
    return value.decode(errors="replace")


def _cut(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    told = f"… ({len(text):,} characters)"
    return text[: max(0, width - len(told))] + told
