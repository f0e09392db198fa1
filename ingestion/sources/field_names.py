"""What the names of columns, of tables and of files alike, become here. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from ingestion.column_names import field_name_fault

_NOT_OF_A_NAME: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 60


def normalised(name: str) -> str:
    """Return a name in lower-case ASCII letters, digits and `_`: `gr_e_cm` for `Größe cm`."""
    return _NOT_OF_A_NAME.sub("_", name.lower()).strip("_")


def compared(name: str) -> str:
    """Return a name as the names of columns are compared: without case, space and punctuation."""
    return normalised(name) or name.strip().casefold()


def field_of(column: str) -> str:
    """Return what a column is called in its events, and in silver.

    It is `normalised`, with `c_` before what would begin with no letter, and `_` behind what means
    something else: a word of SQL (`order_`), or a column that each silver table has (`source_`).
    """
    name = normalised(column)
    if not name:
        name = hashlib.sha256(column.encode()).hexdigest()[:8]
    if not name[0].isalpha():
        name = f"c_{name}"
    name = name[:_LONGEST]
    return name if field_name_fault(name) is None else f"{name}_"
