"""Lists of properties in Hive's DDL."""

from __future__ import annotations

from local_athena.statements.cursor import Cursor


def parse_properties(cursor: Cursor) -> dict[str, str]:
    """Read `('key' = 'value', …)`."""
    properties = {}
    cursor.expect("(")
    while True:
        key = cursor.hive_string()
        cursor.expect("=")
        properties[key] = cursor.hive_string()
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return properties


def parse_property_names(cursor: Cursor) -> tuple[str, ...]:
    """Read `('key', …)`."""
    cursor.expect("(")
    names = [cursor.hive_string()]
    while cursor.accept(","):
        names.append(cursor.hive_string())
    cursor.expect(")")
    return tuple(names)
